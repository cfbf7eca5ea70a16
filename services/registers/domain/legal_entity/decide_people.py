"""Decisions on the persons behind a legal entity: heads, signers, founders, beneficiaries."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity import events as e
from services.registers.domain.legal_entity.register_rules import check_named, founders_total
from services.registers.domain.legal_entity.state import EntityState


def appoint_head(command: c.AppointHead, _state: EntityState, _context: Context) -> Decided:
    """Enter a new head."""
    check_named([command.head])
    data = e.HeadAppointed(
        head=person(command.head),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("head_appointed", 1, data)


def appoint_signer(command: c.AppointSigner, state: EntityState, _context: Context) -> Decided:
    """Enter a signer under the next number."""
    check_named([command.signer])
    data = e.SignerAppointed(
        number=state.numbers.signer + 1,
        signer=person(command.signer),
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("signer_appointed", 1, data)


def dismiss_signer(command: c.DismissSigner, _state: EntityState, _context: Context) -> Decided:
    """Enter the end of a signer's power."""
    data = e.SignerDismissed(command.number, command.valid_from, command.basis, command.imported)
    return Decided("signer_dismissed", 1, data)


def join_founder(command: c.JoinFounder, state: EntityState, _context: Context) -> Decided:
    """Enter a founder under the next number."""
    check_named([command.founder])
    data = e.FounderJoined(
        number=state.numbers.founder + 1,
        founder=person(command.founder),
        founders_total=founders_total(command.contributed, state.capital),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("founder_joined", 1, data)


def leave_founder(command: c.LeaveFounder, state: EntityState, _context: Context) -> Decided:
    """Enter that a founder left."""
    data = e.FounderLeft(
        number=command.number,
        founders_total=founders_total(command.contributed, state.capital),
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("founder_left", 1, data)


def change_share(command: c.ChangeFounderShare, state: EntityState, _context: Context) -> Decided:
    """Enter a founder's new share."""
    check_named([command.founder])
    data = e.FounderShareChanged(
        number=command.number,
        founder=person(command.founder),
        founders_total=founders_total(command.contributed, state.capital),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("founder_share_changed", 1, data)


def set_beneficiaries(command: c.SetBeneficiaries, _state: EntityState, _context: Context) -> Decided:
    """Enter all beneficial owners."""
    check_named(command.beneficiaries)
    data = e.BeneficiarySet(
        beneficiaries=tuple(person(one) for one in command.beneficiaries),
        reason=command.reason,
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("beneficiary_set", 1, data)


def person(sealed: SealedPerson) -> e.Person:
    """Write a sealed person as an event carries them."""
    return e.Person(sealed.id, sealed.sd)


def person_or_none(sealed: SealedPerson | None) -> e.Person | None:
    """Write a sealed person, if there is one."""
    return None if sealed is None else person(sealed)


DECIDE_PEOPLE: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.AppointHead: appoint_head,
    c.AppointSigner: appoint_signer,
    c.DismissSigner: dismiss_signer,
    c.JoinFounder: join_founder,
    c.LeaveFounder: leave_founder,
    c.ChangeFounderShare: change_share,
    c.SetBeneficiaries: set_beneficiaries,
}
