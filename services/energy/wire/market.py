"""Bodies of the commands on a market interval."""

from typing import Annotated, Any, Literal

from pydantic import Field

from litopys.service.wire.bodies import Body, example
from litopys.service.wire.parts import BasisPart
from services.energy.domain.market_interval import commands as c
from services.energy.domain.market_interval.state import IntervalState
from services.energy.wire.bodies import METERS, RecordBody
from services.energy.wire.parts import PricePart, RatePart

INTERVAL_EXAMPLE = "10Y1001C--00003F:2024-03-01T09:00:00Z:PT60M"
_PRICE = {"minor": 299_990, "currency": "UAH"}
_RATE = {"of": "EUR", "text": "41.3455"}
STATE_EXAMPLE: dict[str, Any] = {
    "standing": {"status": "live", "proposals": [], "inconsistent": []},
    "zone": "10Y1001C--00003F",
    "start": "2024-03-01T09:00:00Z",
    "length": "PT60M",
    "market": "day_ahead",
    "price": _PRICE,
    "volume_wh": 3_130_900_000,
    "rate": _RATE,
}


class IntervalRecordBody(RecordBody):
    """Take an interval over as another register held it."""

    model_config = example(as_of="2024-06-01", state=STATE_EXAMPLE, basis=METERS)
    carries = IntervalState


class ClearingBody(Body):
    """Enter the price at which a market was cleared, of either sign."""

    model_config = example(market="day_ahead", price=_PRICE, volume_wh=3_130_900_000, rate=_RATE, basis=METERS)
    makes = c.ClearInterval
    market: Literal["day_ahead", "intraday"]
    price: PricePart
    basis: BasisPart
    volume_wh: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    rate: RatePart | None = None
