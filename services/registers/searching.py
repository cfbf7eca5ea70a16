"""By what legal entities and establishments are found beside their keys."""

from collections.abc import Iterable
from typing import Final

from litopys.service.search.searchable import Search
from services.registers.domain.establishment.state import EstablishmentState
from services.registers.domain.legal_entity.ending import WAYS_OUT
from services.registers.domain.legal_entity.state import EntityState

Terms = Iterable[tuple[str, str]]


def stage_of(state: EntityState) -> str:
    """Say in one word how a legal entity stands: live, terminating, reorganising, bankrupt, ended or superseded."""
    if state.standing.status != "live":
        return state.standing.status
    kinds = {one.kind for one in state.proceedings if one.valid_to is None}
    if "bankruptcy" in kinds:
        return "bankrupt"
    if "liquidation" in kinds:
        return "terminating"
    return "reorganising" if kinds & (WAYS_OUT | {"spin_off"}) else "live"


def _entity_terms(state: EntityState) -> Terms:
    yield "stage", stage_of(state)
    found = {
        "edrpou": state.edrpou,
        "record": state.record,
        "katottg": state.address.katottg,
        "koatuu": state.address.koatuu,
        "activity": state.activities.primary,
    }
    yield from ((name, value) for name, value in found.items() if value is not None)
    yield from (("inconsistent", code) for code in state.standing.inconsistent)


def _entity_words(state: EntityState) -> Iterable[str]:
    return [text for text in (state.naming.name, state.naming.short_name, state.address.text) if text is not None]


def _entity_persons(state: EntityState) -> Iterable[str]:
    members = [one.id for one in (*state.signers, *state.founders) if one.valid_to is None]
    return [*members, *(one.id for one in (*state.heads, *state.beneficiaries) if one.valid_to is None)]


def _establishment_terms(state: EstablishmentState) -> Terms:
    yield "status", state.standing.status
    found = {
        "edrpou": state.owner.edrpou,
        "entity": state.owner.entity,
        "koatuu": state.place.koatuu,
        "katottg": state.place.katottg,
        "type": state.details.type,
        "financing": state.details.financing,
    }
    yield from ((name, value) for name, value in found.items() if value is not None)


def _establishment_words(state: EstablishmentState) -> Iterable[str]:
    place = state.place
    texts = (state.details.name, place.settlement, place.region, place.address)
    return [text for text in texts if text is not None]


ENTITY_SEARCH: Final = Search(
    terms={
        "edrpou": "Entities of an EDRPOU that passes its check",
        "record": "The entity of a record number in the EDR",
        "katottg": "Entities of a territory by its KATOTTG code",
        "koatuu": "Entities of a territory by its KOATUU code",
        "activity": "Entities by the code (KVED) of their primary activity",
        "stage": "Entities that are live, terminating, reorganising, bankrupt, ended or superseded",
        "inconsistent": "Entities of which something contradictory was inherited, by its code",
    },
    terms_of=_entity_terms,
    words_of=_entity_words,
    persons_of=_entity_persons,
    person_fields={
        "name": "Entities that a person of this name founds, heads, owns or signs for",
        "code": "Entities behind which a person of this tax number stands",
    },
    open_fields=frozenset({"name"}),
    broad=frozenset({"stage", "inconsistent"}),
)

ESTABLISHMENT_SEARCH: Final = Search(
    terms={
        "edrpou": "Establishments by the EDRPOU of their legal entity",
        "entity": "Establishments of a legal entity, by its stream",
        "koatuu": "Establishments of a territory by its KOATUU code",
        "katottg": "Establishments of a territory by its KATOTTG code",
        "type": "Establishments of a type, in the words of their register",
        "financing": "Establishments by who pays for them, in the words of their register",
        "status": "Establishments that are live, ended or superseded",
    },
    terms_of=_establishment_terms,
    words_of=_establishment_words,
    broad=frozenset({"status", "financing"}),
)
