"""How fast an import may read, so that daily business keeps its share of the ledger."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# Batches of so much time: small enough that what is committed at once does not hold up what comes beside it.
_BATCH_S = 0.25


class Throttle:
    """Lets so many rows a second through, evenly; `rows_per_s` of None lets all through at once.

    Time lost, as to a database that was away, is not made up for: there is never a burst above the rate.
    """

    def __init__(
        self,
        rows_per_s: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rows_per_s = rows_per_s
        self._clock = clock
        self._sleep = sleep
        self._due = clock()

    def batch_rows(self, most: int) -> int:
        """Return how many rows to take at once, at most `most`."""
        return most if self._rows_per_s is None else max(1, min(most, round(self._rows_per_s * _BATCH_S)))

    async def wait(self, rows: int) -> None:
        """Return when so many rows may be written: at once for the first, and later by what was let through before."""
        if self._rows_per_s is None:
            return
        await self._sleep(max(self._due - self._clock(), 0.0))
        self._due = max(self._due, self._clock()) + rows / self._rows_per_s
