"""Moving a register onto the ledger: batches through the same append as commands, resumable at any row.

Order of durable steps: the run with its opening event; batch after batch with the place in the file; that all was
read; the closing events; the end. Killed between any two, the next call with the same file goes on from there.
"""

from __future__ import annotations

import asyncio
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres import sector_imports as store
from litopys.postgres.pool import failures, open_pool, transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_requests import keyed_digest, load_digest_key
from litopys.service import metrics
from litopys.service.import_batches import Batching
from litopys.service.import_frame import Framing
from litopys.service.import_report import write_report
from litopys.service.patience import patiently
from litopys.service.process import migrate_store, open_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.exports.rows import Row
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_imports import Counts, RejectedRow, Run
    from litopys.service.sector import Importer, Sector
    from litopys.service.writing import Writer

BATCH_ROWS = 1_000
_LOOK_AGAIN_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is imported by whom: `approver` is the second person who closes the import, None leaves it proposed."""

    importer: Importer
    path: Path
    actor: str
    approver: str | None
    authority: str
    basis: str
    as_of: str
    report: Path


class Progress(NamedTuple):
    """How far an import is. `phase` is `reading` or `sealing`; rate and remaining time are of the present phase."""

    phase: str
    counts: Counts
    total: int | None
    unseen: int
    rate: float
    remaining_s: float | None


class Imported(NamedTuple):
    """What an import came to: all admitted events are final, but those that the ledger rejected."""

    import_id: str
    counts: Counts
    rejected: Sequence[RejectedRow]
    report: Path


OnProgress = Callable[[Progress], None]


async def import_file(
    sector: Sector, *, network: Network, dsn: str, request: ImportRequest, on_progress: OnProgress
) -> Imported:
    """Import one file into a sector's store, and return when all of it is final.

    Call it again with the same file after whatever interrupted it. Raises Unavailable where the database cannot be
    reached at the start, RunMoved where another process imports the same file.
    """
    await migrate_store(dsn)
    pool = await open_pool(dsn, name="litopys-import")
    try:
        writer = await open_writer(sector, network, pool)
        return await Importing(sector, writer=writer, pool=pool, request=request, on_progress=on_progress).run()
    finally:
        await pool.close()


class Importing:
    """One import of one file."""

    def __init__(
        self, sector: Sector, *, writer: Writer, pool: Pool, request: ImportRequest, on_progress: OnProgress
    ) -> None:
        self._request = request
        self._importer = request.importer
        self._writer = writer
        self._pool = pool
        self._on_progress = on_progress
        self._framing = Framing(frame=sector.frame, writer=writer, pool=pool, actor=request.actor)
        self._total: int | None = None
        self._began = time.monotonic()

    async def run(self) -> Imported:
        """Open or resume, read, close, wait, report."""
        run, digest_key = await self._open()
        await self._framing.wait_opened(run)
        run = await self._read(run, digest_key)
        await self._framing.close(run, approver=self._request.approver)
        await self._wait_final(run)
        with failures():
            rejected = await store.load_rejected_rows(self._pool, run)
            async with self._pool.acquire() as connection:
                await write_report(
                    self._request.report, connection, run, register=self._importer.register, rejected=rejected
                )
            await store.close_run(self._pool, run)
        return Imported(run.id, run.counts, rejected, self._request.report)

    async def _open(self) -> tuple[Run, bytes]:
        digest = await asyncio.to_thread(_file_digest, self._request.path)
        self._total = await asyncio.to_thread(self._importer.count_rows, self._request.path)
        with failures():
            digest_key = await load_digest_key(self._pool)
            file_key = keyed_digest(digest_key, digest)
            run = await store.find_open_run(self._pool, importer=self._importer.name, file_key=file_key)
        if run is None:
            run = await self._begin(digest, file_key)
        return run, digest_key

    async def _begin(self, digest: bytes, file_key: bytes) -> Run:
        opening = {
            "authority": self._request.authority,
            "basis": self._request.basis,
            "as_of": self._request.as_of,
            "register": self._importer.register,
            "records": self._total,
            "mapping_version": self._importer.mapping_version,
            "file_digest": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "personal": self._importer.holds_personal_fields,
        }
        return await self._framing.open(self._importer, opening, file_key=file_key)

    async def _read(self, run: Run, digest_key: bytes) -> Run:
        """Read what is left of the file, batch by batch."""
        if run.is_read:
            return run
        batching = Batching(self._importer, self._writer, digest_key, self._request.actor, run.id)
        with self._request.path.open("rb") as file:
            rows = self._importer.rows(file, number=run.next_number, offset=run.next_offset)
            began_at = run.counts.read
            while batch := list(islice(rows, BATCH_ROWS)):
                run = await patiently(partial(self._write, batching, run, batch))
                self._tell("reading", run, done=run.counts.read - began_at, left=_left(self._total, run.counts.read))
        async with transaction(self._pool) as connection:
            await store.mark_read(connection, run)
        return run

    async def _write(self, batching: Batching, run: Run, rows: Sequence[Row]) -> Run:
        """Write one batch: streams, events, rows, remarks and the place in the file, in one transaction."""
        with failures():
            batch = await batching.prepare(self._pool, rows)
        new = batch.counts
        counts = run.counts.plus(new)
        async with transaction(self._pool) as connection:
            appended = await append(connection, list(batch.changes.values())) if batch.changes else None
            await store.remember_rows(connection, run, register=self._importer.register, rows=batch.rows)
            await store.store_remarks(connection, run, batch.remarks)
            moved = await store.advance_run(
                connection, run, number=rows[-1].number + 1, offset=rows[-1].end, counts=counts, appended=appended
            )
        sector = self._writer.sector
        metrics.EVENTS_ACCEPTED.labels(sector).inc(new.events)
        for outcome in ("admitted", "merged", "refused"):
            metrics.IMPORT_ROWS.labels(sector, outcome).inc(getattr(new, outcome))
        return moved

    async def _wait_final(self, run: Run) -> None:
        """Wait until every event of the run is under a verdict."""
        if run.first_position is None:
            return
        self._began = time.monotonic()
        at_first: int | None = None
        while True:
            unsettled = await patiently(lambda: self._unsettled(run))
            at_first = unsettled.unseen if at_first is None else at_first
            self._tell("sealing", run, done=at_first - unsettled.unseen, left=unsettled.unseen)
            if not unsettled.unseen and unsettled.is_judged:
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _unsettled(self, run: Run) -> store.Unsettled:
        with failures():
            return await store.load_unsettled(self._pool, run)

    def _tell(self, phase: str, run: Run, *, done: int, left: int | None) -> None:
        rate = done / max(time.monotonic() - self._began, 1e-6)
        remaining_s = None if left is None or rate <= 0 else left / rate
        unseen = left if phase == "sealing" and left is not None else 0
        self._on_progress(Progress(phase, run.counts, self._total, unseen, rate, remaining_s))


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()


def _left(total: int | None, read: int) -> int | None:
    return None if total is None else max(total - read, 0)
