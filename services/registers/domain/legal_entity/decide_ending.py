"""Decisions on how a legal entity ends."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity import events as e
from services.registers.domain.legal_entity.decide_people import person_or_none
from services.registers.domain.legal_entity.register_rules import check_termination
from services.registers.domain.legal_entity.state import EntityState


def start_reorganisation(command: c.StartReorganisation, state: EntityState, _context: Context) -> Decided:
    """Enter a reorganisation under the next number."""
    data = e.ReorganisationStarted(
        number=state.numbers.proceeding + 1,
        kind=command.kind,  # type: ignore[arg-type]
        others=command.others,
        commission=person_or_none(command.commission),
        claims_until=command.claims_until,
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("reorganisation_started", 1, data)


def open_bankruptcy(command: c.OpenBankruptcy, state: EntityState, _context: Context) -> Decided:
    """Enter a bankruptcy under the next number."""
    data = e.BankruptcyOpened(
        number=state.numbers.proceeding + 1,
        manager=person_or_none(command.manager),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("bankruptcy_opened", 1, data)


def close_bankruptcy(command: c.CloseBankruptcy, _state: EntityState, _context: Context) -> Decided:
    """Enter that a bankruptcy case was closed."""
    data = e.BankruptcyClosed(command.number, command.valid_from, command.basis, command.imported)
    return Decided("bankruptcy_closed", 1, data)


def decide_termination(command: c.DecideTermination, state: EntityState, _context: Context) -> Decided:
    """Enter a liquidation under the next number."""
    data = e.TerminationDecided(
        number=state.numbers.proceeding + 1,
        commission=person_or_none(command.commission),
        claims_until=command.claims_until,
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("termination_decided", 1, data)


def revoke_termination(command: c.RevokeTermination, _state: EntityState, _context: Context) -> Decided:
    """Call it off."""
    data = e.TerminationRevoked(command.number, command.valid_from, command.basis, command.imported)
    return Decided("termination_revoked", 1, data)


def terminate(command: c.Terminate, state: EntityState, context: Context) -> Decided:
    """End the entity."""
    check_termination(command, state, context.time)
    data = e.Terminated(
        ground=command.ground,  # type: ignore[arg-type]
        successors=command.successors,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("terminated", 1, data)


def cancel_termination(command: c.CancelTermination, _state: EntityState, _context: Context) -> Decided:
    """Propose that the entity exists again."""
    data = e.TerminationCancelled(command.valid_from, command.basis, command.imported)
    return Decided("termination_cancelled", 1, data)


DECIDE_ENDING: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.StartReorganisation: start_reorganisation,
    c.OpenBankruptcy: open_bankruptcy,
    c.CloseBankruptcy: close_bankruptcy,
    c.DecideTermination: decide_termination,
    c.RevokeTermination: revoke_termination,
    c.Terminate: terminate,
    c.CancelTermination: cancel_termination,
}
