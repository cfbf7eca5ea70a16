"""Ledger rules of what a legal entity is: how it begins, its name, address, activities, capital and statute.

Of each the state holds what was told last by valid time: a late fact is recorded and changes nothing.
"""

import dataclasses

from litopys.errors import RuleViolated
from litopys.sourcing.codec import content_digest
from litopys.sourcing.common import LIVE, Original
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import is_before
from services.registers.domain.legal_entity.events import (
    ActivitiesChanged,
    AddressChanged,
    CapitalChanged,
    ParticularsChanged,
    Recorded,
    Registered,
    Renamed,
    StatuteChanged,
)
from services.registers.domain.legal_entity.state import (
    NO_NUMBERS,
    Activities,
    Address,
    Capital,
    EntityState,
    Naming,
    Statute,
)

NO_NAMING = Naming(None, None, None)
NO_ADDRESS = Address(None, None, None, None)
NO_ACTIVITIES = Activities(None, (), None)
NO_STATUTE = Statute(None, None, None)

UNKNOWN = EntityState(
    standing=LIVE,
    edrpou=None,
    other_code=None,
    record=None,
    form=None,
    registered=None,
    naming=NO_NAMING,
    address=NO_ADDRESS,
    activities=NO_ACTIVITIES,
    capital=None,
    statute=NO_STATUTE,
    heads=(),
    signers=(),
    other_signers="",
    founders=(),
    other_founders="",
    beneficiaries=(),
    other_beneficiaries=0,
    proceedings=(),
    terminations=(),
    numbers=NO_NUMBERS,
    particulars=None,
    beside=None,
    horizon=None,
)
"""An entity of which nothing is known yet."""


def open_recorded(fact: Fact) -> EntityState:
    """Take over the state that a register held; persons come after it, each in an event of its own."""
    data: Recorded = fact.data  # type: ignore[assignment]
    state = data.state
    if state.particulars != particulars_digest(data.original):
        raise RuleViolated("particulars-digest", "the state names other particulars than the event carries")
    if state.beside != data.beside.id:
        raise RuleViolated("particulars-digest", "the state names other sealed particulars than the event carries")
    if state.heads or state.signers or state.founders or state.beneficiaries:
        raise RuleViolated("persons-recorded", "persons are told one by one, after the entity was recorded")
    return state


def open_registered(fact: Fact) -> EntityState:
    """Let an entity begin to exist."""
    data: Registered = fact.data  # type: ignore[assignment]
    return dataclasses.replace(
        UNKNOWN,
        edrpou=data.edrpou,
        record=data.record,
        form=data.form,
        registered=data.valid_from,
        naming=Naming(data.name, data.short_name, data.valid_from),
        address=Address(data.address, data.katottg, None, data.valid_from),
        beside=data.beside.id,
    )


def rename(state: EntityState, fact: Fact) -> EntityState:
    """Take a new name, and the legal form that goes with it."""
    data: Renamed = fact.data  # type: ignore[assignment]
    if _is_late(data.valid_from, state.naming.valid_from):
        return state
    naming = Naming(data.name, data.short_name, data.valid_from)
    return dataclasses.replace(state, naming=naming, form=data.form or state.form)


def change_address(state: EntityState, fact: Fact) -> EntityState:
    """Take a new address."""
    data: AddressChanged = fact.data  # type: ignore[assignment]
    if _is_late(data.valid_from, state.address.valid_from):
        return state
    return dataclasses.replace(state, address=Address(data.address, data.katottg, data.koatuu, data.valid_from))


def change_activities(state: EntityState, fact: Fact) -> EntityState:
    """Take new kinds of activity; the primary one is among them, and none stands twice."""
    data: ActivitiesChanged = fact.data  # type: ignore[assignment]
    codes = [activity.code for activity in data.activities]
    if len(set(codes)) != len(codes) or (data.primary is not None and data.primary not in codes):
        raise RuleViolated("activities", "each activity is named once, and the primary one is among them")
    if _is_late(data.valid_from, state.activities.valid_from):
        return state
    return dataclasses.replace(state, activities=activities_of(data))


def activities_of(data: ActivitiesChanged) -> Activities:
    """Give the activities as a state holds them: the primary one, and all others in the order of their codes."""
    others = sorted({activity.code for activity in data.activities} - {data.primary})
    return Activities(data.primary, tuple(others), data.valid_from)


def change_capital(state: EntityState, fact: Fact) -> EntityState:
    """Take a new capital."""
    data: CapitalChanged = fact.data  # type: ignore[assignment]
    if state.capital is not None and _is_late(data.valid_from, state.capital.valid_from):
        return state
    return dataclasses.replace(state, capital=Capital(data.amount, data.founders_total, data.valid_from))


def change_statute(state: EntityState, fact: Fact) -> EntityState:
    """Take a new statute."""
    data: StatuteChanged = fact.data  # type: ignore[assignment]
    if _is_late(data.valid_from, state.statute.valid_from):
        return state
    return dataclasses.replace(state, statute=Statute(data.text, data.model, data.valid_from))


def change_particulars(state: EntityState, fact: Fact) -> EntityState:
    """Remember the digest of what the event carries: the next export is compared with it."""
    data: ParticularsChanged = fact.data  # type: ignore[assignment]
    return dataclasses.replace(state, particulars=particulars_digest(data.original), beside=data.beside.id)


def particulars_digest(original: tuple[Original, ...]) -> str | None:
    """Digest public fields of a source as a state names them; None for none."""
    return content_digest([[one.name, one.text] for one in original]) if original else None


def _is_late(valid_from: str, known_from: str | None) -> bool:
    return known_from is not None and is_before(valid_from, known_from)
