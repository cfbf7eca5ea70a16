"""State of a market interval: its price, how much was traded, and the rate that was used."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.common import NotNegative, Standing
from litopys.sourcing.constraints import Between, Pattern
from services.energy.domain.measures import EIC, Currency, Eic, Instant, Length

INTERVAL_KEY: Final = f"{EIC}:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:00Z:PT(?:15|30|60)M"

Decimal = Annotated[str, Pattern("-?[0-9]{1,15}(?:\\.[0-9]{1,30})?")]
Market = Literal["day_ahead", "intraday"]


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one MWh in minor units of a currency; of either sign."""

    minor: Annotated[int, Between(-(10**12), 10**12)]
    currency: Currency


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency cost in the price's currency, as the text that stood there."""

    of: Currency
    text: Decimal


@dataclass(frozen=True, slots=True)
class IntervalState:
    """One interval of a market in a zone, as its key names them. Volume in Wh."""

    standing: Standing
    zone: Eic
    start: Instant
    length: Length
    market: Market
    price: Price
    volume_wh: NotNegative | None
    rate: Rate | None
