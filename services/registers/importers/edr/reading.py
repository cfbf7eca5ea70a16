"""What a subject of the EDR says, in the domain's terms; whatever these do not hold verbatim stays beside them."""

import re
from dataclasses import dataclass
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.exports.decimals import shifted
from litopys.exports.json_text import is_plain_text, write_json
from litopys.service.codes import check_edrpou
from litopys.sourcing.common import Original
from litopys.sourcing.constraints import MaxBytes
from litopys.sourcing.moments import is_before
from litopys.sourcing.money import Money
from services.registers.domain.legal_entity.events import Activity
from services.registers.importers.edr.endings import Endings, endings_of
from services.registers.importers.edr.persons import (
    Beneficiaries,
    Fields,
    Signers,
    beneficiaries_of,
    contributed,
    founders_of,
    signers_of,
)
from services.registers.importers.edr.texts import is_absent, items_of, parse_registration, text_or_none

MOST_ORIGINAL_BYTES: Final = 30_000
_ACTIVITY: Final = re.compile("[0-9A-Z]{1,2}(?:\\.[0-9]{1,2}){0,2}")
_RECORD: Final = re.compile("[0-9]{1,20}")
# Fields that the state holds verbatim, with the most bytes that it takes.
_VERBATIM: Final = {
    "NAME": 1_200,
    "SHORT_NAME": 400,
    "OPF": 250,
    "ADDRESS": 800,
    "STATUTE": 400,
    "FOUNDING_DOCUMENT_NUM": 40,
    "EDRPOU": 40,
    "RECORD": 20,
}
_PERSONS: Final = frozenset({"FOUNDERS", "BENEFICIARIES", "SIGNERS"})
_BESIDE_OPEN: Final = {"MEMBERS": "members", "BRANCHES": "branches"}
_BESIDE_CLOSED: Final = {"CONTACTS": "contacts"}
# Fields without persons. Of any other nobody knows what it holds, so it is kept closed.
_PUBLIC: Final = frozenset(
    {
        *_VERBATIM,
        *("STAN", "REGISTRATION", "EXECUTIVE_POWER", "PURPOSE", "SUPERIOR_MANAGEMENT", "MANAGING_PAPER"),
        *("PREDECESSORS", "ASSIGNEES", "TERMINATED_INFO", "TERMINATION_CANCEL_INFO", "TERMINATION_STARTED_INFO"),
        *("BANKRUPTCY_READJUSTMENT_INFO", "EXCHANGE_DATA", "AUTHORIZED_CAPITAL", "ACTIVITY_KINDS", "VP_DATES"),
        "CURRENT_AUTHORITY",
    }
)
_IN_CHARGE: Final = frozenset({"SIGNER_NAME", "BANKRUPTCY_READJUSTMENT_HEAD_NAME"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One legal entity as a record of the EDR describes it; `flags` are for somebody to look at."""

    record: str
    code: str | None
    code_is_sound: bool
    name: str | None
    short_name: str | None
    form: str | None
    address: str | None
    statute: str | None
    model_statute: str | None
    registered: str | None
    capital: Money | None
    contributed: Money | None
    activities: tuple[Activity, ...]
    primary: str | None
    founders: tuple[Fields, ...]
    beneficiaries: Beneficiaries
    signers: Signers
    endings: Endings
    original: tuple[Original, ...]
    beside: Fields
    flags: tuple[str, ...]


def record_of(given: dict[str, Any]) -> str:
    """Give the key of a record; raises RuleViolated where it has none."""
    record = text_or_none(given.get("RECORD"))
    if record is None or not _RECORD.fullmatch(record):
        raise RuleViolated("record-number", "the subject has no record number")
    return record


def read_subject(given: dict[str, Any]) -> Subject:
    """Read a subject; raises RuleViolated where it cannot be told what it says."""
    flags: list[str] = []
    texts = {name: _verbatim(given.get(name), most) for name, most in _VERBATIM.items()}
    founders = founders_of(given.get("FOUNDERS"), flags)
    beneficiaries = beneficiaries_of(given.get("BENEFICIARIES"), flags)
    capital = _capital(given.get("AUTHORIZED_CAPITAL"), flags)
    activities, primary = _activities(given.get("ACTIVITY_KINDS"), flags)
    endings = endings_of(given, flags)
    registered = _registered(given.get("REGISTRATION"), endings, flags)
    original, beside = _beside(given, {name for name, text in texts.items() if text is not None}, flags)
    if beneficiaries.reason is not None:
        beside = {**beside, "more": _with_reason(beside, beneficiaries.reason)}
    return Subject(
        record=record_of(given),
        code=texts["EDRPOU"],
        code_is_sound=_is_sound(texts["EDRPOU"], flags),
        name=texts["NAME"],
        short_name=texts["SHORT_NAME"],
        form=texts["OPF"],
        address=texts["ADDRESS"],
        statute=texts["STATUTE"],
        model_statute=texts["FOUNDING_DOCUMENT_NUM"],
        registered=registered,
        capital=capital,
        contributed=_contributed(founders, capital, flags),
        activities=activities,
        primary=primary,
        founders=founders,
        beneficiaries=beneficiaries,
        signers=signers_of(given.get("SIGNERS")),
        endings=endings,
        original=original,
        beside=beside,
        flags=tuple(flags),
    )


def _is_sound(code: str | None, flags: list[str]) -> bool:
    sound = code is not None and check_edrpou(code) == "valid"
    if code is not None and not sound:
        flags.append("the EDRPOU fails its check: kept as a text, not as a code")
    return sound


def _contributed(founders: tuple[Fields, ...], capital: Money | None, flags: list[str]) -> Money | None:
    """Add the founders' contributions up; what does not come to the capital is flagged and never refused."""
    total = contributed(founders)
    if capital is not None and total is not None and total != capital.minor:
        flags.append("the founders' contributions do not add up to the capital")
    return None if total is None else Money(total, "UAH")


def _verbatim(value: object, most_bytes: int) -> str | None:
    """Give a text that a state can hold as it is; None for whatever stays beside only."""
    text = text_or_none(value)
    if text is None or not is_plain_text(text) or MaxBytes(most_bytes).refusal(text) is not None:
        return None
    return text


def _registered(given: object, endings: Endings, flags: list[str]) -> str | None:
    text = text_or_none(given)
    day = None if text is None else parse_registration(text).day
    if text is not None and day is None:
        flags.append("REGISTRATION begins with no real day: its text is kept")
    gone = endings.terminated
    if day is not None and gone is not None and gone.day is not None and is_before(gone.day, day):
        flags.append("the entity would have ended before it was registered: the text of REGISTRATION is kept")
        return None
    return day


def _capital(given: object, flags: list[str]) -> Money | None:
    text = text_or_none(given)
    if text is None:
        return None
    minor = shifted(text, 2, point=",") if "," in text else shifted(text, 2)
    if minor is None:
        flags.append("AUTHORIZED_CAPITAL is no amount: its text is kept")
        return None
    return Money(minor, "UAH")


def _activities(given: object, flags: list[str]) -> tuple[tuple[Activity, ...], str | None]:
    """Read the kinds of activity; one without a proper code stays beside, with all others."""
    found: dict[str, Activity] = {}
    primary = None
    for item in items_of(given, "ACTIVITY_KIND"):
        code = text_or_none(item.get("CODE")) if isinstance(item, dict) else None
        if code is None or not _ACTIVITY.fullmatch(code) or code in found:
            flags.append("a kind of activity has no proper code, or stands twice: its text is kept")
            continue
        found[code] = Activity(code, _verbatim(item.get("NAME"), 600))
        if text_or_none(item.get("PRIMARY")) is not None and primary is None:
            primary = code
    return tuple(found.values()), primary


def _beside(given: dict[str, Any], held: set[str], flags: list[str]) -> tuple[tuple[Original, ...], Fields]:
    """Keep what the state does not hold: public fields as they stood, persons and whatever is not known sealed."""
    sealed = {**_BESIDE_OPEN, **_BESIDE_CLOSED}
    beside: dict[str, object] = {sealed[name]: write_json(value) for name, value in given.items() if name in sealed}
    public = {name: write_json(_without_persons(value)) for name, value in given.items() if _is_kept(name, value, held)}
    unknown = {name: value for name, value in given.items() if _is_unknown(name, value, sealed)}
    if unknown:
        flags.append(f"not known, and kept closed: {', '.join(sorted(unknown))[:200]}")
        beside["private_more"] = write_json(unknown)
    kept, moved = _within(public)
    if moved:
        beside["more"] = write_json(moved)
    return tuple(Original(name, text) for name, text in kept.items()), beside


def _is_kept(name: str, value: object, held: set[str]) -> bool:
    """Tell whether a field is public and stands nowhere else; a list of persons is, when there is none."""
    return (name in _PUBLIC and name not in held) or (name in _PERSONS and is_absent(value))


def _is_unknown(name: str, value: object, sealed: dict[str, str]) -> bool:
    """Tell whether nobody knows what a field holds, such as a text beside the elements of a list of persons."""
    if name in _PERSONS:
        return isinstance(value, dict) and "#text" in value
    return name not in _PUBLIC and name not in sealed


def _within(public: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Keep in the event what has room there; the longest fields go into a disclosure, which may be of any length."""
    kept, moved = dict(public), {}
    while sum(len(text.encode()) + text.count('"') for text in kept.values()) > MOST_ORIGINAL_BYTES:
        longest = max(kept, key=lambda name: len(kept[name]))
        moved[longest] = kept.pop(longest)
    return kept, moved


def _without_persons(value: Any) -> Any:  # noqa: ANN401 - texts, lists and objects
    return {name: item for name, item in value.items() if name not in _IN_CHARGE} if isinstance(value, dict) else value


def _with_reason(beside: Fields, reason: str) -> str:
    return write_json({"BENEFICIARIES": reason, **({"more": beside["more"]} if "more" in beside else {})})
