"""Register rules of a batch: deadlines out of the calendar, and when something may be entered."""

from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.moments import days_in_month, first_second, recorded_second
from litopys.sourcing.personal import SealedPerson

TRANSFER_MONTHS: Final = 12
LIFE_MONTHS: Final = 18


def months_after(instant: str, months: int) -> str:
    """Give the same time of the same day some months later, or of that month's last day where it is shorter."""
    count = int(instant[:4]) * 12 + int(instant[5:7]) - 1 + months
    year, month = divmod(count, 12)
    day = min(int(instant[8:10]), days_in_month(year, month + 1))
    return f"{year:04}-{month + 1:02}-{day:02}{instant[10:]}"


def check_past(valid_from: str, recorded: str) -> None:
    """Refuse to enter what has not happened yet; raises RuleViolated."""
    if first_second(valid_from) > recorded_second(recorded):
        raise RuleViolated("future", "an hour is read, and anything else entered, when it is over")


def check_beneficiary(person: SealedPerson) -> None:
    """Refuse a beneficiary whom nobody could find; raises RuleViolated."""
    if not {"code", "edrpou"} & set(person.fields):
        raise RuleViolated("beneficiary-unidentified", "a beneficiary is named with a code")
