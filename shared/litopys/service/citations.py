"""Whether what an event cites is final: asked of the own store first, then of any validator.

Only the moment of publishing depends on the answer, never a verdict: a wrong one costs a rejection for `citation`,
after which the same bytes are published again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from litopys.event.streams import parse_citations
from litopys.postgres.pool import failures
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_outbox import load_held, release
from litopys.postgres.sector_verdicts import State, load_statuses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_outbox import Held

_HELD_AT_ONCE = 5_000


class Network(Protocol):
    """Where the status of other sectors' events can be asked."""

    async def is_final(self, address: Address) -> bool:
        """Answer whether some validator calls the event at this address final; False where none answers."""


class Citations:
    """Knows which cited events are final, and lets held events go once theirs are."""

    def __init__(self, pool: Pool, network: Network) -> None:
        self._pool = pool
        self._network = network

    async def not_final(self, cited: Sequence[str]) -> set[str]:
        """Return those of the citations (`subject@version`) that are not final."""
        names = list(dict.fromkeys(cited))
        addresses = [_address(name) for name in names]
        with failures():
            statuses = await load_statuses(self._pool, addresses)
        known = {Address(s.subject, s.version): s.state for s in statuses}
        missing = set()
        for name, address in zip(names, addresses, strict=True):
            state = known.get(address)
            is_final = await self._network.is_final(address) if state is None else state is State.FINAL
            if not is_final:
                missing.add(name)
        return missing

    async def release_ready(self) -> int:
        """Let held events go whose citations are final by now, unless an earlier one of their stream is still held."""
        blocked: set[str] = set()
        released, after = 0, 0
        while True:
            with failures():
                held = await load_held(self._pool, after=after, limit=_HELD_AT_ONCE)
            if not held:
                return released
            after = held[-1].position
            ready = await self._ready(held, blocked)
            released += len(ready)
            with failures():
                await release(self._pool, ready)

    async def _ready(self, held: Sequence[Held], blocked: set[str]) -> list[int]:
        """Return the positions that may go; streams that may not are added to `blocked`."""
        unready = await self.not_final([cited for one in held for cited in one.cites or ()])
        ready = []
        for one in held:
            if one.subject in blocked or not unready.isdisjoint(one.cites or ()):
                blocked.add(one.subject)
            else:
                ready.append(one.position)
        return ready


def _address(citation: str) -> Address:
    (parsed,) = parse_citations(citation)
    return Address(parsed.subject, parsed.version)
