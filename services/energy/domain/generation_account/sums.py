"""Sums of an account's month: what counts under its net rule, and how much of it is not certified yet."""

from services.energy.domain.generation_account.state import AccountState, Units
from services.energy.domain.measures import HOUR_S, MINUTES, WH_PER_MWH, Reading, seconds_between

DEFICIT = "deficit"


def hours_in(valid_from: str, valid_to: str) -> int:
    """Count the whole hours of a period."""
    return seconds_between(valid_from, valid_to) // HOUR_S


def readings_an_hour(length: str) -> int:
    """Count the intervals of an hour, 1 to 4."""
    return 60 // MINUTES[length]


def fed_and_drawn(readings: tuple[Reading, ...]) -> tuple[int, int]:
    """Add up what was fed in and what was drawn, both in Wh and neither below 0."""
    fed = sum(reading.wh for reading in readings if reading.wh > 0)
    return fed, fed - sum(reading.wh for reading in readings)


def counted_wh(state: AccountState) -> int:
    """Give the Wh on which certificates are issued: fed in less drawn, or fed in alone, or a household's public sum."""
    if state.owner is not None:
        return state.certified_wh or 0
    return state.fed_wh - state.drawn_wh if state.net_rule == "net_of_consumption" else state.fed_wh


def units_in(units: tuple[Units, ...]) -> int:
    """Count the units in ranges that do not overlap."""
    return sum(held.last - held.first + 1 for held in units)


def units_certified(state: AccountState) -> int:
    """Count the units issued and not withdrawn."""
    return state.issued - units_in(state.withdrawn)


def remainder_wh(state: AccountState) -> int:
    """Give the Wh that are neither certified nor carried on; below 0 it is a deficit."""
    carried = state.closing.carried_wh if state.closing else 0
    return (state.carried_in_wh or 0) + counted_wh(state) - units_certified(state) * WH_PER_MWH - carried


def contradictions(state: AccountState) -> tuple[str, ...]:
    """Name the rules that a state breaks: more certified, or carried on, than there was."""
    return (DEFICIT,) if remainder_wh(state) < 0 and (units_certified(state) or state.closing) else ()
