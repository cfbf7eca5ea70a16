"""Faults of a real Postgres: what it refuses with a state of the test's choosing, a server that can only be read, a
disk that is full."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

DISK_FULL, TOO_MANY_CONNECTIONS, STATEMENT_TIMEOUT = "53100", "53300", "57014"
_STEP_BYTES = 1 << 16

# A sequence is not rolled back: it counts what was refused.
_REFUSE = """
create sequence refusals;
create function refuse() returns trigger language plpgsql as $$
begin
    perform nextval('refusals');
    raise exception 'refused by the test' using errcode = '{state}';
end $$;
create trigger refusing before insert or update or delete on {table} for each row execute function refuse()"""
_ALLOW = "drop trigger refusing on {table}; drop function refuse; drop sequence refusals"
_REFUSALS = "select case when is_called then last_value else 0 end from refusals"


@asynccontextmanager
async def session(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A session of the test's own, which may write whatever the server's default says."""
    connection = await asyncpg.connect(dsn, server_settings={"default_transaction_read_only": "off"})
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def refusing(dsn: str, table: str, *, state: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """While it lasts, the server refuses every row of `table` with a SQLSTATE; yields what counts the refusals."""
    async with session(dsn) as connection:
        await connection.execute(_REFUSE.format(state=state, table=table))

        async def refusals() -> int:
            count: int = await connection.fetchval(_REFUSALS)
            return count

        try:
            yield refusals
        finally:
            await connection.execute(_ALLOW.format(table=table))


@asynccontextmanager
async def read_only_server(dsn: str) -> AsyncIterator[None]:
    """While it lasts, the whole server can only be read, in sessions that are open as well."""
    await _reload(dsn, "alter system set default_transaction_read_only = on")
    try:
        yield
    finally:
        await _reload(dsn, "alter system reset default_transaction_read_only")


async def _reload(dsn: str, statement: str) -> None:
    async with session(dsn) as connection:
        await connection.execute(statement)
        await connection.execute("select pg_reload_conf()")


async def end_sessions(dsn: str) -> None:
    """End all sessions of a database, as a restart or a failover does."""
    async with session(dsn) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


class SmallDisk:
    """A disk of a few megabytes with a database on it, filled up and freed by a file beside the tables."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.dsn = dsn
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(_STEP_BYTES)):
                    pass
            except OSError:
                return

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink()


async def wait_refused(refusals: Callable[[], Awaitable[int]], *, times: int = 2) -> None:
    """Wait until the fault was met so often: once when it comes, once more by whoever tried again."""
    async with asyncio.timeout(30):
        while await refusals() < times:
            await asyncio.sleep(0.01)
