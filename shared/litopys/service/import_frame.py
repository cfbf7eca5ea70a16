"""The stream of an import: opened before the first row, closed by two persons after the last."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litopys.postgres import sector_imports as store
from litopys.postgres.pool import failures, transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_stream
from litopys.postgres.sector_verdicts import State, load_statuses
from litopys.service.writing import Stream
from litopys.sourcing.common import Approved, Proposed
from litopys.sourcing.facts import Decided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_imports import Run
    from litopys.service.sector import Frame, Importer
    from litopys.service.writing import Writer

_PROPOSED_AT = 2
_OPENING_S = 5.0
_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Framing:
    """Writes the events around an import. Each step looks first whether an earlier life did it."""

    frame: Frame
    writer: Writer
    pool: Pool
    actor: str

    async def open(self, importer: Importer, opening: Mapping[str, Any], *, file_key: bytes) -> Run:
        """Begin a run and its stream in one transaction; returns the run at its beginning."""
        sealing = self.writer.sealing()
        run_id = sealing.new_id()
        decided = self.frame.import_opened(opening, sealing)
        stream = Stream(self.subject(run_id), 0, None)
        change, _ = self.writer.change(stream, [decided], actor=self.actor, sealing=sealing)
        async with transaction(self.pool) as connection:
            await store.begin_run(
                connection, run_id, importer=importer.name, register=importer.register, file_key=file_key
            )
            await append(connection, [change])
        return store.Run(run_id, 1, 0, store.Counts(), is_read=False, first_position=None, last_position=None)

    async def wait_opened(self, run: Run) -> None:
        """Give the opening event a moment to become final: rows that cite it need not be held back then."""
        address = Address(self.subject(run.id), 1)
        give_up_at = time.monotonic() + _OPENING_S
        while time.monotonic() < give_up_at:
            with failures():
                statuses = await load_statuses(self.pool, [address])
            if statuses and statuses[0].state is State.FINAL:
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def close(self, run: Run, *, approver: str | None) -> None:
        """Propose to close the import; with a second person at hand, approve and close it."""
        counts = run.counts
        closing = {"read": counts.read, "admitted": counts.admitted, "merged": counts.merged, "refused": counts.refused}
        closed = self.frame.import_closed(closing)
        content = self.writer.domain.encode_data(self.subject(run.id), closed)
        proposed = Decided("proposed", 1, Proposed(closed.name, closed.type_version, content))
        stream = await self._write(run, [proposed], at=1, actor=self.actor)
        if approver is not None and stream is not None:
            await self._write(run, [Decided("approved", 1, Approved(_PROPOSED_AT))], at=2, actor=approver)
            await self._write(run, [closed], at=3, actor=approver)

    def subject(self, run_id: str) -> str:
        """The stream of an import."""
        return f"{self.writer.sector}_import:{run_id}"

    async def _write(self, run: Run, decided: Sequence[Decided], *, at: int, actor: str) -> Stream | None:
        """Append to the import's stream if it stands at that version; None where it does not exist."""
        with failures():
            stored = await load_stream(self.pool, self.subject(run.id))
        if stored is None:
            return None
        stream = self.writer.decode(stored.subject, version=stored.version, state=stored.state)
        if stored.version != at:
            return stream
        change, after = self.writer.change(stream, decided, actor=actor)
        async with transaction(self.pool) as connection:
            await append(connection, [change])
        return after
