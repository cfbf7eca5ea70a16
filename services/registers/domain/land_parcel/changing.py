"""Ledger rules of a parcel in a change: reserved or foreseen first, then let go, or ended and formed.

Whether a change goes through is decided in its own stream alone. What stands here keeps both ends to it: nothing that
was reserved can slip away, nothing that burdens a parcel gets lost, and no parcel is ended or formed twice.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.sourcing.common import LIVE
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, is_before, last_second, recorded_second
from litopys.sourcing.spans import Numbered, NumberedT
from services.registers.domain.land_parcel.change_events import (
    Divided,
    Foreseen,
    Formed,
    Merged,
    PassedMortgage,
    PassedSeizure,
    PassedUseRight,
    Released,
    Reserved,
)
from services.registers.domain.land_parcel.change_state import (
    ForeseenParcel,
    Reservation,
    ReservedParcel,
    released_state,
    reservation_of,
)
from services.registers.domain.land_parcel.parcel import boundary_digest
from services.registers.domain.land_parcel.shares import is_whole
from services.registers.domain.land_parcel.state import Holding, Mortgage, Numbers, ParcelState, Seizure, UseRight
from services.registers.domain.land_parcel.title import check_horizon, use_consents

# What may happen to a parcel while a change has it: its burdens may end, it may be seized, its value may be told.
_WHILE_RESERVED: Final = frozenset(
    {
        ("released", 1),
        ("divided", 2),
        ("merged", 2),
        ("valued", 1),
        ("use_right_ended", 1),
        ("mortgagee_consented", 1),
        ("mortgage_released", 1),
        ("seizure_imposed", 1),
        ("seizure_lifted", 1),
    }
)
_WHILE_FORESEEN: Final = frozenset({("released", 1), ("formed", 1)})


def hinder(state: Any, fact: Fact) -> None:  # noqa: ANN401 - any of the parcel's states
    """Refuse what a parcel that takes part in a change does not accept, corrections and proposals included."""
    change = (fact.name, fact.type_version)
    if isinstance(state, ReservedParcel) and change not in _WHILE_RESERVED:
        raise RuleViolated("reserved", f"the parcel is kept for {state.reservation.change}")
    if isinstance(state, ForeseenParcel) and change not in _WHILE_FORESEEN:
        raise RuleViolated("foreseen", f"the number is kept for {state.foreseen.change}")


def reserve(state: ParcelState, fact: Fact) -> ReservedParcel:
    """Keep the parcel for a change, if it is still what the change was planned upon and nothing forbids its end."""
    data: Reserved = fact.data  # type: ignore[assignment]
    _check_begins(data.change, data.expires, fact)
    if (state.area_m2, tuple(sorted(held.id for held in current(state)))) != (data.area_m2, data.holders):
        raise RuleViolated("not-as-planned", "area or holders are others than the change was planned upon")
    check_horizon(state, data.valid_from)
    begun = [held.valid_from for held in current(state)]
    begun += [held.valid_from for held in open_at(state.mortgages, data.valid_from)]
    if any(is_before(data.valid_from, moment) for moment in begun):
        raise RuleViolated("later-title", "title or mortgages changed after that time")
    if open_at(state.seizures, data.valid_from):
        raise RuleViolated("under-seizure", "a seized parcel is neither divided nor merged")
    state = use_consents(state, fact)
    kept = {field.name: getattr(state, field.name) for field in dataclasses.fields(ParcelState)}
    return ReservedParcel(**kept, reservation=Reservation(data.change, fact.version, data.expires))


def foresee(fact: Fact) -> ForeseenParcel:
    """Keep a number for a parcel that a change will form."""
    data: Foreseen = fact.data  # type: ignore[assignment]
    _check_begins(data.change, data.expires, fact)
    kept = Reservation(data.change, fact.version, data.expires)
    return ForeseenParcel(LIVE, kept, data.area_m2, boundary_digest(data.boundary), data.details)


def release(state: Any, fact: Fact) -> ParcelState | None:  # noqa: ANN401 - any of the parcel's states
    """Let the parcel go, or the number, which anybody can use again then."""
    data: Released = fact.data  # type: ignore[assignment]
    reservation = _reservation(state, data.change, fact)
    if data.outcome == "expired" and is_before(recorded_second(fact.time), reservation.expires):
        raise RuleViolated("not-expired", f"the reservation holds until {reservation.expires}")
    return released_state(state) if isinstance(state, ReservedParcel) else None


def end_by_change(state: ParcelState, fact: Fact) -> ParcelState:
    """End the parcel: it became others, or part of another, and every burden that still holds is named."""
    data: Divided | Merged = fact.data  # type: ignore[assignment]
    _reservation(state, data.change, fact)
    own = fact.subject.partition(":")[2]
    if own in ((data.into,) if isinstance(data, Merged) else data.into):
        raise RuleViolated("into-itself", "a parcel does not become itself")
    named = (data.use_rights, data.mortgages, data.seizures)
    if named != open_burdens(state, data.valid_from):
        raise RuleViolated("burden-dropped", "all burdens that hold then or later pass on, and no others")
    ended = released_state(state)  # type: ignore[arg-type]
    standing = dataclasses.replace(ended.standing, status="ended", proposals=())
    return dataclasses.replace(ended, standing=standing, ended_by=fact.name)  # type: ignore[arg-type]


def form(state: Any, fact: Fact) -> ParcelState:  # noqa: ANN401 - any of the parcel's states
    """Make a parcel of a number that was kept, with the title and the burdens that pass on to it."""
    data: Formed = fact.data  # type: ignore[assignment]
    if not isinstance(state, ForeseenParcel):
        raise RuleViolated("not-foreseen", "the number was kept for no change")
    _reservation(state, data.change, fact)
    if not {f"land_parcel:{number}" for number in data.parents} <= {cited.subject for cited in fact.cites}:
        raise RuleViolated("parent-not-cited", "a parcel that is formed cites the end of each parent")
    _check_passed(state, data)
    return ParcelState(
        standing=LIVE,
        area_m2=state.area_m2,
        boundary=state.boundary,
        measured_from=data.valid_from,
        details=state.details,
        valuation=None,
        holdings=tuple(Holding(owner.id, owner.share, data.valid_from, None) for owner in data.owners),
        use_rights=tuple(UseRight(r.number, r.kind, r.valid_from, r.valid_to) for r in data.use_rights),
        mortgages=tuple(Mortgage(m.number, m.valid_from, m.valid_to) for m in data.mortgages),
        consents=(),
        seizures=tuple(Seizure(s.number, s.valid_from, s.valid_to) for s in data.seizures),
        numbers=Numbers(len(data.use_rights), len(data.mortgages), len(data.seizures)),
        horizon=None,
        ended_by=None,
    )


def current(state: ParcelState) -> tuple[Holding, ...]:
    """Give the holdings of which no end is known."""
    return tuple(held for held in state.holdings if held.valid_to is None)


def open_at(spans: Iterable[NumberedT], moment: str) -> tuple[NumberedT, ...]:
    """Give those that have not ended by a moment, also those that begin after it, in the order of their numbers."""
    last = last_second(moment)
    found = [span for span in spans if span.valid_to is None or first_second(span.valid_to) > last]
    return tuple(sorted(found, key=lambda span: span.number))


def open_burdens(state: ParcelState, moment: str) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Give the numbers of use rights, mortgages and seizures that have not ended by a moment."""
    lists: tuple[tuple[Numbered, ...], ...] = (state.use_rights, state.mortgages, state.seizures)
    rights, mortgages, seizures = (tuple(span.number for span in open_at(spans, moment)) for spans in lists)
    return rights, mortgages, seizures


