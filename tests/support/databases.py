"""Empty databases for tests. One that was given back is cleaned and lent again.

To make one and to drop it, the server writes out all that it holds: a second for what a test needs a moment.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from deploy.local.databases import SERVICE
from deploy.local.postgres import SUPERUSER, GivenPostgres, OwnPostgres, create_database, drop_database

# Whatever a test made outside of the schema `public`, where the product keeps everything.
_ELSEWHERE = """
select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')
union all select extname from pg_extension where extname <> 'plpgsql'
union all select oid::text from pg_largeobject_metadata"""


def administrator(dsn: str) -> str:
    """The same database as whoever runs the server: tests tamper as they do, and never as a role of the product."""
    return dsn.replace(f"user={SERVICE}", f"user={SUPERUSER}").replace(f"role={SERVICE}", "role=none")


@asynccontextmanager
async def tampering(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A session of the administrator, which may write whatever the server's default says."""
    connection = await asyncpg.connect(administrator(dsn), server_settings={"default_transaction_read_only": "off"})
    try:
        yield connection
    finally:
        await connection.close()


class Databases:
    """The databases of one server, which are nobody else's. Close it to drop them."""

    def __init__(self, server: GivenPostgres | OwnPostgres) -> None:
        self._server = server
        self._names: dict[str, str] = {}
        self._clean: list[str] = []

    async def lend(self) -> str:
        """Answer the DSN of an empty database."""
        if self._clean:
            return self._clean.pop()
        name = f"test_{secrets.token_hex(6)}"
        dsn = await create_database(self._server, name)
        self._names[dsn] = name
        return dsn

    async def take_back(self, dsn: str) -> None:
        """End whatever still uses the database and empty it."""
        name = self._names[dsn]
        connection = await asyncpg.connect(dsn, server_settings={"default_transaction_read_only": "off"})
        try:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            await connection.execute(
                f'alter database "{name}" reset all;'
                "drop schema public cascade; create schema public authorization pg_database_owner;"
                "grant usage on schema public to public"
            )
            is_clean = not await connection.fetch(_ELSEWHERE)
        finally:
            await connection.close()
        if is_clean:
            self._clean.append(dsn)
        else:
            await self._drop(dsn)

    async def close(self) -> None:
        """Drop all of them."""
        for dsn in list(self._names):
            await self._drop(dsn)

    async def _drop(self, dsn: str) -> None:
        await drop_database(self._server, self._names.pop(dsn))
