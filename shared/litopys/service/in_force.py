"""Which rules a sector's service decides by: those of the next block, and near a changeover those after it too.

What is acknowledged now is sealed some blocks later. So within a margin before the height at which other rules begin,
an event must hold under both, whichever block it falls into (docs/adr/0013).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litopys.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litopys.ledger.network import Network
    from litopys.sourcing.domains import Domain

MARGIN_BLOCKS = 64
"""Blocks between what a service knows to be final and the block in which an event acknowledged now is sealed.

Validators run at most 16 blocks ahead of what is final, so this holds unless a relay has been away for longer.
"""


@dataclass(frozen=True, slots=True)
class RulesByHeight:
    """The rules of one sector, those of them that this build has, by the heights of one network."""

    network: Network
    sector: str
    domains: Mapping[int, Domain]
    margin_blocks: int = MARGIN_BLOCKS

    @property
    def are_amended(self) -> bool:
        """Answer whether more than one version is in force at some height."""
        return self.network.next_change(self.sector, 0) is not None

    def change_after(self, height: int) -> bool:
        """Answer whether other rules are known to begin above a height."""
        return self.network.next_change(self.sector, height) is not None

    def at(self, height: int) -> Domain:
        """Return the rules in force at a height. Raises Unavailable where this build lacks them."""
        version = self.network.rules(self.sector, height)
        if version not in self.domains:
            raise Unavailable(f"this build lacks rules {version} of {self.sector}")
        return self.domains[version]

    def coming(self, height: int) -> tuple[Domain, ...]:
        """Return the rules that begin within the margin above a height. Raises Unavailable like `at`."""
        found = []
        first = self.network.next_change(self.sector, height)
        while first is not None and first <= height + self.margin_blocks:
            found.append(self.at(first))
            first = self.network.next_change(self.sector, first)
        return tuple(found)
