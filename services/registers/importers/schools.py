"""The register of schools, CSV of 18 columns: each row is a school, and the legal entity that stands behind it.

The key is the school, not the entity: some codes are shared by several schools, so a row says of its entity the code
alone. A code that fails its check is kept as a text with the school. Columns in `_u` repeat the plain ones; one that
does not is kept as it stands.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.exports.delimited import Delimited
from litopys.exports.json_text import is_plain_text, write_json
from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address as EventAddress
from litopys.service.codes import check_edrpou
from litopys.service.imports.importer import Importer, ImportMark, Target, Verdict
from litopys.service.sealing import Sealing
from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.constraints import MaxBytes
from litopys.sourcing.context import Context
from litopys.sourcing.episode import Episode
from services.registers.domain.establishment import commands as c
from services.registers.domain.establishment.decide import DECIDER
from services.registers.domain.establishment.evolve import originals_digest
from services.registers.domain.establishment.state import Details, EstablishmentState, Owner, Place
from services.registers.domain.legal_entity.commands import RecordEntity
from services.registers.domain.legal_entity.decide import DECIDER as ENTITIES
from services.registers.domain.legal_entity.details import NO_ACTIVITIES, NO_ADDRESS, NO_NAMING, NO_STATUTE
from services.registers.importers.edr.texts import text_or_none
from services.registers.persons_behind import seal_beside

SOURCE: Final = "Реєстр закладів загальної середньої освіти"
BASIS: Final = Basis("migration", SOURCE, None)
FILE: Final = Delimited(delimiter=";")
KEY_PREFIX: Final = "schools:"

_NAME: Final = "university_name"
_CODE: Final = "edrpou"
_DETAILS: Final = {
    "kind": "university_type_name",
    "type": "education_type_name",
    "level": "university_level",
    "financing": "university_financing_type_name",
    "language": "language",
    "site": "university_site",
}
_PLACE: Final = {
    "address": "university_address",
    "postcode": "post_index",
    "settlement": "koatuu_name",
    "settlement_kind": "location_type",
    "region": "region_name_u",
    "koatuu": "koatuu_id",
}
# Column that repeats another → that other.
REPEATED: Final = {
    "post_index_u": "post_index",
    "koatuu_id_u": "koatuu_id",
    "koatuu_name_u": "koatuu_name",
    "university_address_u": "university_address",
}
COLUMNS: Final = frozenset({_NAME, _CODE, *_DETAILS.values(), *_PLACE.values(), *REPEATED})
# What the register writes where a column does not apply.
_NOT_APPLICABLE: Final = "! not applicable"
_MOST_BYTES: Final = {"university_name": 1_200, "university_address": 800, "post_index": 20}
_KOATUU: Final = re.compile("[0-9]{10}")
_POSTCODE: Final = re.compile("[0-9]{5}")


class _Entering(NamedTuple):
    mark: Imported
    as_of: str


def targets(row: Row) -> Sequence[Target]:
    """Tell of what a row speaks: its entity, if the code is one, and its school."""
    given: Mapping[str, str] = row.value
    code, name = given[_CODE], given[_NAME]
    if not name:
        raise RuleViolated("school-name", "the row names no school")
    school = Target(f"{code} {name}", "establishment", key_prefix=KEY_PREFIX)
    if check_edrpou(code) != "valid":
        return (school,)
    return (Target(code, "legal_entity", found_by=(_CODE, code)), school)


def decide_school(
    row: Row,
    target: Target,
    state: object,
    *,
    context: Context,
    mark: ImportMark,
    sealing: Sealing,
    already: bool,
    before: Mapping[str, EventAddress],
) -> Verdict:
    """Decide on a row: its entity is recorded where nobody knows it, its school recorded or changed."""
    del already  # a row is compared with the state, whatever was imported before
    entering = _Entering(Imported(mark.import_id, mark.record, mark.offset), mark.day(context.time))
    if target.aggregate == "legal_entity":
        return Verdict() if state is not None else _entity(row, context, entering=entering, sealing=sealing)
    return _school(row.value, state, context, entering=entering, entity=before.get("legal_entity"))  # type: ignore[arg-type]


def _entity(row: Row, context: Context, *, entering: _Entering, sealing: Sealing) -> Verdict:
    """Record the entity of a code. What the row calls by name is the school, and others may share the code."""
    episode = Episode(ENTITIES, None, context)
    episode.do(
        RecordEntity(
            as_of=entering.as_of,
            code=row.value[_CODE],
            code_is_sound=True,
            naming=NO_NAMING,
            address=NO_ADDRESS,
            activities=NO_ACTIVITIES,
            statute=NO_STATUTE,
            beside=seal_beside(sealing, {}),
            basis=BASIS,
            imported=entering.mark,
        )
    )
    return Verdict(episode.decided)


def _school(
    given: Mapping[str, str],
    state: EstablishmentState | None,
    context: Context,
    *,
    entering: _Entering,
    entity: EventAddress | None,
) -> Verdict:
    flags: list[str] = []
    details = Details(name=_text(given, _NAME) or _cut(given[_NAME]), **_texts(given, _DETAILS))
    place = Place(katottg=None, **_texts(given, _PLACE))
    owner = _owner(given[_CODE], entity, flags)
    if place.postcode is not None and not _POSTCODE.fullmatch(place.postcode):
        flags.append("post_index is not of five digits: kept as it stands")
    original = _original(given, details, place)
    common: dict[str, Any] = {
        "details": details,
        "place": place,
        "owner": owner,
        "original": original,
        "cited": None if entity is None else Citation(*entity),
        "basis": BASIS,
        "imported": entering.mark,
    }
    episode = Episode(DECIDER, state, context)
    if state is None:
        episode.do(c.RecordEstablishment(as_of=entering.as_of, **common))
    elif (details, place, owner) != (state.details, state.place, state.owner) or state.particulars != originals_digest(
        original
    ):
        episode.do(c.ChangeDetails(valid_from=entering.as_of, **common))
    return Verdict(episode.decided, flags)


def _owner(code: str, entity: EventAddress | None, flags: list[str]) -> Owner:
    if entity is not None:
        return Owner(entity.subject, code, None)
    is_none = check_edrpou(code) == "placeholder" or text_or_none(code) is None
    said = "stands for none" if is_none else "fails its check"
    flags.append(f"the EDRPOU {said}: kept as a text, the school is of no entity")
    return Owner(None, None, code or None)


def _texts(given: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str | None]:
    return {field: _text(given, column) for field, column in columns.items()}


def _text(given: Mapping[str, str], column: str) -> str | None:
    """Give a column as a state can hold it; None for an absence, and for what stays as original only."""
    text = text_or_none(given[column])
    if text is None or text == _NOT_APPLICABLE or not is_plain_text(text):
        return None
    if column == "koatuu_id" and not _KOATUU.fullmatch(text):
        return None
    return text if MaxBytes(_MOST_BYTES.get(column, 250)).refusal(text) is None else None


def _original(given: Mapping[str, str], details: Details, place: Place) -> tuple[Original, ...]:
    """Keep every column that the state does not hold as it stood; an empty one is held as nothing."""
    held = {_NAME: details.name, _CODE: given[_CODE]}
    held |= {column: getattr(details, field) for field, column in _DETAILS.items()}
    held |= {column: getattr(place, field) for field, column in _PLACE.items()}
    held |= {column: given[other] for column, other in REPEATED.items()}
    return tuple(
        Original(column, write_json(text)) for column, text in given.items() if (held.get(column) or "") != text
    )


def _cut(name: str) -> str:
    """Give the beginning of a name that no state can hold whole; the whole of it stays as original."""
    return "".join(char for char in name if is_plain_text(char))[:300] or "?"


def _recognises(path: Path) -> bool:
    return set(FILE.first(path)) >= COLUMNS


SCHOOLS: Final = Importer(
    name="schools",
    register="Register of schools",
    title="Schools with their legal entities, CSV",
    mapping_version=1,
    recognises=_recognises,
    holds_personal_fields=False,
    count_rows=FILE.count,
    rows=FILE.rows,
    targets=targets,
    decide=decide_school,
)
