"""Decisions on the parcel itself: taking it over, measuring, valuing, ending it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.sourcing.common import LIVE
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel import events as e
from services.registers.domain.land_parcel.decide_title import holder_event
from services.registers.domain.land_parcel.parcel import boundary_digest
from services.registers.domain.land_parcel.register_rules import check_not_future, check_persons
from services.registers.domain.land_parcel.shares import is_whole
from services.registers.domain.land_parcel.state import Holding, Numbers, ParcelState


def record(command: c.RecordParcel, _state: ParcelState | None, context: Context) -> Decided:
    """Open the stream with the state of the old register; contradictions in it are listed, not refused."""
    check_persons(command.owners)
    since = command.owned_since or command.as_of
    check_not_future(since, context.time)
    holdings = tuple(Holding(owner.persons[0].id, owner.share, since, None) for owner in command.owners)
    whole = not holdings or is_whole(owner.share for owner in command.owners)
    state = ParcelState(
        standing=LIVE if whole else type(LIVE)("live", (), ("shares-not-whole",)),
        area_m2=command.area_m2,
        boundary=boundary_digest(command.boundary),
        measured_from=None,
        details=command.details,
        valuation=None,
        holdings=holdings,
        use_rights=(),
        mortgages=(),
        consents=(),
        seizures=(),
        numbers=Numbers(0, 0, 0),
        horizon=None,
        ended_by=None,
    )
    data = e.Recorded(
        as_of=command.as_of,
        state=state,
        boundary=command.boundary,
        holders=tuple(holder_event(owner) for owner in command.owners),
        registrar=command.registrar,
        registered=command.registered,
        original=command.original,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("recorded", 1, data)


def correct_boundary(command: c.CorrectBoundary, _state: ParcelState, _context: Context) -> Decided:
    """Enter a new measurement."""
    data = e.BoundaryCorrected(
        area_m2=command.area_m2,
        boundary=command.boundary,
        valid_from=command.valid_from,
        original=command.original,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("boundary_corrected", 1, data)


def value(command: c.Value, _state: ParcelState, _context: Context) -> Decided:
    """Enter a valuation."""
    data = e.Valued(
        amount=command.amount,
        valid_from=command.valid_from,
        original=command.original,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("valued", 1, data)


def close(command: c.Close, _state: ParcelState, _context: Context) -> Decided:
    """End the parcel's record."""
    return Decided("closed", 1, e.Closed(command.reason, command.valid_from, command.basis, command.imported))


DECIDE_PARCEL: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.RecordParcel: record,
    c.CorrectBoundary: correct_boundary,
    c.Value: value,
    c.Close: close,
}
