"""The roles of a server's databases: who owns them, who works in them, who only reads; and how each gets its layout."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode

import asyncpg

from litopys.postgres.grants import bring_up_to_date

OWNER = "litopys_owner"
SERVICE = "litopys_service"
READER = "litopys_reader"
_ROLES = (OWNER, SERVICE, READER)
_IS_SUPERUSER = "select rolsuper from pg_roles where rolname = current_user"
# A database that was made before there were roles: what the owner now is to own.
_HAND_OVER = f"""
do $$
declare
    mine regclass;
begin
    for mine in
        select c.oid from pg_class c left join pg_depend d on d.objid = c.oid and d.deptype in ('a', 'i')
        where c.relnamespace = 'public'::regnamespace and c.relowner <> '{OWNER}'::regrole
          and (c.relkind in ('r', 'p') or (c.relkind = 'S' and d.objid is null))
    loop
        execute format('alter table %s owner to {OWNER}', mine);
    end loop;
end $$"""  # noqa: S608 -- made of constants


def as_role(dsn: str, role: str) -> str:
    """Answer the DSN of the same database as another role: it logs in, or on another's server, who does takes it."""
    place, _, asked = dsn.partition("?")
    query = dict(parse_qsl(asked))
    query["user" if "user" in query else "role"] = role
    return f"{place}?{urlencode(query, safe='/', quote_via=quote)}"


async def make_roles(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Create the roles that are not there yet."""
    there = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
    for role in _ROLES:
        if role in there:
            continue
        try:
            await connection.execute(f"create role {role} login")
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):  # somebody else just did
            continue
        if not await connection.fetchval(_IS_SUPERUSER):
            await connection.execute(f"grant {role} to current_user")


async def hand_over(dsn: str, name: str) -> None:
    """Make the owner own the database at `dsn`, and every table in it."""
    connection = await asyncpg.connect(dsn, server_settings={"default_transaction_read_only": "off"})
    try:
        await connection.execute(f'alter database "{name}" owner to {OWNER}')
        await connection.execute(_HAND_OVER)
    finally:
        await connection.close()


async def migrate_database(dsn: str, kind: str) -> list[str]:
    """Bring the database at `dsn` to this build's layout as its owner, and let the roles do what they must.

    `kind` is `ledger` or `sector`; answers the migrations that were applied.
    """
    return await bring_up_to_date(as_role(dsn, OWNER), kind, service_role=SERVICE, reader_role=READER)
