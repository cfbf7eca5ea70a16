"""What an account's facts say about a valid time: hours that had begun by then, and what was certified upon them."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, is_before, last_second
from litopys.sourcing.shapes import shape_of
from services.energy.domain.generation_account.evolve import GENERATION_ACCOUNT
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.hours import first_hours, metered_hours
from services.energy.domain.measures import HOUR_S, seconds_between

# What a certificate, a withdrawal or a closing of a later time had not done yet.
_LATER = frozenset({"certificate_issued", "certificate_used", "certificate_withdrawn", "closed"})
_CARRYING = frozenset({"recorded", "annulled", "reinstated"})


def view(state: AccountState) -> dict[str, Any]:
    """Show a state as JSON values; `hours` is the text that `domain/hours.py` describes."""
    shown: dict[str, Any] = shape_of(AccountState).encode(state)  # type: ignore[assignment]
    return shown


def view_at(facts: Sequence[Fact], moment: str) -> dict[str, Any] | None:
    """Show the account as of a moment: hours that began by then, certificates of then; None before its month."""
    state: AccountState | None = None
    certified: AccountState | None = None
    for fact in facts:
        state = GENERATION_ACCOUNT.apply(state, fact)
        data: Any = fact.data
        if state is None:
            continue
        counts = fact.name in _LATER and not is_before(moment, data.valid_from)
        if certified is None or counts or fact.name in _CARRYING:
            certified = state
    if state is None or certified is None or last_second(moment) < state.valid_from:
        return None
    return view(_with_certified(_hours_begun(state, moment), certified))


def _hours_begun(state: AccountState, moment: str) -> AccountState:
    if first_second(moment) >= state.valid_to:
        return state
    hours = first_hours(state.hours, seconds_between(state.valid_from, last_second(moment)) // HOUR_S + 1)
    begun = [hour for _, hour in metered_hours(hours)]
    return dataclasses.replace(
        state,
        hours=hours,
        metered=len(begun),
        fed_wh=sum(hour.fed_wh for hour in begun),
        drawn_wh=sum(hour.drawn_wh for hour in begun),
    )


def _with_certified(state: AccountState, then: AccountState) -> AccountState:
    return dataclasses.replace(
        state,
        issued=then.issued,
        numbers=then.numbers,
        certificates=then.certificates,
        withdrawn=then.withdrawn,
        closing=then.closing,
    )
