"""The stream of an erasure, `<sector>_erasure:<random id>`: asked for, then carried out by two persons, or declined.

`erased` takes effect where the disclosures are kept, in the transaction that records it and again after every restore
(`litopys.postgres.sector_erasing`): so it says all of what it erases itself.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from litopys.errors import RuleViolated
from litopys.event.cloudevents import Event, parse_type
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import LIVE, Basis, Positive, Standing
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decide, Decider
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.reach import TWO_PERSONS, Declined, Reach
from litopys.sourcing.shapes import shape_of


@dataclass(frozen=True, slots=True)
class ErasureState:
    """An erasure: what is to be erased, up to which version of its stream, on what ground, and what came of it."""

    standing: Standing
    reach: Reach
    up_to: Positive
    basis: Basis
    stage: Literal["asked", "erased", "declined"]


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """Somebody asks that personal fields be erased, in the events of a stream up to a version."""

    reach: Reach
    up_to: Positive
    basis: Basis


@dataclass(frozen=True, slots=True)
class Erased:
    """The disclosures of these fields are removed wherever the sector keeps them; their digests say no more."""

    reach: Reach
    up_to: Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class AskErasure:
    """Ask that personal fields be erased."""

    reach: Reach
    up_to: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineErasure:
    """Do not erase what was asked for."""

    basis: Basis


class Erasure(NamedTuple):
    """An erasure that takes effect: which fields, in events up to which version, and the address that records it."""

    reach: Reach
    up_to: int
    recorded_as: str


_EVENTS: Final[dict[tuple[str, int], type]] = {
    **TWO_PERSONS,
    ("asked", 1): ErasureAsked,
    ("erased", 1): Erased,
    ("declined", 1): Declined,
}


def erasure_aggregate(sector: str) -> Aggregate:
    """Make the aggregate of a sector's erasures."""
    return Aggregate(
        name=f"{sector}_erasure",
        state=ErasureState,
        events=_EVENTS,
        evolve=_evolve,
        openers={"asked": _ask},
        four_eyes=frozenset({"erased"}),
    )


def erasure_decider(sector: str) -> Decider:
    """Make what decides on commands about a sector's erasures."""
    return Decider(aggregate=erasure_aggregate(sector), decisions=_DECISIONS, openers=(AskErasure,))


def find_erasure(event: Event) -> Erasure | None:
    """Give the erasure that an event is, None for any other event; raises ShapeMismatch for one that is malformed."""
    _, aggregate, name, _ = kind = parse_type(event.type)
    if aggregate != f"{kind.sector}_erasure" or name != "erased":
        return None
    data: Erased = shape_of(Erased).decode(event.data)
    return Erasure(data.reach, data.up_to, f"{event.subject}@{event.streamversion}")


def _ask(fact: Fact) -> ErasureState:
    asked: ErasureAsked = fact.data  # type: ignore[assignment]
    return ErasureState(LIVE, asked.reach, asked.up_to, asked.basis, "asked")


def _evolve(state: ErasureState, fact: Fact) -> ErasureState:
    data: Any = fact.data
    standing = dataclasses.replace(state.standing, status="ended", proposals=())
    if fact.name == "declined":
        return dataclasses.replace(state, standing=standing, stage="declined")
    if (data.reach, data.up_to) != (state.reach, state.up_to):
        raise RuleViolated("otherwise-than-asked", "what is erased or held is exactly what was asked for")
    return dataclasses.replace(state, standing=standing, stage="erased")


def _decide_ask(command: AskErasure, state: ErasureState | None, _context: Context) -> Decided:
    if state is not None:
        raise RuleViolated("already-open", "the stream has begun")
    return Decided("asked", 1, ErasureAsked(command.reach, command.up_to, command.basis))


def _decide_erase(_command: Erase, state: ErasureState, _context: Context) -> Decided:
    return Decided("erased", 1, Erased(state.reach, state.up_to))


def _decide_decline(command: DeclineErasure, _state: ErasureState, _context: Context) -> Decided:
    return Decided("declined", 1, Declined(command.basis))


_DECISIONS: Final[Mapping[type, Decide]] = {
    AskErasure: _decide_ask,
    Erase: _decide_erase,
    DeclineErasure: _decide_decline,
}
