"""Faults of a real Postgres: it refuses with a state of the test's choosing, can only be read, or lets nobody in."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.databases import tampering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

DISK_FULL, TOO_MANY_CONNECTIONS, STATEMENT_TIMEOUT = "53100", "53300", "57014"

# A sequence is not rolled back: it counts what was refused.
_REFUSE = """
create sequence refusals;
create function refuse() returns trigger language plpgsql security definer as $$
begin
    perform nextval('refusals');
    raise exception 'refused by the test' using errcode = '{state}';
end $$;
create trigger refusing before insert or update or delete on {table} for each row execute function refuse()"""
_ALLOW = "drop trigger refusing on {table}; drop function refuse; drop sequence refusals"
_REFUSALS = "select case when is_called then last_value else 0 end from refusals"


@asynccontextmanager
async def refusing(dsn: str, table: str, *, state: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """While it lasts, the server refuses every row of `table` with a SQLSTATE; yields what counts the refusals."""
    async with tampering(dsn) as connection:
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
    async with tampering(dsn) as connection:
        await connection.execute(statement)
        await connection.execute("select pg_reload_conf()")


async def end_sessions(dsn: str) -> None:
    """End all sessions of a database, as a restart or a failover does."""
    async with tampering(dsn) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


@asynccontextmanager
async def out_of_reach(admin_dsn: str, dsn: str) -> AsyncIterator[None]:
    """While it lasts, a database takes no connections, and those that it had are ended."""
    await shut_out(admin_dsn, dsn)
    try:
        yield
    finally:
        await let_in(admin_dsn, dsn)


async def shut_out(admin_dsn: str, dsn: str) -> None:
    """End all sessions of a database and let nobody in."""
    name = urlsplit(dsn).path.strip("/")
    async with tampering(admin_dsn) as connection:
        await connection.execute(f'alter database "{name}" allow_connections false')
        await connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)


async def let_in(admin_dsn: str, dsn: str) -> None:
    """Let sessions in again."""
    async with tampering(admin_dsn) as connection:
        await connection.execute(f'alter database "{urlsplit(dsn).path.strip("/")}" allow_connections true')


def at_once(work: Coroutine[None, None, None]) -> None:
    """Do work of this room while the loop of the test stands still."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def wait_refused(refusals: Callable[[], Awaitable[int]], *, times: int = 2) -> None:
    """Wait until the fault was met so often: once when it comes, once more by whoever tried again."""
    async with asyncio.timeout(30):
        while await refusals() < times:
            await asyncio.sleep(0.01)