def _check_begins(change: str, expires: str, fact: Fact) -> None:
    if not any(cited.subject == change for cited in fact.cites):
        raise RuleViolated("change-not-cited", "who is kept for a change cites it")
    if len(expires) < len("2026-01-01T00:00:00Z") or not is_before(recorded_second(fact.time), expires):
        raise RuleViolated("reservation-over", "a reservation ends later, at a stated second")


def _reservation(state: object, change: str, fact: Fact) -> Reservation:
    """Find the reservation for a change, of which a later entry must be cited: the one that decided it."""
    kept = reservation_of(state)
    if kept is None or kept.change != change:
        raise RuleViolated("not-reserved", "the parcel is not kept for this change")
    if not any(cited.subject == change and cited.version > 1 for cited in fact.cites):
        raise RuleViolated("change-not-cited", "what follows from a change cites the entry that decided it")
    return kept


def _check_passed(state: ForeseenParcel, data: Formed) -> None:
    if data.owners and not is_whole(owner.share for owner in data.owners):
        raise RuleViolated("shares-not-whole", "the shares of a title add up to exactly 1")
    persons = [person.id for owner in data.owners for person in owner.persons]
    if len(set(persons)) != len(persons):
        raise RuleViolated("person-id-used", "a new holder comes under a fresh id")
    _check_burdens(data.use_rights, data.parents)
    _check_burdens(data.mortgages, data.parents)
    _check_burdens(data.seizures, data.parents)
    if any(right.area_m2 is not None and right.area_m2 > state.area_m2 for right in data.use_rights):
        raise RuleViolated("area-exceeded", "a right covers no more than the parcel")


def _check_burdens(passed: Sequence[PassedUseRight | PassedMortgage | PassedSeizure], parents: tuple[str, ...]) -> None:
    if [burden.number for burden in passed] != list(range(1, len(passed) + 1)):
        raise RuleViolated("number", "burdens that pass on are numbered from 1")
    origins = [(burden.parent, burden.parent_number) for burden in passed]
    if len(set(origins)) != len(origins) or not {parent for parent, _ in origins} <= set(parents):
        raise RuleViolated("burden-origin", "each burden comes from one of the parents, and once")
    if any(burden.valid_to is not None and is_before(burden.valid_to, burden.valid_from) for burden in passed):
        raise RuleViolated("valid-time", "it would end before it begins")


CHANGES_BY_VERSION: Final[Mapping[tuple[str, int], Callable[[Any, Fact], Any]]] = {
    ("reserved", 1): reserve,
    ("released", 1): release,
    ("divided", 2): end_by_change,
    ("merged", 2): end_by_change,
    ("formed", 1): form,
}
