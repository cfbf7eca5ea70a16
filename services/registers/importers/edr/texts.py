"""Texts in which the EDR packs several things: "d1; d2; number", "name; date - role", and words for nothing."""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from litopys.exports.json_text import NumberText
from litopys.sourcing.moments import is_moment

# What registers write where there is nothing. `0` and the like are values.
ABSENCES: Final = frozenset({"", "null", "-", "00000000", "12345679"})

_DAY: Final = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_LEGAL_CODE: Final = re.compile(r"[0-9]{8}")
_HEAD_ROLE: Final = "керівник"


class Registration(NamedTuple):
    """When a legal entity was registered, and the number of the entry."""

    day: str | None
    number: str | None


class SignerLine(NamedTuple):
    """A line that names a head or a signer: name, role with whatever stands beside it, and since when."""

    name: str
    role: str | None
    is_head: bool
    since: str | None


class FounderLine(NamedTuple):
    """A line that names a founder: name, code of a legal entity, country, share as it stood."""

    name: str
    edrpou: str | None
    country: str | None
    share: str | None


def is_absent(value: object) -> bool:
    """Tell whether a value of the source stands for none."""
    return value.strip() in ABSENCES if isinstance(value, str) else value in (None, [], {})


def text_or_none(value: object) -> str | None:
    """Give a text of the source as it stood, None where it stands for none or is no text."""
    return str(value) if isinstance(value, str) and not is_absent(value) else None


def parse_day(text: str) -> str | None:
    """Turn DD.MM.YYYY into YYYY-MM-DD; None where the text is no real day in that form."""
    found = _DAY.fullmatch(text)
    day = f"{found[3]}-{found[2]}-{found[1]}" if found else ""
    return day if day and is_moment(day) else None


def parse_registration(text: str) -> Registration:
    """Read "d1; d2; number": the first day is that of the registration."""
    parts = text.split("; ")
    number = parts[-1] if len(parts) > 1 and parse_day(parts[-1]) is None else None
    return Registration(parse_day(parts[0]), number)


def parse_signer(text: str) -> SignerLine:
    """Read "name; date - role", with a post and restrictions in between where there are any."""
    before, _, role = text.rpartition(" - ")
    parts = [part.strip() for part in (before or text).split(";")]
    days = [day for part in parts[1:] if (day := parse_day(part)) is not None]
    said = [part for part in parts[1:] if part and parse_day(part) is None]
    roles = [*said, role] if before else said
    is_head = role.strip().casefold() == _HEAD_ROLE if before else False
    return SignerLine(parts[0], "; ".join(roles) or None, is_head, days[0] if days else None)


def parse_founder(text: str) -> FounderLine | None:
    """Read "name; code; country; share", the code of legal entities only; None for a line of another form.

    A line of another form may hold an address: none of it is published.
    """
    parts = [part.strip() for part in text.split(";")]
    code = parts.pop(1) if len(parts) > 1 and _LEGAL_CODE.fullmatch(parts[1]) else None
    if not parts[0] or len(parts) > 3 or _looks_like_address(parts):
        return None
    country = parts[1] or None if len(parts) > 1 else None
    return FounderLine(parts[0], code, country, parts[2] or None if len(parts) > 2 else None)


def items_of(value: object, name: str) -> list[Any]:
    """Give the items of a list that may be wrapped under `name`, collapsed to its only item, or absent."""
    if isinstance(value, dict) and set(value) <= {name, "#text"} and name in value:
        value = value[name]
    if is_absent(value):
        return []
    return list(value) if isinstance(value, list) else [value]


def is_text(value: object) -> bool:
    """Tell whether a value of the source is a text, not a number."""
    return isinstance(value, str) and not isinstance(value, NumberText)


def _looks_like_address(parts: Iterable[str]) -> bool:
    return any(word in part.casefold() for part in parts for word in ("вул.", "вулиця", "обл.", "будинок", "кв."))
