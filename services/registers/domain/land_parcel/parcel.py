"""Ledger rules of the parcel itself: boundary, valuation, its end; soundness of a state that an event carries."""

import dataclasses
from collections.abc import Iterable

from litopys.errors import RuleViolated
from litopys.sourcing.codec import content_digest
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import is_before
from litopys.sourcing.spans import Span
from services.registers.domain.land_parcel.events import (
    Boundary,
    BoundaryCorrected,
    Closed,
    Divided,
    Merged,
    Recorded,
    Valued,
)
from services.registers.domain.land_parcel.state import MOST_HOLDERS, ParcelState, Valuation


def open_parcel(fact: Fact) -> ParcelState:
    """Take over the state that a register held; it names the boundary and every holder that the event describes."""
    data: Recorded = fact.data  # type: ignore[assignment]
    if data.state.boundary != boundary_digest(data.boundary):
        raise RuleViolated("boundary-digest", "the state names another boundary than the event carries")
    described = {holder.persons[0].id for holder in data.holders}
    held = {holding.id for holding in data.state.holdings}
    if described != held or len(described) != len(data.holders):
        raise RuleViolated("holders-not-described", "every holder is described, and nobody else")
    return data.state


def correct_boundary(state: ParcelState, fact: Fact) -> ParcelState:
    """Take a new boundary and its area, unless a later one is known: a late one is recorded and changes nothing."""
    data: BoundaryCorrected = fact.data  # type: ignore[assignment]
    if state.measured_from is not None and is_before(data.valid_from, state.measured_from):
        return state
    boundary = boundary_digest(data.boundary)
    return dataclasses.replace(state, area_m2=data.area_m2, boundary=boundary, measured_from=data.valid_from)


def value(state: ParcelState, fact: Fact) -> ParcelState:
    """Take a valuation, unless a later one is known: a late one is recorded and changes nothing."""
    data: Valued = fact.data  # type: ignore[assignment]
    if state.valuation is not None and is_before(data.valid_from, state.valuation.valid_from):
        return state
    return dataclasses.replace(state, valuation=Valuation(data.amount, data.valid_from))


def divide(state: ParcelState, fact: Fact) -> ParcelState:
    """End the parcel: it became others."""
    data: Divided = fact.data  # type: ignore[assignment]
    if _own_number(fact) in data.into:
        raise RuleViolated("into-itself", "a parcel does not become itself")
    return _ended(state, "divided")


def merge(state: ParcelState, fact: Fact) -> ParcelState:
    """End the parcel: it became part of another."""
    data: Merged = fact.data  # type: ignore[assignment]
    if _own_number(fact) == data.into:
        raise RuleViolated("into-itself", "a parcel does not become itself")
    return _ended(state, "merged")


def close(state: ParcelState, fact: Fact) -> ParcelState:
    """End the parcel's record."""
    _data: Closed = fact.data  # type: ignore[assignment]
    return _ended(state, "closed")


def revive(state: ParcelState) -> ParcelState:
    """Give an ended parcel as a living one."""
    standing = dataclasses.replace(state.standing, status="live")
    return dataclasses.replace(state, standing=standing, ended_by=None)


def boundary_digest(boundary: Boundary | None) -> str | None:
    """Digest a boundary as the state names it."""
    if boundary is None:
        return None
    return content_digest([boundary.crs, boundary.kind, boundary.coordinates])


def check_state(state: ParcelState) -> None:
    """Refuse a carried state that makes no sense whatever its register held; raises RuleViolated."""
    lists: tuple[tuple[Span, ...], ...]
    lists = (state.holdings, state.use_rights, state.mortgages, state.consents, state.seizures)
    for spans in lists:
        for span in spans:
            _check_order(span)
    _check_distinct(holding.id for holding in state.holdings if holding.valid_to is None)
    if sum(holding.valid_to is None for holding in state.holdings) > MOST_HOLDERS:
        raise RuleViolated("too-many", f"a parcel has at most {MOST_HOLDERS} holders at a time")
    _check_numbers((right.number for right in state.use_rights), state.numbers.use_right)
    _check_numbers((mortgage.number for mortgage in state.mortgages), state.numbers.mortgage)
    _check_numbers((seizure.number for seizure in state.seizures), state.numbers.seizure)
    _check_distinct(str(consent.version) for consent in state.consents)
    if (state.standing.status == "ended") != (state.ended_by is not None):
        raise RuleViolated("state-unsound", "what has ended says by what")


def _ended(state: ParcelState, how: str) -> ParcelState:
    standing = dataclasses.replace(state.standing, status="ended", proposals=())
    return dataclasses.replace(state, standing=standing, ended_by=how)  # type: ignore[arg-type]


def _check_order(span: Span) -> None:
    if span.valid_to is not None and is_before(span.valid_to, span.valid_from):
        raise RuleViolated("state-unsound", "something ends before it begins")


def _own_number(fact: Fact) -> str:
    return fact.subject.partition(":")[2]


def _check_distinct(names: Iterable[str]) -> None:
    listed = list(names)
    if len(set(listed)) != len(listed):
        raise RuleViolated("state-unsound", "an id stands twice")


def _check_numbers(numbers: Iterable[int], last: int) -> None:
    listed = list(numbers)
    if len(set(listed)) != len(listed) or any(number > last for number in listed):
        raise RuleViolated("state-unsound", "numbers stand twice or beyond the last one given")
