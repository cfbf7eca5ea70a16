"""Register rules of an account: what only the sector vouches for."""

from typing import Any

from litopys.errors import RuleViolated
from litopys.sourcing.context import Context
from litopys.sourcing.moments import first_second, recorded_second
from services.energy.domain.generation_account.commands import CorrectReading
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.generation_account.sums import readings_an_hour
from services.energy.domain.measures import HOUR_S, seconds_between


def check_meter_time(valid_from: str, hours: int, recorded: str) -> None:
    """Refuse readings of hours that are not over; raises RuleViolated."""
    if seconds_between(valid_from, recorded_second(recorded)) < hours * HOUR_S:
        raise RuleViolated("future", "an hour is read, and anything else entered, when it is over")


def check_over(state: AccountState, valid_from: str, recorded: str) -> None:
    """Refuse to certify or settle a month before its end; raises RuleViolated."""
    begin = first_second(valid_from)
    if begin > recorded_second(recorded):
        raise RuleViolated("future", "an hour is read, and anything else entered, when it is over")
    if begin < state.valid_to:
        raise RuleViolated("month-not-over", "a month is certified and settled after its end")


def check_old_readings(command: CorrectReading, state: AccountState, context: Context) -> None:
    """Compare the old readings with those of the event that is corrected, where it is at hand; raises RuleViolated."""
    fact = context.facts.get(command.corrects)
    if fact is None:
        return
    data: Any = fact.data
    if fact.name == "output_metered":
        each = readings_an_hour(state.interval)
        place = seconds_between(data.valid_from, command.valid_from) // HOUR_S
        stood = data.readings[place * each : (place + 1) * each]
    elif fact.name == "reading_corrected":
        stood = data.new
    else:
        return
    if [reading.wh for reading in stood] != [reading.wh for reading in command.old]:
        raise RuleViolated("old-readings", "the event that is corrected has other readings")
