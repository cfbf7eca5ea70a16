"""Moving a register onto the ledger: batches through the same append as commands, resumable at any row.

Order of durable steps: the run with its opening event; batch after batch with the place in the file; that all was
read; the closing events; the report, with what vanished and the end. Killed between any two, the next call with the
same file goes on from there.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from litopys.errors import Unavailable
from litopys.postgres import sector_imports as store
from litopys.postgres.pool import durable_step, failures, open_pool
from litopys.postgres.sector_append import append
from litopys.postgres.sector_import_rows import mark_vanished, remember_rows, store_remarks
from litopys.postgres.sector_requests import load_digest_key
from litopys.service import metrics
from litopys.service.imports.batches import Batching
from litopys.service.imports.frame import Framing
from litopys.service.imports.opening import Opening
from litopys.service.imports.progress import Pace
from litopys.service.imports.report import check_report, write_report
from litopys.service.imports.request import Imported
from litopys.service.imports.source import open_source
from litopys.service.imports.throttle import Throttle
from litopys.service.patience import patiently
from litopys.service.process import check_store, open_writer
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.exports.rows import Row
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_imports import Run
    from litopys.service.imports.batches import Batch
    from litopys.service.imports.frame import Closing
    from litopys.service.imports.progress import OnProgress
    from litopys.service.imports.request import ImportRequest
    from litopys.service.imports.source import Source
    from litopys.service.sector import Sector
    from litopys.service.writing import Writer
    from litopys.steps import Passing

BATCH_ROWS = 1_000
_LOOK_AGAIN_S = 0.25
# Looking takes a part of the database's time that grows with the import; it shall never be much of it.
_LOOKS_PART = 0.05


async def import_file(
    sector: Sector, *, network: Network, dsn: str, request: ImportRequest, on_progress: OnProgress
) -> Imported:
    """Import one file into a sector's store, and return when all of it is final.

    Call it again with the same file after whatever interrupted it. Raises Unavailable where the database cannot be
    reached at the start, RegisterTaken where another process imports the same register, Malformed where the file is
    no export at all, ImportRefused where something else has to be done first.
    """
    try:
        await check_store(dsn)
    except Unavailable as error:
        raise Unavailable(f"the database of {sector.name} does not answer ({error}): is its network up?") from error
    pool = await open_pool(dsn, name="litopys-import")
    try:
        writer = await open_writer(sector, network, pool)
        return await Importing(sector, writer=writer, pool=pool, request=request, on_progress=on_progress).run()
    finally:
        await pool.close()


class Importing:
    """One import of one file."""

    def __init__(
        self,
        sector: Sector,
        *,
        writer: Writer,
        pool: Pool,
        request: ImportRequest,
        on_progress: OnProgress,
        passing: Passing = pass_on,
    ) -> None:
        self._request = request
        self._importer = request.importer
        self._writer = writer
        self._pool = pool
        self._passing = passing
        self._framing = Framing(frame=sector.frame, writer=writer, pool=pool, actor=request.actor, passing=passing)
        self._on_progress = on_progress

    async def run(self) -> Imported:
        """Open or resume, read, close, wait, report."""
        self._request.check()
        async with store.register_held(self._pool, self._importer.register):
            # A report that nobody can read in the end is found out before hours of reading.
            check_report(self._request.report, self._request.path)
            with open_source(self._request.path, self._importer) as source:
                run, pace = await self._read(source)
            closing = await patiently(partial(self._framing.close, run, approver=self._request.approver))
            await self._wait_final(run, closing, pace)
            rejected, vanished = await patiently(partial(self._end, run, closing))
        return Imported(
            import_id=run.id,
            counts=run.counts,
            rejected=rejected,
            vanished=vanished,
            is_closed=closing.is_closed,
            rate=pace.rows_per_s,
            seconds=time.monotonic() - pace.began,
            report=self._request.report,
        )

    async def _read(self, source: Source) -> tuple[Run, Pace]:
        """Read the file, or what is left of it, batch by batch."""
        pace = Pace(self._on_progress, file_bytes=source.size)
        with failures():
            digest_key = await load_digest_key(self._pool)
        run = await Opening(self._request, self._framing, self._pool, digest_key).run(source)
        if run.is_read:
            return run, pace
        await self._framing.wait_opened(run)
        batching = Batching(self._importer, self._writer, digest_key, self._request.actor, run.id, run.as_of)
        rows = source.rows(run)
        pace.begin_reading(run)
        throttle = Throttle(self._request.rows_per_s)
        while batch := list(islice(rows, throttle.batch_rows(BATCH_ROWS))):
            await throttle.wait(len(batch))
            run = await patiently(partial(self._write, batching, run, batch))
            pace.tell_reading(run)
        source.check_unchanged()
        return await patiently(partial(self._mark_read, run)), pace

    async def _mark_read(self, run: Run) -> Run:
        async with durable_step(self._pool, Step.READ_TO_END, self._passing) as connection:
            return await store.mark_read(connection, run)

    async def _write(self, batching: Batching, run: Run, rows: Sequence[Row]) -> Run:
        """Write one batch: streams, events, rows, remarks and the place in the file, in one transaction."""
        with failures():
            batch = await batching.prepare(self._pool, rows)
        place = store.Place(rows[-1].number + 1, rows[-1].end, batch.is_cut)
        try:
            async with durable_step(self._pool, Step.IMPORTED, self._passing) as connection:
                await store.check_place(connection, run)
                appended = await append(connection, list(batch.changes.values())) if batch.changes else None
                await remember_rows(connection, run, batch.rows)
                await store_remarks(connection, run, batch.remarks)
                counts = run.counts.plus(batch.counts)
                moved = await store.advance_run(connection, run, place=place, counts=counts, appended=appended)
        except store.RunMoved:
            return await self._moved(run, place)
        _count(self._writer.sector, batch)
        return moved

    async def _moved(self, run: Run, place: store.Place) -> Run:
        """Find out who moved the run: a commit of ours whose answer was lost, or somebody else."""
        with failures():
            now = await store.load_run(self._pool, run.id)
        if now is None or (now.next_number, now.next_offset) != place[:2]:
            raise store.RegisterTaken(run.register)
        return now

    async def _wait_final(self, run: Run, closing: Closing, pace: Pace) -> None:
        """Wait until every event of the run is under a verdict, those that close it among them."""
        while True:
            began = time.monotonic()
            unsettled = await patiently(partial(self._unsettled, run))
            pace.tell_sealing(run, unsettled.unseen)
            is_judged = unsettled.is_judged and (
                not closing.address.version or await patiently(partial(self._framing.is_judged, closing.address))
            )
            if is_judged:
                return
            await asyncio.sleep(max(_LOOK_AGAIN_S, (time.monotonic() - began) / _LOOKS_PART))

    async def _unsettled(self, run: Run) -> store.Unsettled:
        if run.first_position is None:
            return store.Unsettled(0, is_judged=True)
        with failures():
            return await store.load_unsettled(self._pool, run)

    async def _end(self, run: Run, closing: Closing) -> tuple[int, int | None]:
        """Report; returns how many events were rejected, and how many keys vanished. Done again, it says the same.

        The run ends when two persons have closed it, and until then the same call goes on here. The report stands in
        its place before anything of it is committed: no key is marked as vanished of which nobody could read.
        """
        async with durable_step(self._pool, Step.ENDED, self._passing) as connection:
            vanished = await mark_vanished(connection, run) if run.is_whole else None
            rejected = await write_report(self._request.report, connection, run)
            if closing.is_closed or not closing.address.version:
                await store.close_run(connection, run)
        return rejected, vanished


def _count(sector: str, batch: Batch) -> None:
    counts = batch.counts
    metrics.EVENTS_ACCEPTED.labels(sector).inc(counts.events)
    for outcome in ("admitted", "merged", "refused", "flagged"):
        metrics.IMPORT_ROWS.labels(sector, outcome).inc(getattr(counts, outcome))
