"""Decisions on the title: registering, transferring, inheriting."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel import events as e
from services.registers.domain.land_parcel.register_rules import check_not_future, check_persons
from services.registers.domain.land_parcel.state import ParcelState
from services.registers.domain.land_parcel.title import current_holdings


def register_title(command: c.RegisterTitle, _state: ParcelState, context: Context) -> Decided:
    """Enter the first title."""
    _check(command.owners, command.valid_from, context)
    data = e.TitleRegistered(
        owners=_owner_events(command.owners),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("title_registered", 1, data)


def transfer_title(command: c.TransferTitle, state: ParcelState, context: Context) -> Decided:
    """Pass the whole title on from those who hold it at that time."""
    _check(command.owners, command.valid_from, context)
    data = e.TitleTransferred(
        holders=tuple(sorted(holding.id for holding in current_holdings(state, command.valid_from))),
        owners=_owner_events(command.owners),
        ground=command.ground,  # type: ignore[arg-type]
        consents=tuple(sorted(command.consents)),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("title_transferred", 1, data)


def transfer_share(command: c.TransferShare, _state: ParcelState, context: Context) -> Decided:
    """Pass a share on."""
    _check(command.owners, command.valid_from, context)
    data = e.ShareTransferred(
        holder=command.holder,
        owners=_owner_events(command.owners),
        ground=command.ground,  # type: ignore[arg-type]
        consents=tuple(sorted(command.consents)),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("share_transferred", 1, data)


def inherit(command: c.Inherit, _state: ParcelState, context: Context) -> Decided:
    """Pass a share to heirs."""
    _check(command.owners, command.valid_from, context)
    data = e.Inherited(
        holder=command.holder,
        owners=_owner_events(command.owners),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("inherited", 1, data)


def holder_event(owner: c.Owning) -> e.Holder:
    """Write a holder as an event carries it."""
    return e.Holder(tuple(e.Person(person.id, person.sd) for person in owner.persons))


def _owner_events(owners: tuple[c.Owning, ...]) -> tuple[e.Owner, ...]:
    return tuple(e.Owner(owner.share, holder_event(owner).persons) for owner in owners)


def _check(owners: tuple[c.Owning, ...], valid_from: str, context: Context) -> None:
    check_not_future(valid_from, context.time)
    check_persons(owners)


DECIDE_TITLE: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.RegisterTitle: register_title,
    c.TransferTitle: transfer_title,
    c.TransferShare: transfer_share,
    c.Inherit: inherit,
}
