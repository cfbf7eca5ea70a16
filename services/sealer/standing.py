"""How a sealer stands, for /readyz and its metrics: one object that outlives the sealer's lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.service import metrics
from services.sealer.pace import Pace

if TYPE_CHECKING:
    from litopys.ledger.blocks import Block


class Standing:
    """Written by the sealer's parts, read by the interface."""

    def __init__(self) -> None:
        self.is_following = False
        self.is_leader = False
        self.fault: str | None = None
        self.halted: str | None = None
        self.height = -1
        self.signed_size = 0
        self.proposed: Block | None = None
        """The last block that this sealer signed: for one height it signs no other, whatever became of the first."""
        self.pace = Pace()

    def begin(self) -> None:
        """A new life starts."""
        self.is_following = False
        self.lead(is_leader=False)

    def lead(self, *, is_leader: bool) -> None:
        """This sealer began or ceased to be the one that proposes."""
        self.is_leader = is_leader
        metrics.LEADER.set(is_leader)

    def missing(self) -> dict[str, str | None]:
        """Per check what is missing, None where nothing is. To stand by is to be ready."""
        following = None if self.is_following else (self.fault or "starting")
        return {"integrity": self.halted, "chain": following}
