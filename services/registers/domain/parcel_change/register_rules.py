"""Register rules of a change: what it says of other streams, and what only the sector can judge."""

from collections.abc import Iterable, Mapping
from typing import Final

from litopys.errors import RuleViolated
from services.registers.domain.land_parcel.change_state import ForeseenParcel, ReservedParcel
from services.registers.domain.land_parcel.changing import current, open_at, open_burdens
from services.registers.domain.land_parcel.state import MOST_MORTGAGES, MOST_SEIZURES, MOST_USE_RIGHTS, ParcelState
from services.registers.domain.parcel_change.commands import NewParcel, ProposeChange
from services.registers.domain.parcel_change.events import Planned, PlannedShare
from services.registers.domain.parcel_change.seen import SeenParcel

# A tolerance is for rounding and measurement: a square metre for each parcel, or a hundredth of the area.
_TOLERATED_PART = 100
# A person takes some 340 bytes of an event, which has 47,000; seizures and the rest have to fit beside them.
MOST_PERSONS: Final = 90


def check_tolerance(command: ProposeChange, area_m2: int) -> None:
    """Refuse a tolerance under which land could appear or vanish; areas in square metres."""
    parcels = len(command.parents) + len(command.children)
    if command.tolerance_m2 > max(parcels, area_m2 // _TOLERATED_PART):
        raise RuleViolated("tolerance", "a tolerance is a hundredth of the area at most, or a square metre per parcel")


def find_parent(number: str, parcels: Mapping[str, SeenParcel]) -> SeenParcel:
    """Give a parcel that lives and that no change has yet; raises RuleViolated."""
    seen = parcels.get(number)
    if seen is None or seen.state is None or isinstance(seen.state, ForeseenParcel):
        raise RuleViolated("no-such-parcel", f"there is no parcel {number}")
    if isinstance(seen.state, ReservedParcel):
        raise RuleViolated("reserved", f"{number} is kept for {seen.state.reservation.change}")
    if seen.state.standing.status != "live":
        raise RuleViolated("ended", f"{number} is {seen.state.standing.status}")
    return seen


def check_free(number: str, parcels: Mapping[str, SeenParcel]) -> None:
    """Refuse a number under which something stands already."""
    seen = parcels.get(number)
    if seen is not None and seen.state is not None:
        raise RuleViolated("number-taken", f"there is something under {number} already")


def check_placed(child: NewParcel, parents: Mapping[str, SeenParcel], moment: str) -> None:
    """Refuse to place a right of use that the parent has not."""
    for placed in child.use_rights:
        seen = parents.get(placed.parent)
        known = () if seen is None else open_at(seen.state.use_rights, moment)
        if placed.number not in {right.number for right in known}:
            raise RuleViolated("no-such-number", f"{placed.parent} has no right of use {placed.number} then")


def check_all_remain(plan: Planned, parents: Mapping[str, SeenParcel]) -> None:
    """Refuse a plan under which somebody who held a parent holds none of the new parcels.

    One person has an id in each parcel: whose code is that of somebody named is named.
    """
    named = {(share.parent, share.holder) for child in plan.children for share in child.title}
    codes = {_codes(parents[number], holder) for number, holder in named} - {None}
    held = {(parent.number, holder) for parent in plan.parents for holder in parent.holders}
    if any(_codes(parents[number], holder) not in codes for number, holder in held - named):
        raise RuleViolated("holder-dropped", "whoever holds a parcel holds some of what it becomes")


def check_room(plan: Planned, parents: Iterable[ParcelState]) -> None:
    """Refuse a merger whose parcel would have more burdens than a parcel can have."""
    counts = [[len(numbers) for numbers in open_burdens(state, plan.valid_from)] for state in parents]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    if any(many > most for many, most in zip(sums, (MOST_USE_RIGHTS, MOST_MORTGAGES, MOST_SEIZURES), strict=True)):
        raise RuleViolated("too-many", "the parcels together have more burdens than one can have")


def check_persons_fit(plan: Planned, parents: Mapping[str, SeenParcel]) -> None:
    """Refuse a plan under which so many persons pass on to one parcel that no event could carry them all."""
    burdened = sum(
        len(numbers) for seen in parents.values() for numbers in open_burdens(seen.state, plan.valid_from)[:2]
    )
    for child in plan.children:
        holders = [parents[share.parent].told.holders.get(share.holder, ("",)) for share in child.title]
        if sum(map(len, holders)) + burdened > MOST_PERSONS:
            raise RuleViolated("too-many", f"more than {MOST_PERSONS} persons would pass on to one parcel")


def usual_title(command: ProposeChange, parents: Mapping[str, SeenParcel]) -> tuple[PlannedShare, ...]:
    """Say who will hold a new parcel where nobody says it: all as they are, or the one who holds all of it."""
    held = [(number, holding) for number in command.parents for holding in current(parents[number].state)]
    if command.kind == "division" or not held:
        return tuple(PlannedShare(number, holding.id, holding.share) for number, holding in held)
    if any(holding.share != "1/1" for _, holding in held) or len(held) < len(command.parents):
        raise RuleViolated("title-unsaid", "say who will hold the new parcel, in which shares")
    if len({_codes(parents[number], holding.id) for number, holding in held} - {None}) != 1:
        raise RuleViolated("title-unsaid", "say who will hold the new parcel, in which shares")
    if any(_codes(parents[number], holding.id) is None for number, holding in held):
        raise RuleViolated("title-unsaid", "say who will hold the new parcel, in which shares")
    number, holding = held[0]
    return (PlannedShare(number, holding.id, "1/1"),)


def _codes(seen: SeenParcel, holder: str) -> frozenset[object] | None:
    """Give the codes of all persons of a holder, None where one of them has no code that passes its check."""
    fields = [seen.fields.get(person, {}) for person in seen.told.holders.get(holder, (holder,))]
    if any(one.get("code_check") != "valid" for one in fields):
        return None
    return frozenset(one["code"] for one in fields)
