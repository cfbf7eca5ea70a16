"""What an import costs its own process: time a row and an event, and memory while the file goes by.

    python -m tests.bench.bench_import [--rows 20000] [--events-per-row 4] [--database-url DSN] [--profile]

A sample of titles is made under var/, then read, decided and, with a database, committed; no relay runs, so nothing is
waited for. Without a database the rows meet an empty store, and only reading and deciding are measured. Memory is told
at every tenth of the rows; what grows with the file would show there.
"""

import argparse
import asyncio
import cProfile
import pstats
import resource
import time
from itertools import islice
from pathlib import Path
from typing import Any

from litopys.postgres.migrations import migrate
from litopys.postgres.pool import open_pool
from litopys.postgres.sector_requests import load_digest_key
from litopys.service.garbage import spare_what_is_loaded
from litopys.service.imports import frame as import_frame
from litopys.service.imports.batches import Batching
from litopys.service.imports.importing import BATCH_ROWS, Importing
from litopys.service.imports.progress import Progress
from litopys.service.imports.request import ImportRequest
from litopys.service.imports.source import open_source
from litopys.service.search.indexing import Indexing
from litopys.service.writing import Writer
from services.registers.domain import DOMAINS
from services.registers.importers import TITLES
from services.registers.sample.features import sample
from services.registers.sector import SECTOR

FOLDER = Path(__file__).parents[2] / "var"
TENTHS = 10


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make_sample(path: Path, *, rows: int, events_per_row: float) -> None:
    if path.exists():
        return
    with path.open("wb") as file:
        for piece in sample(rows=rows, seed=1, events_per_row=events_per_row):
            file.write(piece)


def writer_with(digest_key: bytes) -> Writer:
    indexing = Indexing(SECTOR.searches, digest_key)
    return Writer("ledger.example/bench", "registers", 8, DOMAINS[max(DOMAINS)], indexing)


class EmptyStore:
    """Knows nothing: every row is new."""

    async def fetch(self, *_query: object) -> list[Any]:
        return []


class Watch:
    """Says how it goes at every tenth."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.began = time.perf_counter()
        self.cpu_began = time.process_time()
        self.told = 0

    def tell(self, *, read: int, events: int) -> None:
        if read * TENTHS // self.rows > self.told:
            self.told = read * TENTHS // self.rows
            passed = time.perf_counter() - self.began
            cpu = time.process_time() - self.cpu_began
            print(
                f"{read:>9} rows {events:>9} events {read / passed:7.0f} rows/s {1e6 * cpu / events:6.0f} µs of CPU an"
                f" event, {resident_mib():5.0f} MiB resident, {peak_mib():5.0f} at most",
                flush=True,
            )

    def on_progress(self, progress: Progress) -> None:
        self.tell(read=progress.counts.read, events=progress.counts.events)


async def decide_all(path: Path, watch: Watch) -> None:
    batching = Batching(TITLES, writer_with(b"k" * 32), b"k" * 32, "importer", "a" * 32)
    read = events = 0
    with path.open("rb") as file:
        rows = TITLES.rows(file, number=1, offset=0)
        while chunk := list(islice(rows, BATCH_ROWS)):
            batch = await batching.prepare(EmptyStore(), chunk)  # type: ignore[arg-type]
            read, events = read + batch.counts.read, events + batch.counts.events
            watch.tell(read=read, events=events)


async def import_all(path: Path, watch: Watch, database_url: str) -> None:
    import_frame._OPENING_S = 0.0  # nobody will make it final
    pool = await open_pool(database_url)
    async with pool.acquire() as connection:
        await migrate(connection, "litopys.postgres.sql.sector", "sector")
    request = ImportRequest(
        importer=TITLES,
        path=path,
        actor="importer",
        approver=None,
        authority="bench",
        basis="bench",
        as_of="2026-11-25",
        report=path.with_suffix(".report"),
    )
    writer = writer_with(await load_digest_key(pool))
    importing = Importing(SECTOR, writer=writer, pool=pool, request=request, on_progress=watch.on_progress)
    with open_source(path, TITLES) as source:
        await importing._read(source)
    await pool.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--events-per-row", type=float, default=4.0)
    parser.add_argument("--database-url")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    path = FOLDER / f"import-{given.rows}-{given.events_per_row}.geojson"
    path.parent.mkdir(exist_ok=True)
    make_sample(path, rows=given.rows, events_per_row=given.events_per_row)
    print(f"{path.stat().st_size / (1 << 20):.0f} MiB, {resident_mib():.0f} MiB resident before")
    spare_what_is_loaded()
    watch = Watch(given.rows)
    work = decide_all(path, watch) if given.database_url is None else import_all(path, watch, given.database_url)
    if not given.profile:
        asyncio.run(work)
        return
    with cProfile.Profile() as profile:
        asyncio.run(work)
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
