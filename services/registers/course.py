"""The course of a change of parcels: what follows by itself from how the change and its parcels stand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from litopys.service.sector import Course, Step
from litopys.sourcing.moments import is_before, recorded_second
from services.registers.domain.land_parcel.change_state import ForeseenParcel, ReservedParcel, reservation_of
from services.registers.domain.parcel_change.state import ChangeState, parcel_subject


def parcels_of(state: ChangeState) -> list[str]:
    """Give the parcels that a change ends, and those that it forms."""
    return [*_parents(state), *_children(state)]


def next_steps(subject: str, state: ChangeState, others: Mapping[str, Any], *, now: str) -> Sequence[Step]:
    """Tell what follows; nothing where the change is over, or waits to be approved."""
    if state.phase == "planned":
        if not is_before(recorded_second(now), state.expires):
            return (Step(subject, "abandon", {"reason": "expired"}),)
        return tuple(_keep(subject, state, others))
    if state.phase == "authorised":
        return tuple(_follow(subject, state, others))
    return tuple(_in_change(subject, _kept(parcels_of(state), subject, others), "release"))


def _keep(subject: str, state: ChangeState, parcels: Mapping[str, Any]) -> Iterator[Step]:
    kept = set(_kept(parcels_of(state), subject, parcels))
    yield from _in_change(subject, [one for one in _parents(state) if one not in kept], "reserve")
    yield from _in_change(subject, [one for one in _children(state) if one not in kept], "foresee")


def _follow(subject: str, state: ChangeState, parcels: Mapping[str, Any]) -> Iterator[Step]:
    """End the parents; when all have ended form the children; when all are formed complete."""
    reserved = [one for one in _kept(_parents(state), subject, parcels) if isinstance(parcels[one], ReservedParcel)]
    foreseen = [one for one in _kept(_children(state), subject, parcels) if isinstance(parcels[one], ForeseenParcel)]
    if reserved:
        yield from _in_change(subject, reserved, "end-by-change")
    elif foreseen:
        yield from _in_change(subject, foreseen, "form")
    else:
        yield Step(subject, "complete", {})


def _kept(subjects: Sequence[str], change: str, parcels: Mapping[str, Any]) -> list[str]:
    kept = {one: reservation_of(parcels[one]) for one in subjects}
    return [one for one, reservation in kept.items() if reservation is not None and reservation.change == change]


def _in_change(change: str, subjects: Sequence[str], command: str) -> Iterator[Step]:
    for subject in subjects:
        yield Step(subject, command, {"change": change})


def _parents(state: ChangeState) -> list[str]:
    return [parcel_subject(parent.number) for parent in state.parents]


def _children(state: ChangeState) -> list[str]:
    return [parcel_subject(child.number) for child in state.children]


COURSE: Final = Course(
    others=parcels_of,
    next_steps=next_steps,
    open_terms=tuple(("phase", phase) for phase in ("planned", "authorised", "abandoned", "annulled")),
)
