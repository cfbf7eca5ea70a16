"""How the core stands, for /readyz and the metrics: one object that outlives the core's lives."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

SOUND_AFTER_S: Final = 5.0


class Standing:
    """Written by the core, read by the interface. Sizes and heights are those of the newest durable block.

    What ended the last life may end this one at its next write. So after a fault a life is sound once it has stored a
    block, or has lasted `SOUND_AFTER_S` by `clock` (monotonic seconds).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._runs_since: float | None = None
        self.fault: str | None = None
        self.halted: str | None = None
        self.height = -1
        self.final_height = -1

    def begin(self) -> None:
        """A new life of the core starts."""
        self._runs_since = None

    def run(self) -> None:
        """All is open, and the core's tasks begin."""
        self._runs_since = self._clock()

    def store(self, height: int) -> None:
        """A block was stored."""
        self.height = height
        self.fault = None

    def fail(self, fault: str) -> None:
        """A life has ended."""
        self._runs_since = None
        self.fault = fault

    @property
    def is_sound(self) -> bool:
        """Whether the core runs, and nothing speaks against its going on."""
        if self._runs_since is None:
            return False
        return self.fault is None or self._clock() - self._runs_since >= SOUND_AFTER_S

    def missing(self) -> dict[str, str | None]:
        """Per check what is missing, None where nothing is."""
        core = None if self.is_sound else (self.fault or "starting")
        return {"integrity": self.halted, "core": core}
