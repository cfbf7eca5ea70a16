"""Ledger rules of what burdens a parcel: rights of use, mortgages and consents, seizures; each numbered from 1."""

import dataclasses

from litopys.errors import RuleViolated
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import recorded_second
from litopys.sourcing.spans import at, check_span, ended, later, make_room
from services.registers.domain.land_parcel.events import (
    Mortgaged,
    MortgageeConsented,
    MortgageReleased,
    SeizureImposed,
    SeizureLifted,
    UseRightEnded,
    UseRightRegistered,
)
from services.registers.domain.land_parcel.state import (
    MOST_CONSENTS,
    MOST_MORTGAGES,
    MOST_SEIZURES,
    MOST_USE_RIGHTS,
    Consent,
    Mortgage,
    ParcelState,
    Seizure,
    UseRight,
)
from services.registers.domain.land_parcel.title import check_horizon


def register_use_right(state: ParcelState, fact: Fact) -> ParcelState:
    """Let a right of use begin under the next number."""
    data: UseRightRegistered = fact.data  # type: ignore[assignment]
    _check_next(data.number, state.numbers.use_right)
    check_span(data.valid_from, data.valid_to)
    if data.area_m2 is not None and data.area_m2 > state.area_m2:
        raise RuleViolated("area-exceeded", "a right covers no more than the parcel")
    rights, forgotten = make_room(state.use_rights, limit=MOST_USE_RIGHTS, now=recorded_second(fact.time))
    right = UseRight(data.number, data.kind, data.valid_from, data.valid_to)
    return dataclasses.replace(
        state,
        use_rights=(*rights, right),
        numbers=dataclasses.replace(state.numbers, use_right=data.number),
        horizon=later(state.horizon, forgotten),
    )


def end_use_right(state: ParcelState, fact: Fact) -> ParcelState:
    """End a right of use."""
    data: UseRightEnded = fact.data  # type: ignore[assignment]
    return dataclasses.replace(state, use_rights=ended(state.use_rights, data.number, data.valid_from))


def mortgage(state: ParcelState, fact: Fact) -> ParcelState:
    """Mortgage the parcel: only who holds it at that time can, and not under seizure."""
    data: Mortgaged = fact.data  # type: ignore[assignment]
    _check_next(data.number, state.numbers.mortgage)
    check_span(data.valid_from, data.valid_to)
    check_horizon(state, data.valid_from)
    holders = {holding.id for holding in at(state.holdings, data.valid_from)}
    if not holders:
        raise RuleViolated("no-title", "nobody holds a title at that time")
    if not set(data.holders) <= holders:
        raise RuleViolated("not-a-holder", "only holders at that time mortgage the parcel")
    if at(state.seizures, data.valid_from):
        raise RuleViolated("under-seizure", "a seized parcel is not mortgaged")
    mortgages, forgotten = make_room(state.mortgages, limit=MOST_MORTGAGES, now=recorded_second(fact.time))
    return dataclasses.replace(
        state,
        mortgages=(*mortgages, Mortgage(data.number, data.valid_from, data.valid_to)),
        numbers=dataclasses.replace(state.numbers, mortgage=data.number),
        horizon=later(state.horizon, forgotten),
    )


def consent(state: ParcelState, fact: Fact) -> ParcelState:
    """Remember a mortgagee's consent until a transfer uses it up; the oldest gives way when there are too many."""
    data: MortgageeConsented = fact.data  # type: ignore[assignment]
    check_span(data.valid_from, data.valid_to)
    if not any(held.number == data.mortgage for held in at(state.mortgages, data.valid_from)):
        raise RuleViolated("no-such-number", "no mortgage of this number holds at that time")
    new = Consent(fact.version, data.mortgage, data.valid_from, data.valid_to)
    return dataclasses.replace(state, consents=(*state.consents, new)[-MOST_CONSENTS:])


def release_mortgage(state: ParcelState, fact: Fact) -> ParcelState:
    """End a mortgage; consents to transfers under it fall with it."""
    data: MortgageReleased = fact.data  # type: ignore[assignment]
    return dataclasses.replace(
        state,
        mortgages=ended(state.mortgages, data.number, data.valid_from),
        consents=tuple(held for held in state.consents if held.mortgage != data.number),
    )


def impose_seizure(state: ParcelState, fact: Fact) -> ParcelState:
    """Forbid disposal under the next number; a parcel without title can be seized too."""
    data: SeizureImposed = fact.data  # type: ignore[assignment]
    _check_next(data.number, state.numbers.seizure)
    check_span(data.valid_from, data.valid_to)
    seizures, forgotten = make_room(state.seizures, limit=MOST_SEIZURES, now=recorded_second(fact.time))
    return dataclasses.replace(
        state,
        seizures=(*seizures, Seizure(data.number, data.valid_from, data.valid_to)),
        numbers=dataclasses.replace(state.numbers, seizure=data.number),
        horizon=later(state.horizon, forgotten),
    )


def lift_seizure(state: ParcelState, fact: Fact) -> ParcelState:
    """End a seizure."""
    data: SeizureLifted = fact.data  # type: ignore[assignment]
    return dataclasses.replace(state, seizures=ended(state.seizures, data.number, data.valid_from))


def _check_next(number: int, last: int) -> None:
    if number != last + 1:
        raise RuleViolated("number", f"the next number is {last + 1}")
