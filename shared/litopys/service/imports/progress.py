"""How far an import is: what is told while it runs, with rate and remaining time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from litopys.postgres.sector_imports import Counts, Run


class Progress(NamedTuple):
    """How far an import is; rate (rows or events a second) and remaining time are of the present phase.

    `total`: how many rows there are, None where nobody counted; `unseen`: events that are not final yet; `idle_s`: for
    how long none of them became final.
    """

    phase: Literal["reading", "sealing"]
    counts: Counts
    total: int | None
    unseen: int
    rate: float
    remaining_s: float | None
    idle_s: float = 0.0


OnProgress = Callable[[Progress], None]


class Pace:
    """Tells how fast an import reads, by its place in the file, and how fast its events become final."""

    def __init__(self, on_progress: OnProgress, *, file_bytes: int) -> None:
        """Begin the clock; a run that goes on where an earlier life stopped is as fast as it is now."""
        self._on_progress = on_progress
        self._file_bytes = file_bytes
        self.began = time.monotonic()
        self.rows_per_s = 0.0
        self._first: Run | None = None
        self._phase_began = self.began
        self._most_unseen = 0
        self._unseen: int | None = None
        self._moved = self.began

    def begin_reading(self, run: Run) -> None:
        """Begin to read where the run stands."""
        self._first, self._phase_began = run, time.monotonic()

    def tell_reading(self, run: Run) -> None:
        """Tell of rows that were committed."""
        first = self._first or run
        passed_s = max(time.monotonic() - self._phase_began, 1e-6)
        self.rows_per_s = (run.counts.read - first.counts.read) / passed_s
        bytes_per_s = (run.next_offset - first.next_offset) / passed_s
        left = max(self._file_bytes - run.next_offset, 0)
        remaining_s = left / bytes_per_s if bytes_per_s > 0 else None
        self._on_progress(Progress("reading", run.counts, run.announced, 0, self.rows_per_s, remaining_s))

    def tell_sealing(self, run: Run, unseen: int) -> None:
        """Tell of events that are not final yet."""
        now = time.monotonic()
        if self._unseen is None:
            self._phase_began, self._most_unseen = now, unseen
        if unseen != self._unseen:
            self._unseen, self._moved = unseen, now
        rate = (self._most_unseen - unseen) / max(now - self._phase_began, 1e-6)
        remaining_s = unseen / rate if rate > 0 else None
        idle_s = now - self._moved
        self._on_progress(Progress("sealing", run.counts, run.announced, unseen, rate, remaining_s, idle_s))
