"""Decisions on burdens: rights of use, mortgages, seizures. `decide` gives each its number."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from litopys.sourcing.spans import at
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel import events as e
from services.registers.domain.land_parcel.register_rules import check_person, check_use_right
from services.registers.domain.land_parcel.state import ParcelState
from services.registers.domain.land_parcel.title import check_horizon


def register_use_right(command: c.RegisterUseRight, state: ParcelState, _context: Context) -> Decided:
    """Enter a right of use under the next number."""
    check_person(command.holder)
    check_use_right(state, command)
    data = e.UseRightRegistered(
        number=state.numbers.use_right + 1,
        kind=command.kind,  # type: ignore[arg-type]
        holder=e.Person(command.holder.id, command.holder.sd),
        area_m2=command.area_m2,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("use_right_registered", 1, data)


def end_use_right(command: c.EndUseRight, _state: ParcelState, _context: Context) -> Decided:
    """Enter the end of a right of use."""
    data = e.UseRightEnded(command.number, command.valid_from, command.basis, command.imported)
    return Decided("use_right_ended", 1, data)


def mortgage(command: c.MortgageParcel, state: ParcelState, _context: Context) -> Decided:
    """Enter a mortgage under the next number, by all holders at that time unless some are named."""
    check_person(command.mortgagee)
    check_horizon(state, command.valid_from)
    holders = command.holders or tuple(holding.id for holding in at(state.holdings, command.valid_from))
    if not holders:
        raise RuleViolated("no-title", "nobody holds a title at that time")
    data = e.Mortgaged(
        number=state.numbers.mortgage + 1,
        holders=tuple(sorted(holders)),
        mortgagee=e.Person(command.mortgagee.id, command.mortgagee.sd),
        amount=command.amount,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("mortgaged", 1, data)


def consent(command: c.ConsentToTransfer, _state: ParcelState, _context: Context) -> Decided:
    """Enter a mortgagee's consent."""
    data = e.MortgageeConsented(
        mortgage=command.mortgage,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("mortgagee_consented", 1, data)


def release_mortgage(command: c.ReleaseMortgage, _state: ParcelState, _context: Context) -> Decided:
    """Enter the end of a mortgage."""
    data = e.MortgageReleased(command.number, command.valid_from, command.basis, command.imported)
    return Decided("mortgage_released", 1, data)


def impose_seizure(command: c.ImposeSeizure, state: ParcelState, _context: Context) -> Decided:
    """Enter a seizure under the next number."""
    data = e.SeizureImposed(
        number=state.numbers.seizure + 1,
        authority=command.authority,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("seizure_imposed", 1, data)


def lift_seizure(command: c.LiftSeizure, _state: ParcelState, _context: Context) -> Decided:
    """Enter the end of a seizure."""
    data = e.SeizureLifted(command.number, command.valid_from, command.basis, command.imported)
    return Decided("seizure_lifted", 1, data)


DECIDE_BURDENS: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.RegisterUseRight: register_use_right,
    c.EndUseRight: end_use_right,
    c.MortgageParcel: mortgage,
    c.ConsentToTransfer: consent,
    c.ReleaseMortgage: release_mortgage,
    c.ImposeSeizure: impose_seizure,
    c.LiftSeizure: lift_seizure,
}
