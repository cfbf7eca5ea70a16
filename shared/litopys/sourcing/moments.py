"""When something held: a moment as text whose form is its precision, and comparisons that respect it.

`2021` (year), `2021-11` (month), `2021-11-03` (day), `2021-11-03T14:03:48Z` (second, UTC). A moment is the span from
its first to its last second. Days are compared as if they were UTC days: rules know no time zone, so a sector that
needs the instant states the second.
"""

import functools
import re
from typing import Annotated, Final, Literal, NamedTuple

from litopys.sourcing.constraints import Check

Precision = Literal["year", "month", "day", "second"]

_FORM: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])Z)?)?)?",
)
_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PRECISIONS: Final[dict[int, Precision]] = {4: "year", 7: "month", 10: "day", 20: "second"}


@functools.lru_cache(maxsize=65_536)  # dates repeat, and this runs for each event
def _refusal(text: str) -> str | None:
    found = _FORM.fullmatch(text)
    if found is None:
        return "is not YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return "is no real date"
    return None


Moment = Annotated[str, Check(_refusal, pattern="^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?)?)?$")]


class Period(NamedTuple):
    """From a moment until another, which is excluded; None means that no end is known."""

    valid_from: str
    valid_to: str | None


def days_in_month(year: int, month: int) -> int:
    """Count the days of a month, 1 to 12, in the proleptic Gregorian calendar."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _DAYS[month - 1] + leap


def is_moment(text: str) -> bool:
    """Tell whether text is a moment of any precision."""
    return _refusal(text) is None


def precision(moment: str) -> Precision:
    """Tell how precisely a moment is known."""
    return _PRECISIONS[len(moment)]


def first_second(moment: str) -> str:
    """Give the first second of a moment, in a form that orders as text."""
    return (moment + "0001-01-01T00:00:00Z"[len(moment) :]) if len(moment) < 20 else moment


def last_second(moment: str) -> str:
    """Give the last second of a moment, in a form that orders as text."""
    if len(moment) == 20:
        return moment
    month = moment if len(moment) >= 7 else f"{moment}-12"
    day = month if len(month) == 10 else f"{month}-{days_in_month(int(month[:4]), int(month[5:7])):02}"
    return f"{day}T23:59:59Z"


def is_before(one: str, other: str) -> bool:
    """Tell whether a moment begins earlier than another begins."""
    return first_second(one) < first_second(other)


def holds_at(valid_from: str, valid_to: str | None, moment: str) -> bool:
    """Tell whether what holds from `valid_from` until `valid_to` (excluded, None: open) holds at the start of `moment`.

    What begins within the moment counts as holding: a title of `2021` and a mortgage of `2021-05` belong together.
    """
    if first_second(valid_from) > last_second(moment):
        return False
    return valid_to is None or first_second(valid_to) > first_second(moment)


def recorded_second(time: str) -> str:
    """Turn an event's `time` (milliseconds) into a moment of second precision."""
    return f"{time[:19]}Z"
