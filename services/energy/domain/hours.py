"""A month's hours in one text of at most 12 kB: which event metered each, what it fed in and what it drew.

Sixteen characters an hour: four for the version of the event that the reading stands in, six for the Wh fed in, six
for the Wh drawn, each a number in base64url with the most significant digit first. Sixteen dots: not metered. Nothing
stands behind the last metered hour, so that one month has one text.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Final, NamedTuple

from litopys.errors import RuleViolated
from litopys.sourcing.constraints import Check

MOST_HOURS: Final = 745  # of October, where a clock is set back
SLOT: Final = 16
_VERSION: Final = 4
_WH: Final = 6
MOST_VERSIONS: Final = 64**_VERSION - 1
_BLANK: Final = "." * SLOT
_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_FORM: Final = re.compile(rf"(?:(?:[A-Za-z0-9_-]{{{SLOT}}}|\.{{{SLOT}}})*[A-Za-z0-9_-]{{{SLOT}}})?")


class Hour(NamedTuple):
    """What is known of one hour: the version of the event that says it, and its Wh; none below 0."""

    version: int
    fed_wh: int
    drawn_wh: int


def _refuse(text: str) -> str | None:
    if len(text) <= MOST_HOURS * SLOT and _FORM.fullmatch(text):
        return None
    return f"is no text of at most {MOST_HOURS} hours"


HoursText = Annotated[str, Check(_refuse, pattern=r"^(?:[A-Za-z0-9_-]{16}|\.{16})*$", maxLength=MOST_HOURS * SLOT)]


def hour_at(hours: str, place: int) -> Hour | None:
    """Give the hour at a place counted from 0; None where it is not metered."""
    slot = hours[place * SLOT : (place + 1) * SLOT]
    if not slot or slot == _BLANK:
        return None
    return Hour(_number(slot[:_VERSION]), _number(slot[_VERSION:-_WH]), _number(slot[-_WH:]))


def with_hour(hours: str, place: int, hour: Hour) -> str:
    """Give the text with one hour metered, or metered otherwise; raises RuleViolated for a version beyond its room."""
    if hour.version > MOST_VERSIONS:
        raise RuleViolated("too-many", f"an account takes readings up to version {MOST_VERSIONS}")
    slot = _text(hour.version, _VERSION) + _text(hour.fed_wh, _WH) + _text(hour.drawn_wh, _WH)
    before = hours[: place * SLOT].ljust(place * SLOT, ".")
    return before + slot + hours[(place + 1) * SLOT :]


def metered_hours(hours: str) -> Iterator[tuple[int, Hour]]:
    """Yield every metered hour with its place."""
    for place in range(len(hours) // SLOT):
        hour = hour_at(hours, place)
        if hour is not None:
            yield place, hour


def first_hours(hours: str, count: int) -> str:
    """Give the text of the first `count` hours alone."""
    kept = hours[: max(count, 0) * SLOT]
    while kept.endswith(_BLANK):
        kept = kept[:-SLOT]
    return kept


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 64 + _VALUES[digit]
    return number


def _text(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, value = divmod(number, 64)
        digits = _DIGITS[value] + digits
    return digits
