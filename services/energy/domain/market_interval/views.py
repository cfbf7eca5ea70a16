"""What a market interval says: its price holds within it, and at no other time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import holds_at
from litopys.sourcing.shapes import shape_of
from services.energy.domain.market_interval.evolve import MARKET_INTERVAL
from services.energy.domain.market_interval.state import IntervalState
from services.energy.domain.measures import MINUTES


def view(state: IntervalState) -> dict[str, Any]:
    """Show a state as JSON values."""
    shown: dict[str, Any] = shape_of(IntervalState).encode(state)  # type: ignore[assignment]
    return shown


def view_at(facts: Sequence[Fact], moment: str) -> dict[str, Any] | None:
    """Show the price that held at a moment; None outside the interval, or within a longer moment than that."""
    state: IntervalState | None = None
    for fact in facts:
        state = MARKET_INTERVAL.apply(state, fact)
    if state is None or not holds_at(*period_of(facts[0].subject), moment):
        return None
    return view(state)


def period_of(subject: str) -> tuple[str, str]:
    """Give the first second of an interval and that of the next, out of its stream id."""
    _, _, start, length = _parts(subject)
    begin = datetime.fromisoformat(start)
    end = begin + timedelta(minutes=MINUTES[length])
    return start, f"{end.isoformat()[:19]}Z"


def _parts(subject: str) -> tuple[str, str, str, str]:
    aggregate, zone, rest = subject.split(":", 2)
    start, _, length = rest.rpartition(":")
    return aggregate, zone, start, length
