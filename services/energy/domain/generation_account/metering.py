"""Ledger rules of readings: one for each interval, and none corrected but the one that stands."""

import dataclasses

from litopys.errors import RuleViolated
from litopys.sourcing.facts import Fact
from services.energy.domain.generation_account.account import check_not_closed
from services.energy.domain.generation_account.events import (
    OutputCertified,
    OutputMetered,
    ReadingCorrected,
    SealedOutputMetered,
    SealedReadingCorrected,
)
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.generation_account.sums import fed_and_drawn, hours_in, readings_an_hour
from services.energy.domain.hours import Hour, hour_at, with_hour
from services.energy.domain.measures import HOUR_S, MOST_WH_AN_HOUR, Reading, seconds_between


def meter(state: AccountState, fact: Fact) -> AccountState:
    """Take readings of whole hours that nobody has read yet."""
    data: OutputMetered = fact.data  # type: ignore[assignment]
    check_not_closed(state)
    _check_sealed(state, sealed=False)
    each = readings_an_hour(state.interval)
    if len(data.readings) % each:
        raise RuleViolated("readings-count", f"an hour has {each} readings")
    first = place_of(state, data.valid_from)
    for number in range(len(data.readings) // each):
        hour = _hour(fact.version, data.readings[number * each : (number + 1) * each])
        state = _with_new_hour(state, first + number, hour)
    return state


def correct_reading(state: AccountState, fact: Fact) -> AccountState:
    """Put one hour right; what was certified stays, even where the hours do not bear it any more."""
    data: ReadingCorrected = fact.data  # type: ignore[assignment]
    _check_sealed(state, sealed=False)
    each = readings_an_hour(state.interval)
    if len(data.old) != each or len(data.new) != each:
        raise RuleViolated("readings-count", f"an hour has {each} readings")
    place = place_of(state, data.valid_from)
    stood = _standing_hour(state, place, data.corrects)
    if (stood.fed_wh, stood.drawn_wh) != fed_and_drawn(data.old):
        raise RuleViolated("not-what-stands", "the hour does not hold the readings that the correction names")
    if [reading.wh for reading in data.old] == [reading.wh for reading in data.new]:
        raise RuleViolated("nothing-corrected", "the new readings are the old ones")
    return _with_hour(state, place, stood, _hour(fact.version, data.new))


def meter_sealed(state: AccountState, fact: Fact) -> AccountState:
    """Take sealed readings of hours that nobody has read yet."""
    data: SealedOutputMetered = fact.data  # type: ignore[assignment]
    check_not_closed(state)
    _check_sealed(state, sealed=True)
    first = place_of(state, data.valid_from)
    for place in range(first, first + data.hours):
        state = _with_new_hour(state, place, Hour(fact.version, 0, 0))
    return state


def correct_sealed(state: AccountState, fact: Fact) -> AccountState:
    """Put one sealed hour right."""
    data: SealedReadingCorrected = fact.data  # type: ignore[assignment]
    _check_sealed(state, sealed=True)
    place = place_of(state, data.valid_from)
    stood = _standing_hour(state, place, data.corrects)
    return _with_hour(state, place, stood, Hour(fact.version, 0, 0))


def certify_output(state: AccountState, fact: Fact) -> AccountState:
    """Take the public sum of a household's month."""
    data: OutputCertified = fact.data  # type: ignore[assignment]
    check_not_closed(state)
    _check_sealed(state, sealed=True)
    return dataclasses.replace(state, certified_wh=data.certified_wh)


def place_of(state: AccountState, instant: str) -> int:
    """Give the place of an hour in the month, from 0; raises RuleViolated where no hour of it begins then."""
    place, rest = divmod(seconds_between(state.valid_from, instant), HOUR_S)
    if rest or not 0 <= place < hours_in(state.valid_from, state.valid_to):
        raise RuleViolated("outside-period", "no hour of the account's month begins then")
    return place


def _hour(version: int, readings: tuple[Reading, ...]) -> Hour:
    fed, drawn = fed_and_drawn(readings)
    if max(fed, drawn) > MOST_WH_AN_HOUR:
        raise RuleViolated("readings-count", f"an hour has at most {MOST_WH_AN_HOUR} Wh")
    return Hour(version, fed, drawn)


def _with_new_hour(state: AccountState, place: int, hour: Hour) -> AccountState:
    if place >= hours_in(state.valid_from, state.valid_to):
        raise RuleViolated("outside-period", "the readings reach beyond the account's month")
    if hour_at(state.hours, place) is not None:
        raise RuleViolated("metered-already", "an interval has one reading: what stands is corrected")
    return _with_hour(state, place, None, hour)


def _with_hour(state: AccountState, place: int, stood: Hour | None, hour: Hour) -> AccountState:
    before = stood or Hour(0, 0, 0)
    return dataclasses.replace(
        state,
        hours=with_hour(state.hours, place, hour),
        metered=state.metered + (stood is None),
        fed_wh=state.fed_wh - before.fed_wh + hour.fed_wh,
        drawn_wh=state.drawn_wh - before.drawn_wh + hour.drawn_wh,
    )


def _standing_hour(state: AccountState, place: int, version: int) -> Hour:
    stood = hour_at(state.hours, place)
    if stood is None or stood.version != version:
        raise RuleViolated(
            "not-what-stands", "the hour's reading does not stand in the event that the correction names"
        )
    return stood


def _check_sealed(state: AccountState, *, sealed: bool) -> None:
    if (state.owner is not None) != sealed:
        raise RuleViolated("readings-sealed", "a household's readings are sealed, and no others are")
