"""An import into a store whose events nobody seals: rows are read, decided and written as ever; nothing is awaited."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from deploy.local.databases import SERVICE, as_role, migrate_database
from litopys.postgres import sector_imports as store
from litopys.postgres.pool import open_pool, transaction
from litopys.postgres.sector_imports import Counts
from litopys.postgres.sector_requests import load_digest_key
from litopys.service.imports.importer import Importer
from litopys.service.imports.importing import Importing
from litopys.service.imports.request import ImportRequest
from litopys.service.imports.source import open_source
from litopys.service.search.indexing import Indexing
from litopys.service.sector import Sector
from litopys.service.writing import Writer


class Unsealed(Importing):
    """An import that ends when all is read."""

    async def read_all(self) -> Counts:
        with open_source(self._request.path, self._importer) as source:
            run, _ = await self._read(source)
        async with transaction(self._pool) as connection:
            await store.close_run(connection, run)
        return run.counts


def import_twice(sector: Sector, dsn: str, importer: Importer, path: Path) -> tuple[Counts, Counts]:
    """Import a file into an empty database, and once more; gives the counts of both."""
    first, again = import_each(sector, dsn, importer, [path, path])
    return first, again


def import_each(sector: Sector, dsn: str, importer: Importer, paths: Sequence[Path]) -> list[Counts]:
    """Import files one after another, the first into an empty database; gives the counts of each."""
    return asyncio.run(_import_each(sector, dsn, importer, paths))


async def _import_each(sector: Sector, dsn: str, importer: Importer, paths: Sequence[Path]) -> list[Counts]:
    await migrate_database(dsn, "sector")
    pool = await open_pool(as_role(dsn, SERVICE), max_size=2)
    try:
        writer = Writer(
            origin="litopys.example/test",
            sector=sector.name,
            partitions=8,
            domain=sector.domains[max(sector.domains)],
            indexing=Indexing(sector.searches, await load_digest_key(pool)),
        )
        return [await _importing(sector, writer, pool, importer=importer, path=path).read_all() for path in paths]
    finally:
        await pool.close()


def _importing(sector: Sector, writer: Writer, pool, *, importer: Importer, path: Path) -> Unsealed:
    request = ImportRequest(
        importer=importer,
        path=path,
        actor="importer:1",
        approver=None,
        authority="a ministry",
        basis="order 1",
        as_of="2026-11-01",
        report=path.with_suffix(".report"),
    )
    return Unsealed(sector, writer=writer, pool=pool, request=request, on_progress=lambda _progress: None)
