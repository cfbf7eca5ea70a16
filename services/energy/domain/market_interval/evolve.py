"""The market interval as an aggregate. `market_interval:<zone EIC>:<UTC start>:<length>`."""

import re
from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import LIVE
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import is_moment
from services.energy.domain.market_interval.events import EVENTS, Cleared, Recorded
from services.energy.domain.market_interval.state import INTERVAL_KEY, IntervalState
from services.energy.domain.measures import MINUTES, Length

NAME: Final = "market_interval"

_KEY: Final = re.compile(INTERVAL_KEY)


def clear(fact: Fact) -> IntervalState:
    """Begin an interval with its price."""
    data: Cleared = fact.data  # type: ignore[assignment]
    key = fact.subject.partition(":")[2]
    if not _KEY.fullmatch(key):
        raise RuleViolated("interval-key", "an interval is named by a zone's EIC, a start in UTC and a length")
    length: Length = key[38:]  # type: ignore[assignment]
    state = IntervalState(LIVE, key[:16], key[17:37], length, data.market, data.price, data.volume_wh, data.rate)
    check_state(state)
    return state


def open_recorded(fact: Fact) -> IntervalState:
    """Take over the interval that a register held."""
    data: Recorded = fact.data  # type: ignore[assignment]
    if fact.subject != f"{NAME}:{data.state.zone}:{data.state.start}:{data.state.length}":
        raise RuleViolated("interval-key", "the state of an interval names its zone, start and length")
    return data.state


def check_state(state: IntervalState) -> None:
    """Refuse an interval that begins at no real time, or not at a multiple of its length; raises RuleViolated."""
    if not is_moment(state.start) or int(state.start[14:16]) % MINUTES[state.length]:
        raise RuleViolated("interval-key", "an interval begins at a real time, at a multiple of its length")


def evolve(_state: IntervalState, fact: Fact) -> IntervalState:
    """Refuse whatever is not common to all streams: a market is cleared once, then corrected or annulled."""
    raise RuleViolated("cleared-already", f"nothing named {fact.name} follows a clearing")


MARKET_INTERVAL: Final = Aggregate(
    name=NAME,
    state=IntervalState,
    events=EVENTS,
    evolve=evolve,
    openers={"recorded": open_recorded, "cleared": clear},
    check_state=check_state,
    fixed_fields=frozenset({"zone", "start", "length"}),
    four_eyes=frozenset({"corrected", "annulled", "reinstated", "superseded"}),
    import_stream="energy_import",
    kept_fields=frozenset({"zone", "start", "length"}),
)
