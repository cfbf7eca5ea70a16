"""Events of a market interval, version 1; fields in the order of JSON."""

from dataclasses import dataclass
from typing import Annotated, Final

from litopys.sourcing.common import COMMON_EVENTS, Annulled, Basis, Imported, NotNegative, Original, Reinstated
from litopys.sourcing.constraints import Count
from litopys.sourcing.moments import Moment
from services.energy.domain.market_interval.state import IntervalState, Market, Price, Rate


@dataclass(frozen=True, slots=True)
class Nobody:
    """A market interval is about no person."""

    none: None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The interval as a register held it at a date; opens the stream."""

    as_of: Moment
    state: IntervalState
    original: Annotated[tuple[Original, ...], Count(0, 16)]
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Cleared:
    """The market was cleared; `original` holds what the source said of it in its own words."""

    market: Market
    price: Price
    volume_wh: NotNegative | None
    rate: Rate | None
    original: Annotated[tuple[Original, ...], Count(0, 16)]
    basis: Basis
    imported: Imported | None


EVENTS: Final[dict[tuple[str, int], type]] = {
    **COMMON_EVENTS,
    ("recorded", 1): Recorded,
    ("annulled", 1): Annulled[IntervalState, Nobody],
    ("reinstated", 1): Reinstated[IntervalState, Nobody],
    ("cleared", 1): Cleared,
}
