"""Whether Postgres read tables from end to end: what grows with them must not be asked at every block or request."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.support.databases import tampering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litopys.postgres.pool import Connection


@asynccontextmanager
async def nothing_read_through(connection: Connection, dsn: str, *tables: str) -> AsyncIterator[None]:
    """Fail if what `connection` does inside goes through one of `tables` row by row. They must be large to show it.

    `dsn` is that of its database: the administrator tells Postgres how large they are.
    """
    async with tampering(dsn) as administrator:
        await administrator.execute(f"analyze {', '.join(tables)}")
    before = await _rows_read_through(connection, tables)
    yield
    after = await _rows_read_through(connection, tables)
    assert after == before, f"rows read from end to end: {after}, before {before}"


async def _rows_read_through(connection: Connection, tables: tuple[str, ...]) -> dict[str, int]:
    await connection.execute("select pg_stat_force_next_flush()")
    await connection.execute("select pg_stat_clear_snapshot()")
    found = await connection.fetch(
        "select relname, seq_tup_read from pg_stat_user_tables where relname = any($1::text[])", list(tables)
    )
    assert len(found) == len(tables)
    return {row["relname"]: row["seq_tup_read"] for row in found}
