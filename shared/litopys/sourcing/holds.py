"""The stream of a legal hold, `<sector>_hold:<random id>`: asked for, imposed by two persons, lifted by two persons.

While it is imposed, nothing within its reach is erased, whatever version of the stream it stands in.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import LIVE, Basis, Standing
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decide, Decider
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.reach import TWO_PERSONS, Declined, Reach


@dataclass(frozen=True, slots=True)
class HoldState:
    """A legal hold: what it keeps from being erased, on what ground, and how far it has come."""

    standing: Standing
    reach: Reach
    basis: Basis
    stage: Literal["asked", "imposed", "lifted", "declined"]


@dataclass(frozen=True, slots=True)
class HoldAsked:
    """Somebody asks that personal fields be kept from erasure."""

    reach: Reach
    basis: Basis


@dataclass(frozen=True, slots=True)
class Imposed:
    """From now on nothing within this reach is erased."""

    reach: Reach
    basis: Basis


@dataclass(frozen=True, slots=True)
class Lifted:
    """The hold is over."""

    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class AskHold:
    """Ask that personal fields be kept from erasure."""

    reach: Reach
    basis: Basis


@dataclass(frozen=True, slots=True)
class Impose:
    """Hold what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """End an imposed hold."""

    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineHold:
    """Do not hold what was asked for."""

    basis: Basis


_EVENTS: Final[dict[tuple[str, int], type]] = {
    **TWO_PERSONS,
    ("asked", 1): HoldAsked,
    ("imposed", 1): Imposed,
    ("lifted", 1): Lifted,
    ("declined", 1): Declined,
}


def hold_aggregate(sector: str) -> Aggregate:
    """Make the aggregate of a sector's legal holds."""
    return Aggregate(
        name=f"{sector}_hold",
        state=HoldState,
        events=_EVENTS,
        evolve=_evolve,
        openers={"asked": _ask},
        four_eyes=frozenset({"imposed", "lifted"}),
    )


def hold_decider(sector: str) -> Decider:
    """Make what decides on commands about a sector's legal holds."""
    return Decider(aggregate=hold_aggregate(sector), decisions=_DECISIONS, openers=(AskHold,))


def _ask(fact: Fact) -> HoldState:
    asked: HoldAsked = fact.data  # type: ignore[assignment]
    return HoldState(LIVE, asked.reach, asked.basis, "asked")


def _evolve(state: HoldState, fact: Fact) -> HoldState:
    data: Any = fact.data
    if fact.name == "lifted":
        if state.stage != "imposed":
            raise RuleViolated("not-imposed", "only an imposed hold is lifted")
        return _ended(state, "lifted")
    if state.stage != "asked":
        raise RuleViolated("already-imposed", "the hold is imposed: it can only be lifted")
    if fact.name == "declined":
        return _ended(state, "declined")
    if (data.reach, data.basis) != (state.reach, state.basis):
        raise RuleViolated("otherwise-than-asked", "what is erased or held is exactly what was asked for")
    return dataclasses.replace(state, stage="imposed")


def _ended(state: HoldState, stage: Literal["lifted", "declined"]) -> HoldState:
    standing = dataclasses.replace(state.standing, status="ended", proposals=())
    return dataclasses.replace(state, standing=standing, stage=stage)


def _decide_ask(command: AskHold, state: HoldState | None, _context: Context) -> Decided:
    if state is not None:
        raise RuleViolated("already-open", "the stream has begun")
    return Decided("asked", 1, HoldAsked(command.reach, command.basis))


def _decide_impose(_command: Impose, state: HoldState, _context: Context) -> Decided:
    return Decided("imposed", 1, Imposed(state.reach, state.basis))


def _decide_lift(command: Lift, _state: HoldState, _context: Context) -> Decided:
    return Decided("lifted", 1, Lifted(command.basis))


def _decide_decline(command: DeclineHold, _state: HoldState, _context: Context) -> Decided:
    return Decided("declined", 1, Declined(command.basis))


_DECISIONS: Final[Mapping[type, Decide]] = {
    AskHold: _decide_ask,
    Impose: _decide_impose,
    Lift: _decide_lift,
    DeclineHold: _decide_decline,
}
