"""How long records have been waiting to be sealed, by our own clock since they were read; coarse and bounded."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litopys.replica.follow import RecordWindow

Partition = tuple[str, int]

_GRAIN_S = 0.05


class Ages:
    """Marks of when each partition had been read how far. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._marks: dict[Partition, deque[tuple[int, float]]] = {}

    def look(self, pending: Mapping[Partition, RecordWindow], now: float) -> None:
        """Take in how far the partitions are read and sealed by now."""
        for place, window in pending.items():
            marks = self._marks.setdefault(place, deque())
            while marks and marks[0][0] <= window.first:
                marks.popleft()
            newest = marks[-1][0] if marks else window.first
            if window.end <= newest:
                continue
            if len(marks) > 1 and now - marks[-1][1] < _GRAIN_S:
                marks[-1] = (window.end, marks[-1][1])
            else:
                marks.append((window.end, now))

    def oldest(self) -> float | None:
        """Return when the record that waits longest was read; None where none waits."""
        return min((marks[0][1] for marks in self._marks.values() if marks), default=None)
