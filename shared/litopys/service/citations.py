"""Whether what an event cites is final: asked of the own store first, then of any validator, many at once.

Only the moment of publishing depends on the answer, never a verdict: a wrong one costs a rejection for `citation`,
after which the same bytes are published again. That what is cited was refused for good has to be proved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from litopys.errors import Unavailable
from litopys.event.streams import parse_citations
from litopys.ledger.rejections import Reason
from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_outbox import is_first_of_stream, load_held, release
from litopys.postgres.sector_settling import stop_stream
from litopys.postgres.sector_verdicts import State, load_statuses
from litopys.service.logs import get_log
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_outbox import Held
    from litopys.service.validators import Standing
    from litopys.steps import Passing

_HELD_AT_ONCE = 5_000

_log = get_log("citations")


class Network(Protocol):
    """Where other sectors' events can be asked for; `litopys.service.validators` answers."""

    async def standings(self, addresses: Sequence[Address]) -> Mapping[Address, Standing]:
        """Return what is said to be final at addresses; missing where nobody says that anything is. Not proved."""

    async def is_voided(self, address: Address, index: int) -> bool:
        """Answer whether the final event at an address is `voided`, by proof. Raises Unavailable."""


class Cited(NamedTuple):
    """Citations (`subject@version`) that cannot be published: for now, or never since what they name was refused."""

    missing: set[str]
    refused: set[str]


class Citations:
    """Knows which cited events are final, lets held events go once theirs are, and gives up those that cannot go."""

    def __init__(self, pool: Pool, network: Network, *, passing: Passing = pass_on) -> None:
        self._pool = pool
        self._passing = passing
        self._network = network

    async def not_final(self, cited: Sequence[str]) -> set[str]:
        """Return those of the citations (`subject@version`) that may not be published now."""
        found = await self.look(cited)
        return found.missing | found.refused

    async def look(self, cited: Sequence[str]) -> Cited:
        """Sort out those of the citations that are not final events."""
        names = {_address(name): name for name in cited}
        with failures():
            statuses = await load_statuses(self._pool, list(names))
        own = {Address(s.subject, s.version): s.state for s in statuses}
        refused = {names[address] for address, state in own.items() if state is State.REJECTED}
        missing = {names[address] for address, state in own.items() if state in {State.PENDING, State.SEALED}}
        others = [address for address in names if address not in own]
        told = await self._network.standings(others) if others else {}
        missing |= {names[address] for address in others if address not in told}
        for address, standing in told.items():
            if standing.is_said_voided:
                (refused if await self._is_voided(address, standing) else missing).add(names[address])
        return Cited(missing, refused)

    async def _is_voided(self, address: Address, standing: Standing) -> bool:
        """Have it proved that there is nothing to cite: an acknowledged event is given up for it."""
        try:
            return await self._network.is_voided(address, standing.index)
        except Unavailable:
            return False

    async def release_ready(self) -> int:
        """Let held events go whose citations are final by now, unless an earlier one of their stream is still held.

        One that cites what was refused for good is given up: its stream is stopped, to be set back before that event.
        """
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
            if ready:
                async with durable_step(self._pool, Step.RELEASED, self._passing) as connection:
                    await release(connection, ready)

    async def _ready(self, held: Sequence[Held], blocked: set[str]) -> list[int]:
        """Return the positions that may go; streams that may not are added to `blocked`."""
        found = await self.look([cited for one in held for cited in one.cites or ()])
        ready = []
        for one in held:
            cites = set(one.cites or ())
            if one.subject not in blocked and not found.refused.isdisjoint(cites):
                await self._give_up(one)
            if one.subject in blocked or cites & (found.missing | found.refused):
                blocked.add(one.subject)
            else:
                ready.append(one.position)
        return ready

    async def _give_up(self, one: Held) -> None:
        """Stop the stream of an event that can never be published, once those before it in the stream have left."""
        async with durable_step(self._pool, Step.SETTLED, self._passing) as connection:
            if await is_first_of_stream(connection, one):
                await stop_stream(connection, one.subject, Reason.CITATION)
                _log.warning("an event cites what was refused for good", subject=one.subject)


def _address(citation: str) -> Address:
    (parsed,) = parse_citations(citation)
    return Address(parsed.subject, parsed.version)
