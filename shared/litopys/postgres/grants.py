"""What roles may do in a database: the owner everything, the service what its code does, the reader nothing but read.

Derived from the statements of `postgres/`; tests hold it against every table. What is final, the service can neither
change nor remove: the few columns that its statements change are named, and DELETE is granted on queues alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed
from litopys.postgres.migrations import LOCK, SchemaBehind, check_schema, migrate
from litopys.postgres.pool import connect, failures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from litopys.postgres.pool import Connection


class Allowed(NamedTuple):
    """What the service may do with a table beside reading it."""

    insert: bool = True
    update: tuple[str, ...] = ()
    delete: bool = False


class Grants(NamedTuple):
    """Everything that the roles are granted in one kind of database. Readers do not see `hidden` tables."""

    tables: Mapping[str, Allowed]
    functions: tuple[str, ...]
    sequences: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()


_ADDED = Allowed()
_READ = Allowed(insert=False)
LEDGER = Grants(
    tables={
        "schema_migration": _READ,
        "identity": Allowed(update=("cluster_id",)),
        "topic": _ADDED,
        "position": Allowed(update=("next_offset",)),
        "block": _ADDED,
        "entry": _ADDED,
        "tile": Allowed(update=("hashes",)),  # a trigger sees to it that tiles only grow
        "stream": Allowed(update=("version", "last_index", "state")),
        "rejection": _ADDED,
        "vote": Allowed(update=("height",)),
        "cosignature": _ADDED,
        "log_signature": _ADDED,
        "final_checkpoint": _ADDED,
        "evidence": _ADDED,
    },
    functions=("ensure_entry_partitions(bigint)",),
)
SECTOR = Grants(
    tables={
        "schema_migration": _READ,
        "stream": Allowed(update=("version", "state", "stopped"), delete=True),
        "event": _ADDED,
        "rejected_event": _READ,
        "outbox": Allowed(update=("held",), delete=True),
        "signed": Allowed(delete=True),
        "publication": _ADDED,
        "foreign_record": Allowed(delete=True),
        "follow_position": Allowed(update=("offset",)),
        "follow_identity": _ADDED,
        "sealed_end": Allowed(update=("offset",)),
        "final_range": _ADDED,
        "rejection": Allowed(update=("settled",)),
        "final_block": _ADDED,
        "disclosure": Allowed(update=("disclosure", "lookup", "erased_at", "erased_by")),
        "digest_key": _READ,
        "idempotency": Allowed(update=("payload_digest",), delete=True),
        "import_run": Allowed(
            update=(
                *("next_number", "next_offset", "counts", "first_position", "last_position"),
                *("read_at", "closed_at", "is_cut", "vanished"),
            )
        ),
        "import_row": Allowed(update=("subject", "run", "seen", "before", "part", "vanished_in")),
        "import_remark": Allowed(update=("reason",)),
        "search_entry": Allowed(update=("terms", "words", "persons"), delete=True),
        "search_built": Allowed(update=("version",)),
        "event_trace": Allowed(delete=True),
        "access_record": _ADDED,
    },
    functions=("reject_events(text, bigint[], text)",),
    sequences=("event_position",),
    # Personal fields, what they are found by, and what could confirm a guess at them.
    hidden=frozenset({"disclosure", "search_entry", "import_remark", "idempotency", "digest_key"}),
)
GRANTS = {"ledger": LEDGER, "sector": SECTOR}
PACKAGES = {name: f"litopys.postgres.sql.{name}" for name in GRANTS}
"""Where the migrations of each kind of database are."""

_ROLE = "select rolsuper, pg_has_role(oid, current_user, 'usage') as is_owner from pg_roles where rolname = $1"
_LACKING = """
select string_agg(privilege || ' on ' || name, ', ' order by name, privilege)
from unnest($1::text[], $2::text[], $3::text[]) as needed (name, field, privilege)
where not case when field = '' then has_table_privilege(quote_ident(name), privilege)
               else has_column_privilege(quote_ident(name), field, privilege) end"""


async def bring_up_to_date(
    dsn: str, name: str, *, service_role: str | None = None, reader_role: str | None = None
) -> list[str]:
    """Apply the migrations of `name` that the database at `dsn` lacks, then grant; returns the files applied.

    Raises what `migrate` and `grant` raise.
    """
    connection = await connect(dsn, name="litopys-migrate", command_timeout_s=None)
    try:
        applied = await migrate(connection, PACKAGES[name], name)
        await grant(connection, name, service_role=service_role, reader_role=reader_role)
    finally:
        await connection.close()
    return applied


async def grant(connection: Connection, name: str, *, service_role: str | None, reader_role: str | None) -> None:
    """Set what the roles may do, as the owner of all that is there: all of it at one moment, beside sessions at work.

    Raises Malformed where a role is not there, or is the owner itself: then nothing would be kept from it.
    """
    grants = GRANTS[name]
    with failures():
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
            await connection.execute("revoke create on schema public from public")
            if service_role is not None:
                await _grant(connection, service_role, _of_service(grants))
            if reader_role is not None:
                readable = sorted(grants.tables.keys() - grants.hidden)
                await _grant(connection, reader_role, [f"select on {', '.join(readable)}"])


async def check_database(connection: Connection, name: str) -> None:
    """Check that a process that writes can work here: the layout is that of this build, and its role may do all of it.

    Raises what `check_schema` raises.
    """
    await check_schema(connection, PACKAGES[name], name)
    needed = [
        (table, field, privilege)
        for table, allowed in GRANTS[name].tables.items()
        for field, privilege in (
            ("", "select"),
            *([("", "insert")] if allowed.insert else []),
            *((column, "update") for column in allowed.update),
            *([("", "delete")] if allowed.delete else []),
        )
    ]
    with failures():
        lacking = await connection.fetchval(_LACKING, *(list(column) for column in zip(*needed, strict=True)))
    if lacking:
        told = f"run `litopys migrate {name} --service-role ROLE` as its owner"
        raise SchemaBehind(f"in the database of the {name} this role lacks {lacking}: {told}")


def _of_service(grants: Grants) -> Iterator[str]:
    yield f"select on {', '.join(grants.tables)}"
    yield f"insert on {', '.join(table for table, allowed in grants.tables.items() if allowed.insert)}"
    for table, allowed in grants.tables.items():
        if allowed.update:
            columns = ", ".join(f'"{column}"' for column in allowed.update)
            yield f"update ({columns}) on {table}"
    if removed := [table for table, allowed in grants.tables.items() if allowed.delete]:
        yield f"delete on {', '.join(removed)}"
    yield from (f"execute on function {function}" for function in grants.functions)
    yield from (f"usage on sequence {sequence}" for sequence in grants.sequences)


async def _grant(connection: Connection, role: str, what: Iterable[str]) -> None:
    found = await connection.fetchrow(_ROLE, role)
    if found is None:
        raise Malformed(f"there is no role {role}: whoever runs the server makes it (create role … login)")
    if found["rolsuper"] or found["is_owner"]:
        raise Malformed(f"role {role} is the owner of these tables, or may all that it may: nothing is kept from it")
    name = await connection.fetchval("select quote_ident($1)", role)
    taken = [f"revoke all on all {kind} in schema public from {name}" for kind in ("tables", "sequences", "functions")]
    given = [f"grant {one} to {name}" for one in ("usage on schema public", *what)]
    await connection.execute("; ".join([*taken, *given]))
