"""The stream of an import: opened before the first row, closed by two persons after the last."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from litopys.postgres import sector_imports as store
from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_stream
from litopys.postgres.sector_verdicts import State, load_statuses
from litopys.service.writing import Stream
from litopys.sourcing.common import Approved, Proposed
from litopys.sourcing.facts import Decided
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_imports import NewRun, Run
    from litopys.service.sector import Frame
    from litopys.service.writing import Writer
    from litopys.steps import Passing

_PROPOSED_AT = 2
_CLOSED_AT = 4
_OPENING_S = 5.0
_LOOK_AGAIN_S = 0.05


class Closing(NamedTuple):
    """The newest event of an import's stream, and whether two persons have closed it."""

    address: Address
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Framing:
    """Writes the events around an import. Each step looks first whether an earlier life did it."""

    frame: Frame
    writer: Writer
    pool: Pool
    actor: str
    passing: Passing = pass_on

    async def open(self, new: NewRun, opening: Mapping[str, Any]) -> Run:
        """Begin a run and its stream in one transaction; the run's id is drawn here."""
        sealing = self.writer.sealing()
        run_id = sealing.new_id()
        decided = self.frame.import_opened(opening, sealing)
        stream = Stream(self.subject(run_id), 0, None)
        change, _ = self.writer.change(stream, [decided], actor=self.actor, sealing=sealing)
        async with durable_step(self.pool, Step.IMPORTED, self.passing) as connection:
            run = await store.begin_run(connection, new._replace(id=run_id))
            await append(connection, [change])
        return run

    async def wait_opened(self, run: Run) -> None:
        """Give the opening event a moment to become final: rows that cite it need not be held back then."""
        give_up_at = time.monotonic() + _OPENING_S
        while time.monotonic() < give_up_at:
            if await self.is_judged(Address(self.subject(run.id), 1)):
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def is_judged(self, address: Address) -> bool:
        """Tell whether the ledger's verdict on an event is known; it may be a rejection."""
        with failures():
            statuses = await load_statuses(self.pool, [address])
        return bool(statuses) and statuses[0].state in (State.FINAL, State.REJECTED)

    async def close(self, run: Run, *, approver: str | None) -> Closing:
        """Propose to close the import; with a second person at hand, approve and close it."""
        counts = run.counts
        closing = {"read": counts.read, "admitted": counts.admitted, "merged": counts.merged, "refused": counts.refused}
        closed = self.frame.import_closed(closing)
        content = self.writer.domain.encode_data(self.subject(run.id), closed)
        proposed = Decided("proposed", 1, Proposed(closed.name, closed.type_version, content))
        version = await self._write(run, [proposed], at=1, actor=self.actor)
        if approver is not None:
            await self._write(run, [Decided("approved", 1, Approved(_PROPOSED_AT))], at=2, actor=approver)
            version = await self._write(run, [closed], at=3, actor=approver)
        return Closing(Address(self.subject(run.id), version), is_closed=version >= _CLOSED_AT)

    def subject(self, run_id: str) -> str:
        """The stream of an import."""
        return f"{self.writer.sector}_import:{run_id}"

    async def _write(self, run: Run, decided: Sequence[Decided], *, at: int, actor: str) -> int:
        """Append to the import's stream if it stands at that version; returns the version that it has then."""
        with failures():
            stored = await load_stream(self.pool, self.subject(run.id))
        if stored is None:
            return 0  # the ledger refused its opening
        if stored.version != at:
            return stored.version
        stream = self.writer.decode(stored.subject, version=stored.version, state=stored.state)
        change, after = self.writer.change(stream, decided, actor=actor)
        async with durable_step(self.pool, Step.IMPORTED, self.passing) as connection:
            await append(connection, [change])
        return after.version
