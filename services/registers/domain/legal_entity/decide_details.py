"""Decisions on what a legal entity is: taking it over, registering it, its name, address, activities, capital."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity import events as e
from services.registers.domain.legal_entity.details import UNKNOWN, particulars_digest
from services.registers.domain.legal_entity.register_rules import check_registration, founders_total
from services.registers.domain.legal_entity.state import EntityState


def record(command: c.RecordEntity, _state: EntityState | None, _context: Context) -> Decided:
    """Open the stream with what the old register held; a code that fails its check is kept as a text."""
    state = dataclasses.replace(
        UNKNOWN,
        edrpou=command.code if command.code_is_sound else None,
        other_code=None if command.code_is_sound else command.code,
        record=command.record,
        form=command.form,
        registered=command.registered,
        naming=command.naming,
        address=command.address,
        activities=command.activities,
        capital=command.capital,
        statute=command.statute,
        particulars=particulars_digest(command.original),
        beside=command.beside.id,
    )
    data = e.Recorded(
        as_of=command.as_of,
        state=state,
        original=command.original,
        beside=beside(command.beside),
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("recorded", 1, data)


def register(command: c.Register, _state: EntityState | None, context: Context) -> Decided:
    """Open the stream of an entity that begins to exist."""
    check_registration(command, context.time)
    data = e.Registered(
        edrpou=command.edrpou,
        record=command.record,
        form=command.form,
        name=command.name,
        short_name=command.short_name,
        address=command.address,
        katottg=command.katottg,
        beside=beside(command.beside),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("registered", 1, data)


def rename(command: c.Rename, _state: EntityState, _context: Context) -> Decided:
    """Enter a new name."""
    data = e.Renamed(
        name=command.name,
        short_name=command.short_name,
        form=command.form,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("renamed", 1, data)


def change_address(command: c.ChangeAddress, _state: EntityState, _context: Context) -> Decided:
    """Enter a new address."""
    data = e.AddressChanged(
        address=command.address,
        katottg=command.katottg,
        koatuu=command.koatuu,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("address_changed", 1, data)


def change_activities(command: c.ChangeActivities, _state: EntityState, _context: Context) -> Decided:
    """Enter all kinds of activity."""
    data = e.ActivitiesChanged(
        activities=command.activities,
        primary=command.primary,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("activities_changed", 1, data)


def change_capital(command: c.ChangeCapital, _state: EntityState, _context: Context) -> Decided:
    """Enter a new capital."""
    data = e.CapitalChanged(
        amount=command.amount,
        founders_total=founders_total(command.contributed, command.amount),
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("capital_changed", 1, data)


def change_statute(command: c.ChangeStatute, _state: EntityState, _context: Context) -> Decided:
    """Enter a new statute."""
    data = e.StatuteChanged(
        text=command.text,
        model=command.model,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("statute_changed", 1, data)


def change_particulars(command: c.ChangeParticulars, _state: EntityState, _context: Context) -> Decided:
    """Enter what a register says beside."""
    data = e.ParticularsChanged(
        original=command.original,
        beside=beside(command.beside),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("particulars_changed", 1, data)


def beside(sealed: SealedPerson) -> e.Beside:
    """Write sealed particulars as an event carries them."""
    return e.Beside(sealed.id, sealed.sd)


DECIDE_DETAILS: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.RecordEntity: record,
    c.Register: register,
    c.Rename: rename,
    c.ChangeAddress: change_address,
    c.ChangeActivities: change_activities,
    c.ChangeCapital: change_capital,
    c.ChangeStatute: change_statute,
    c.ChangeParticulars: change_particulars,
}
