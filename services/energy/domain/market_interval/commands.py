"""Commands of a market interval."""

from dataclasses import dataclass

from litopys.sourcing.common import Basis, Imported, Original
from services.energy.domain.market_interval.state import Price, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearInterval:
    """Enter the price at which a market was cleared."""

    market: str
    price: Price
    basis: Basis
    volume_wh: int | None = None
    rate: Rate | None = None
    original: tuple[Original, ...] = ()
    imported: Imported | None = None
