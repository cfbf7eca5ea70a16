"""Ledger rules of an account itself: opening, what last month left over, closing, soundness of a carried state."""

import dataclasses
import re
from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import with_standing
from litopys.sourcing.common import LIVE
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second
from services.energy.domain.generation_account.events import Closed, Opened, Recorded, RemainderCarried
from services.energy.domain.generation_account.state import AccountState, Closing, Units
from services.energy.domain.generation_account.sums import (
    hours_in,
    remainder_wh,
    units_certified,
)
from services.energy.domain.hours import MOST_HOURS, MOST_VERSIONS, metered_hours
from services.energy.domain.measures import ACCOUNT_KEY, EIC, HOUR_S, seconds_between

_KEY: Final = re.compile(ACCOUNT_KEY)
_EIC: Final = re.compile(EIC)
# No time zone is further from UTC: a month of any zone begins this near to that of UTC.
_MOST_ZONE_S: Final = 14 * HOUR_S


def open_account(fact: Fact) -> AccountState:
    """Begin a month. Its key names the plant, or a household by a random id; its period is the month, in some zone."""
    data: Opened = fact.data  # type: ignore[assignment]
    if not _KEY.fullmatch(fact.subject.partition(":")[2]):
        raise RuleViolated("account-key", "an account is named by an EIC, or a household's id, and a month")
    _, plant, month = fact.subject.split(":")
    state = AccountState(
        standing=LIVE,
        plant=plant,
        month=month,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
        interval=data.interval,
        technology=data.technology,
        holder=data.holder,
        owner=None if data.owner is None else data.owner.id,
        net_rule=data.net_rule,
        carry_rule=data.carry_rule,
        carried_in_wh=data.carried_in_wh,
        hours="",
        metered=0,
        fed_wh=0,
        drawn_wh=0,
        certified_wh=None if data.owner is None else 0,
        issued=0,
        numbers=0,
        certificates=(),
        withdrawn=(),
        closing=None,
    )
    _check_carry(fact, state, data.carried_in_wh)
    check_state(state)
    return state


def open_recorded(fact: Fact) -> AccountState:
    """Take over the state that a register held; a household in it is described."""
    data: Recorded = fact.data  # type: ignore[assignment]
    if data.state.owner != (None if data.owner is None else data.owner.id):
        raise RuleViolated("owner-not-described", "the household of a recorded state is described, and none else")
    if fact.subject != f"generation_account:{data.state.plant}:{data.state.month}":
        raise RuleViolated("account-key", "the state of an account names its plant and month")
    return data.state


def carry_remainder(state: AccountState, fact: Fact) -> AccountState:
    """Take what last month left over, once."""
    data: RemainderCarried = fact.data  # type: ignore[assignment]
    check_not_closed(state)
    if state.carried_in_wh is not None:
        raise RuleViolated("carried-already", "what last month left over is known")
    _check_carry(fact, state, data.carried_in_wh)
    return dataclasses.replace(state, carried_in_wh=data.carried_in_wh)


def close(state: AccountState, fact: Fact) -> AccountState:
    """Settle the month: its sums are what was metered and certified, and the rest goes where the carry rule says."""
    data: Closed = fact.data  # type: ignore[assignment]
    check_not_closed(state)
    check_carry_known(state)
    found = (state.metered, missing_hours(state), state.fed_wh, state.drawn_wh, units_certified(state))
    if found != (data.metered, data.missing, data.fed_wh, data.drawn_wh, data.certified):
        raise RuleViolated("closing-sums", "the sums of a closing are those of the account")
    if data.carried_wh != carried_on_wh(state):
        raise RuleViolated("closing-sums", "what is carried on is the remainder under the carry rule")
    return dataclasses.replace(state, closing=Closing(data.carried_wh))


def reopen(state: AccountState) -> AccountState:
    """Give a settled or ended account as an open one."""
    open_again: AccountState = with_standing(dataclasses.replace(state, closing=None), status="live")
    return open_again


def carried_on_wh(state: AccountState) -> int:
    """Give what goes on to next month: the remainder; under `lapse` a deficit alone."""
    remainder = remainder_wh(state)
    return remainder if state.carry_rule == "remainder" else min(remainder, 0)


def missing_hours(state: AccountState) -> int:
    """Count the hours of the period that are not metered."""
    return hours_in(state.valid_from, state.valid_to) - state.metered


