"""Hours of Kyiv as exports number them: a day's hours are counted from its midnight, whatever a clock then shows.

Clocks go from UTC+2 to UTC+3 at 01:00 UTC of the last Sunday of March, and back at 01:00 UTC of that of October, as
everywhere in Europe since 1996. So a midnight's offset follows from its date, and no table of time zones is needed,
of which every machine may have another.
"""

import functools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from litopys.errors import RuleViolated

FIRST_YEAR: Final = 1997
LAST_YEAR: Final = 2099
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WINTER: Final = timedelta(hours=2)
_SUMMER: Final = timedelta(hours=3)


def read_day(text: str) -> date:
    """Read a day `YYYY-MM-DD`; raises RuleViolated for another form, or a year whose clocks are not known here."""
    if not _DAY.fullmatch(text):
        raise RuleViolated("day-form", "the day is not YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise RuleViolated("day-form", "the day is no real one") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RuleViolated("day-form", f"the clocks of Kyiv are known from {FIRST_YEAR} to {LAST_YEAR}")
    return day


@functools.lru_cache(maxsize=4_096)  # a day is asked for with each of its hours
def midnight(day: date) -> datetime:
    """Give the instant at which a day of Kyiv begins, in UTC."""
    is_summer = _last_sunday(day.year, 3) < day <= _last_sunday(day.year, 10)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - (_SUMMER if is_summer else _WINTER)


def hours_of(day: date) -> int:
    """Count a day's hours: 23 where a clock is set forward, 25 where it is set back, else 24."""
    return (midnight(day + timedelta(days=1)) - midnight(day)) // timedelta(hours=1)


def hour_begin(day: date, number: int) -> datetime:
    """Give the instant at which a day's hour begins, numbered from 1; raises RuleViolated where it has no such hour."""
    if not 1 <= number <= hours_of(day):
        raise RuleViolated("no-such-hour", f"hour {number} of a day of {hours_of(day)} hours is no interval")
    return midnight(day) + timedelta(hours=number - 1)


def month_of(day: date) -> tuple[datetime, datetime]:
    """Give the instants at which a day's month begins and ends."""
    first = day.replace(day=1)
    return midnight(first), midnight((first + timedelta(days=31)).replace(day=1))


def format_instant(instant: datetime) -> str:
    """Format an instant as events have it."""
    return f"{instant.isoformat()[:19]}Z"


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
