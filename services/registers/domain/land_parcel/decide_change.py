"""Decisions on a parcel in a change: the commands say which change, its plan says the rest."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from litopys.sourcing.spans import at
from services.registers.domain.land_parcel import change_events as e
from services.registers.domain.land_parcel.change_state import ReservedParcel
from services.registers.domain.land_parcel.changing import open_burdens
from services.registers.domain.land_parcel.state import ParcelState
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change.events import PlannedChild, PlannedParent
from services.registers.domain.parcel_change.forming import form
from services.registers.domain.parcel_change.seen import SeenChange


def reserve(command: c.ReserveParcel, state: ParcelState, context: Context) -> Decided:
    """Keep the parcel for the change that plans its end, with a consent to each mortgage."""
    seen = _in_phase(command.seen, "planned")
    parent = _parent(seen, context.subject)
    burdens = {mortgage.number for mortgage in at(state.mortgages, seen.plan.valid_from)}
    usable = {consent.mortgage: consent.version for consent in at(state.consents, seen.plan.valid_from)}
    data = e.Reserved(
        change=seen.subject,
        area_m2=parent.area_m2,
        holders=parent.holders,
        consents=tuple(sorted(version for mortgage, version in usable.items() if mortgage in burdens)),
        valid_from=seen.plan.valid_from,
        expires=seen.plan.expires,
    )
    return Decided("reserved", 1, data, (Citation(seen.subject, 1),))


def foresee(command: c.ForeseeParcel, state: object, context: Context) -> Decided:
    """Keep the number for the parcel that the change plans to form."""
    if state is not None:
        raise RuleViolated("number-taken", "there is something under this number already")
    seen = _in_phase(command.seen, "planned")
    child = _child(seen, context.subject)
    data = e.Foreseen(seen.subject, child.area_m2, child.boundary, child.details, seen.plan.expires)
    return Decided("foreseen", 1, data, (Citation(seen.subject, 1),))


def release(command: c.ReleaseParcel, _state: object, _context: Context) -> Decided:
    """Let go what was kept for a change that came to nothing."""
    seen = _in_phase(command.seen, "abandoned", "annulled")
    is_abandoned = seen.state.phase == "abandoned"
    outcome: e.Outcome = seen.state.reason or "annulled" if is_abandoned else "annulled"
    decided = seen.state.turn if is_abandoned else seen.version
    return Decided("released", 1, e.Released(seen.subject, outcome), (Citation(seen.subject, decided),))


def end(command: c.EndParcel, state: ParcelState, context: Context) -> Decided:
    """End the parcel; all burdens that hold are named, so that each of them can be followed."""
    seen = _in_phase(command.seen, "authorised")
    _parent(seen, context.subject)
    if not isinstance(state, ReservedParcel):
        raise RuleViolated("not-reserved", "the parcel is not kept for this change")
    rights, mortgages, seizures = open_burdens(state, seen.plan.valid_from)
    common: dict[str, Any] = {
        "change": seen.subject,
        "use_rights": rights,
        "mortgages": mortgages,
        "seizures": seizures,
        "valid_from": seen.plan.valid_from,
        "basis": seen.plan.basis,
    }
    into = tuple(sorted(child.number for child in seen.plan.children))
    cites = (Citation(seen.subject, seen.state.turn),)
    if seen.plan.kind == "division":
        return Decided("divided", 2, e.Divided(into=into, **common), cites)
    return Decided("merged", 2, e.Merged(into=into[0], **common), cites)


def form_parcel(command: c.FormParcel, _state: object, context: Context) -> Decided:
    """Form the parcel out of its parents, once all of them have ended."""
    seen = _in_phase(command.seen, "authorised")
    return form(seen, _child(seen, context.subject), command.parcels)


def _in_phase(seen: SeenChange | None, *phases: str) -> SeenChange:
    if seen is None:
        raise RuleViolated("no-such-change", "there is no such change")
    if seen.state.phase not in phases:
        raise RuleViolated("change-phase", f"the change is {seen.state.phase}, not {' or '.join(phases)}")
    return seen


def _parent(seen: SeenChange, subject: str) -> PlannedParent:
    for parent in seen.plan.parents:
        if subject == f"land_parcel:{parent.number}":
            return parent
    raise RuleViolated("not-in-plan", "the change does not end this parcel")


def _child(seen: SeenChange, subject: str) -> PlannedChild:
    for child in seen.plan.children:
        if subject == f"land_parcel:{child.number}":
            return child
    raise RuleViolated("not-in-plan", "the change does not form this parcel")


DECIDE_CHANGE: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.ReserveParcel: reserve,
    c.ForeseeParcel: foresee,
    c.ReleaseParcel: release,
    c.EndParcel: end,
    c.FormParcel: form_parcel,
}
