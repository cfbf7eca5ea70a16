"""How the core stands, for /readyz and the metrics: one object that outlives the core's lives."""

from __future__ import annotations


class Standing:
    """Written by the core, read by the interface. Sizes and heights are those of the newest durable block."""

    def __init__(self) -> None:
        self.is_running = False
        self.fault: str | None = None
        self.halted: str | None = None
        self.height = -1
        self.final_height = -1

    def begin(self) -> None:
        """A new life of the core starts."""
        self.is_running = False

    def missing(self) -> dict[str, str | None]:
        """Per check what is missing, None where nothing is."""
        started = None if self.is_running else (self.fault or "starting")
        return {"integrity": self.halted, "core": started}
