"""What a command on an establishment amounts to."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.common import LIVE
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider
from litopys.sourcing.facts import Decided
from services.registers.domain.establishment import commands as c
from services.registers.domain.establishment import events as e
from services.registers.domain.establishment.evolve import ESTABLISHMENT, originals_digest
from services.registers.domain.establishment.state import EstablishmentState, Owner


def record(command: c.RecordEstablishment, _state: EstablishmentState | None, _context: Context) -> Decided:
    """Open the stream with what the old register held."""
    state = EstablishmentState(
        standing=LIVE,
        opened=command.opened,
        details=command.details,
        place=command.place,
        owner=command.owner,
        valid_from=None,
        particulars=originals_digest(command.original),
    )
    data = e.Recorded(command.as_of, state, command.original, command.basis, command.imported)
    return Decided("recorded", 1, data, _cites(command.cited))


def open_new(command: c.OpenEstablishment, _state: EstablishmentState | None, _context: Context) -> Decided:
    """Open the stream of a new establishment; a legal entity stands behind it."""
    _check_owned(command.owner)
    data = e.Registered(
        details=command.details,
        place=command.place,
        owner=command.owner,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("registered", 1, data, _cites(command.cited))


def change_details(command: c.ChangeDetails, _state: EstablishmentState, _context: Context) -> Decided:
    """Enter what is said now."""
    if command.imported is None:
        _check_owned(command.owner)
    data = e.DetailsChanged(
        details=command.details,
        place=command.place,
        owner=command.owner,
        original=command.original,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("details_changed", 1, data, _cites(command.cited))


def close(command: c.CloseEstablishment, _state: EstablishmentState, _context: Context) -> Decided:
    """Enter the end."""
    return Decided("closed", 1, e.Closed(command.reason, command.valid_from, command.basis, command.imported))


def _check_owned(owner: Owner) -> None:
    if owner.entity is None:
        raise RuleViolated("no-entity", "an officer names the legal entity: a code alone was inherited at most")


def _cites(cited: Citation | None) -> tuple[Citation, ...]:
    return () if cited is None else (cited,)


_DECISIONS: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.RecordEstablishment: record,
    c.OpenEstablishment: open_new,
    c.ChangeDetails: change_details,
    c.CloseEstablishment: close,
}

DECIDER: Final = Decider(
    aggregate=ESTABLISHMENT,
    decisions=_DECISIONS,
    openers=(c.RecordEstablishment, c.OpenEstablishment),
)
