"""Persons in the EDR: founders, beneficiaries, heads and signers, each to the open and closed fields of an event.

What a record says of a person is open where the law publishes it. Everything else, known or not, is closed: an address,
and a digest of one, which would confirm a guess at it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from litopys.errors import RuleViolated
from litopys.exports.decimals import shifted
from litopys.exports.json_text import write_json
from services.registers.importers.edr.texts import items_of, parse_founder, parse_signer, text_or_none

Fields = Mapping[str, object]

_FOUNDER_OPEN: Final = frozenset({"Name", "Capital", "CapitalPart", "FounderEdr", "FounderType", "Country"})
_BENEFICIARY_OPEN: Final = frozenset({"Name", "Country", "Type", "Actual", "MediateEdr", "MediateName"})
_NO_BENEFICIARY: Final = "відсутн"


class Signers(NamedTuple):
    """The head, if one is named, and everybody else who signs; each with the day of the appointment, if it is said."""

    heads: tuple[tuple[Fields, str | None], ...]
    others: tuple[tuple[Fields, str | None], ...]


class Beneficiaries(NamedTuple):
    """The beneficiaries; `reason` is a text in their place, or beside them, on why there is none."""

    persons: tuple[Fields, ...]
    reason: str | None


def founders_of(value: object, flags: list[str]) -> tuple[Fields, ...]:
    """Read the founders; what somebody should look at is added to `flags`."""
    return tuple(_founder(item, flags) for item in items_of(value, "FOUNDER"))


def contributed(founders: Iterable[Fields]) -> int | None:
    """Add contributions up in minor units; None where one of them is not known, or there is no founder."""
    amounts = [founder.get("contribution") for founder in founders]
    if not amounts or not all(isinstance(amount, dict) for amount in amounts):
        return None
    return sum(int(amount["minor"]) for amount in amounts if isinstance(amount, dict))


def beneficiaries_of(value: object, flags: list[str]) -> Beneficiaries:
    """Read the beneficiaries, or the reason why there is none; what somebody should look at is added to `flags`."""
    persons, reason = [], None
    for item in items_of(value, "BENEFICIARY"):
        if isinstance(item, str) and ";" not in item and _NO_BENEFICIARY in item.casefold():
            reason = item
        else:
            persons.append(_beneficiary(item, flags))
    return Beneficiaries(tuple(persons), reason)


def signers_of(value: object) -> Signers:
    """Read heads and signers."""
    heads: list[tuple[Fields, str | None]] = []
    others: list[tuple[Fields, str | None]] = []
    for item in items_of(value, "SIGNER"):
        if not isinstance(item, str):
            raise RuleViolated("signer-form", "a signer is no text")
        line = parse_signer(item)
        fields = _known({"kind": "natural", "name": line.name, "role": line.role, "source": write_json(item)})
        (heads if line.is_head else others).append((fields, line.since))
    return Signers(tuple(heads), tuple(others))


def named_in(text: object) -> Fields | None:
    """Read a text that names who is in charge of an ending; None where it is absent."""
    name = text_or_none(text)
    return None if name is None else _known({"kind": "natural", "name": name, "source": write_json(text)})


def _founder(item: Any, flags: list[str]) -> Fields:  # noqa: ANN401 - texts and objects
    if isinstance(item, str):
        return _founder_line(item, flags)
    if not isinstance(item, dict):
        raise RuleViolated("founder-form", "a founder is neither a text nor an object")
    code = text_or_none(item.get("FounderEdr"))
    return _known(
        {
            "kind": "legal" if code else None,
            "name": text_or_none(item.get("Name")),
            "country": text_or_none(item.get("Country")),
            "role": text_or_none(item.get("FounderType")),
            "edrpou": code,
            "share": text_or_none(item.get("CapitalPart")),
            "contribution": _contribution(item.get("Capital"), flags),
            "address": text_or_none(item.get("Address")),
            **_sources(item, _FOUNDER_OPEN),
        }
    )


def _founder_line(text: str, flags: list[str]) -> Fields:
    line = parse_founder(text)
    if line is None:
        flags.append("a founder's line is of no known form: its text is kept closed")
        return {"name": _first_words(text), "private_source": write_json(text)}
    return _known(
        {
            "kind": "legal" if line.edrpou else None,
            "name": line.name,
            "edrpou": line.edrpou,
            "country": line.country,
            "share": line.share,
            "contribution": _contribution(_amount_in(line.share), flags) if line.share else None,
            "source": write_json(text),
        }
    )


def _beneficiary(item: Any, flags: list[str]) -> Fields:  # noqa: ANN401 - texts and objects
    if isinstance(item, str):
        parts = [part.strip() for part in item.split(";")]
        if len(parts) > 4:
            flags.append("a beneficiary's line is of no known form: its text is kept closed")
            return {"name": parts[0] or "?", "private_source": write_json(item)}
        names = ("name", "country", "role", "share")
        return _known({"kind": "natural", **dict(zip(names, parts, strict=False)), "source": write_json(item)})
    if not isinstance(item, dict):
        raise RuleViolated("beneficiary-form", "a beneficiary is neither a text nor an object")
    return _known(
        {
            "kind": "natural",
            "name": text_or_none(item.get("Name")),
            "country": text_or_none(item.get("Country")),
            "role": text_or_none(item.get("MediateEdr")),
            "share": text_or_none(item.get("MediateName")),
            "address": text_or_none(item.get("Address")),
            **_sources(item, _BENEFICIARY_OPEN),
        }
    )


def _sources(item: dict[str, Any], open_names: frozenset[str]) -> dict[str, str | None]:
    """Keep the item itself: what is open by name as one text, all the rest but the address as a closed one."""
    shown = {name: value for name, value in item.items() if name in open_names}
    hidden = {name: value for name, value in item.items() if name not in open_names | {"Address"}}
    return {"source": write_json(shown), "private_source": write_json(hidden) if hidden else None}


def _contribution(given: object, flags: list[str]) -> dict[str, object] | None:
    text = text_or_none(given)
    if text is None:
        return None
    minor = shifted(text, 2) if "." in text else shifted(text, 2, point=",")
    if minor is None:
        flags.append("a founder's contribution is no amount: its text is kept")
        return None
    return {"minor": minor, "currency": "UAH"}


def _amount_in(share: str) -> str | None:
    """Give the decimal that a share's text ends with, such as "розмір частки - 1000,00"."""
    last = share.replace("грн.", "").replace("грн", "").split()
    return last[-1] if last and last[-1][0].isdigit() and "%" not in share else None


def _first_words(text: str) -> str:
    """Give what stands before the first separator: a name, whatever follows it."""
    return text.replace(",", ";").split(";")[0].strip() or "?"


def _known(fields: Mapping[str, object]) -> Fields:
    return {name: value for name, value in fields.items() if value not in (None, "")}
