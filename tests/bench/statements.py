"""Which statements Postgres spends itself on, by its own count (pg_stat_statements), where the server has that."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from deploy.local.network import LocalNetwork

_HAS = "select exists (select from pg_available_extensions where name = 'pg_stat_statements')"
_MOST_COSTLY = """
select d.datname, s.query, s.calls, s.rows, round(s.total_exec_time) as ms,
    s.shared_blks_hit + s.shared_blks_read as pages, s.shared_blks_read as read_pages, s.wal_bytes
from pg_stat_statements s join pg_database d on d.oid = s.dbid
order by s.total_exec_time desc limit $1"""


class Statements:
    """Counts the statements of a running network's server; restarts the network once, to have them counted.

    Pages touched tell growth whatever else the machine does; milliseconds are by the clock.
    """

    def __init__(self, network: LocalNetwork) -> None:
        self._dsn = network.postgres.admin_dsn
        self._is_there = bool(self._run(_HAS)[0][0])
        if self._is_there:
            self._run("alter system set shared_preload_libraries = 'pg_stat_statements'")
            network.down()
            network.up()
            self._run("create extension if not exists pg_stat_statements")

    def forget(self) -> None:
        """Count from zero."""
        if self._is_there:
            self._run("select pg_stat_statements_reset()")

    def most_costly(self, limit: int = 25) -> list[dict[str, Any]]:
        """Tell the costliest since `forget`, dearest first; nothing where the server does not count."""
        if not self._is_there:
            return []
        return [_told(row) for row in self._run(_MOST_COSTLY, limit)]

    def _run(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        return asyncio.run(_fetch(self._dsn, statement, *arguments))


async def _fetch(dsn: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


def _told(row: asyncpg.Record) -> dict[str, Any]:
    query = re.sub(r"\s+", " ", row["query"]).strip()[:160]
    return dict(row) | {"query": query, "ms": int(row["ms"]), "wal_bytes": int(row["wal_bytes"])}