def check_not_closed(state: AccountState) -> None:
    """Refuse what a settled month takes no more; raises RuleViolated."""
    if state.closing is not None:
        raise RuleViolated("month-closed", "the month is closed: it takes corrections and withdrawals only")


def check_carry_known(state: AccountState) -> None:
    """Refuse to certify or close before it is known what last month left over; raises RuleViolated."""
    if state.carried_in_wh is None:
        raise RuleViolated("carry-unknown", "what last month left over is not known yet")


def previous_account(plant: str, month: str) -> str:
    """Name a plant's account of the month before."""
    year, number = int(month[:4]), int(month[5:])
    return f"generation_account:{plant}:{year - (number == 1):04}-{12 if number == 1 else number - 1:02}"


def next_account(plant: str, month: str) -> str:
    """Name a plant's account of the month after."""
    year, number = int(month[:4]), int(month[5:])
    return f"generation_account:{plant}:{year + (number == 12):04}-{1 if number == 12 else number + 1:02}"


def check_state(state: AccountState) -> None:
    """Refuse a carried state that makes no sense whatever its register held; raises RuleViolated."""
    seconds = seconds_between(state.valid_from, state.valid_to)
    if not 0 < seconds <= MOST_HOURS * HOUR_S or seconds % HOUR_S or not state.valid_from.endswith(":00:00Z"):
        raise RuleViolated("account-period", f"a month is whole hours, {MOST_HOURS} at most")
    _check_month(state)
    hours = list(metered_hours(state.hours))
    sums = (len(hours), sum(hour.fed_wh for _, hour in hours), sum(hour.drawn_wh for _, hour in hours))
    if sums != (state.metered, state.fed_wh, state.drawn_wh) or (hours and hours[-1][0] >= seconds // HOUR_S):
        raise RuleViolated("state-unsound", "the sums are those of the hours, and no hour lies outside the period")
    if any(not 0 < hour.version <= MOST_VERSIONS for _, hour in hours):
        raise RuleViolated("state-unsound", "an hour stands in an event")
    if (state.owner is None) != (state.certified_wh is None):
        raise RuleViolated("state-unsound", "a household's month has a public sum, and no other")
    if state.owner is not None and (state.fed_wh or state.drawn_wh):
        raise RuleViolated("state-unsound", "the readings of a household are sealed")
    _check_certificates(state)


def _check_certificates(state: AccountState) -> None:
    ranges = [(one.first, one.last) for one in state.certificates]
    ranges += [(one.first, one.last) for one in state.withdrawn]
    ranges.sort()
    ends = [0, *(last for _, last in ranges)]
    in_order = all(before < first <= last for before, (first, last) in zip(ends, ranges, strict=False))
    if not in_order or ends[-1] > state.issued:
        raise RuleViolated("state-unsound", "units stand twice, or beyond the last one issued")
    numbers = [certificate.number for certificate in state.certificates]
    if len(set(numbers)) != len(numbers) or any(number > state.numbers for number in numbers):
        raise RuleViolated("state-unsound", "certificates stand twice, or beyond the last one issued")
    if state.withdrawn != merged(state.withdrawn):
        raise RuleViolated("state-unsound", "withdrawn units stand in one form, neighbours together")


def merged(units: tuple[Units, ...]) -> tuple[Units, ...]:
    """Put ranges in order and neighbours together."""
    joined: list[Units] = []
    for one in sorted(units, key=lambda held: held.first):
        if joined and joined[-1].last + 1 == one.first:
            joined[-1] = Units(joined[-1].first, one.last)
        else:
            joined.append(one)
    return tuple(joined)


def _check_month(state: AccountState) -> None:
    if (_EIC.fullmatch(state.plant) is None) != (state.owner is not None):
        raise RuleViolated("account-key", "a household's account is named by a random id, any other by an EIC")
    year, number = int(state.month[:4]), int(state.month[5:])
    if not 1 <= year <= 9998:
        raise RuleViolated("account-period", "the month is none of a calendar")
    after = f"{year + (number == 12):04}-{number % 12 + 1:02}"
    for instant, edge in ((state.valid_from, state.month), (state.valid_to, after)):
        if abs(seconds_between(first_second(edge), instant)) > _MOST_ZONE_S:
            raise RuleViolated("account-period", "the period is the month that the key names, in some time zone")


def _check_carry(fact: Fact, state: AccountState, carried: int | None) -> None:
    if not carried:
        return
    if not any(cited.subject == previous_account(state.plant, state.month) for cited in fact.cites):
        raise RuleViolated("carry-not-cited", "what last month left over cites last month's account")
