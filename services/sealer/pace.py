"""How many blocks the validators are behind: while they are, fewer and fuller blocks cost all of them less.

An estimate that needs no tree: every new largest tree size among the votes is one block checked. Whatever it misses is
forgotten at the next quiet moment, and its whole effect is a longer interval, up to `MOST` times the usual.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 5
QUIET_S: Final = 2.0


class Pace:
    """Counts blocks and votes. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._behind = 0
        self._largest = 0
        self._counted_at = 0.0

    def counted(self, now: float) -> None:
        """Take note of a block that counts."""
        if now - self._counted_at > QUIET_S:
            self._behind = 0
        self._behind += 1
        self._counted_at = now

    def voted(self, size: int) -> None:
        """Take note of a validator's vote at a tree size."""
        if size > self._largest:
            self._largest = size
            self._behind = max(0, self._behind - 1)

    @property
    def factor(self) -> int:
        """By how much the interval between blocks is to be stretched: 1 while the validators keep up."""
        return min(MOST, max(1, self._behind - 1))
