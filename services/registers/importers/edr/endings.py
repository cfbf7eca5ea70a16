"""How a subject of the EDR ends or may end: its texts on liquidation, reorganisation, bankruptcy, the end itself."""

from dataclasses import dataclass
from typing import Any, Final

from litopys.sourcing.moments import is_before
from services.registers.importers.edr.persons import Fields, named_in
from services.registers.importers.edr.texts import is_absent, parse_day, text_or_none

_REORGANISATIONS: Final = {
    "злитт": "merger",
    "приєднан": "accession",
    "поділ": "division",
    "виділ": "spin_off",
    "перетвор": "transformation",
}
_GROUNDS: Final = {
    "банкрут": "bankruptcy",
    "ліквідац": "liquidation",
    "злитт": "merger",
    "приєднан": "accession",
    "поділ": "division",
    "перетвор": "transformation",
    "суд": "court",
}


@dataclass(frozen=True, slots=True)
class Begun:
    """Something that was begun: its kind, the day, until when creditors claim, and who is in charge."""

    kind: str
    day: str | None
    claims_until: str | None
    in_charge: Fields | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The end, or its cancelling: the ground, the day and the number of the entry."""

    ground: str
    day: str | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Endings:
    """All that a subject says of its end."""

    begun: Begun | None
    bankruptcy: Begun | None
    terminated: Gone | None
    cancelled: Gone | None


def endings_of(given: dict[str, Any], flags: list[str]) -> Endings:
    """Read what a subject says of its end; what cannot be read stays beside and is flagged."""
    terminated = _gone(given.get("TERMINATED_INFO"))
    if terminated is None and text_or_none(given.get("STAN")) == "припинено":
        flags.append("STAN says that the entity has ended, and TERMINATED_INFO does not say when")
        terminated = Gone("other", None, None)
    endings = Endings(
        begun=_begun(given.get("TERMINATION_STARTED_INFO"), flags),
        bankruptcy=_bankruptcy(given.get("BANKRUPTCY_READJUSTMENT_INFO")),
        terminated=terminated,
        cancelled=_cancelled(_gone(given.get("TERMINATION_CANCEL_INFO")), terminated, flags),
    )
    if terminated is not None and endings.begun is None and endings.bankruptcy is None:
        flags.append("the entity has ended, and nothing says that its end was begun")
    return endings


def _cancelled(cancelled: Gone | None, terminated: Gone | None, flags: list[str]) -> Gone | None:
    """Give a cancelling of the end that is told of; one of an earlier end, or of none, stays beside."""
    if cancelled is None:
        return None
    if terminated is None:
        flags.append("a cancelled end is told of, and not the end: the text is kept")
    elif cancelled.day is not None and terminated.day is not None and is_before(cancelled.day, terminated.day):
        flags.append("an end is told of that is later than the one that was cancelled: the text is kept")
        return None
    return cancelled


def _begun(given: Any, flags: list[str]) -> Begun | None:  # noqa: ANN401 - a text or an object
    if is_absent(given):
        return None
    said = _words(given, "SBJ_STATE", "REASON")
    kind = next((kind for word, kind in _REORGANISATIONS.items() if word in said), "liquidation")
    day, claims = _day(given, "OP_DATE"), _day(given, "CREDITOR_REQ_END_DATE")
    if claims is not None and (day is None or is_before(claims, day)):
        flags.append("creditors claim until a day before the decision, or before none: the text is kept")
        claims = None
    return Begun(kind, day, claims, named_in(_member(given, "SIGNER_NAME")))


def _bankruptcy(given: Any) -> Begun | None:  # noqa: ANN401 - a text or an object
    if is_absent(given):
        return None
    head = named_in(_member(given, "BANKRUPTCY_READJUSTMENT_HEAD_NAME"))
    return Begun("bankruptcy", _day(given, "OP_DATE"), None, head)


def _gone(given: object) -> Gone | None:
    """Read "day; number; ground"."""
    text = text_or_none(given)
    if text is None:
        return None
    parts = text.split("; ")
    said = text.casefold()
    ground = next((ground for word, ground in _GROUNDS.items() if word in said), "other")
    number = parts[1] if len(parts) > 1 and parts[1].isdigit() else None
    return Gone(ground, parse_day(parts[0]), number)


def _words(given: Any, *names: str) -> str:  # noqa: ANN401 - a text or an object
    if isinstance(given, str):
        return given.casefold()
    return " ".join(str(_member(given, name) or "") for name in names).casefold()


def _day(given: Any, name: str) -> str | None:  # noqa: ANN401 - a text or an object
    text = text_or_none(_member(given, name))
    return None if text is None else parse_day(text)


def _member(given: Any, name: str) -> object:  # noqa: ANN401 - a text or an object
    return given.get(name) if isinstance(given, dict) else None
