"""Rules of energy, every version that was ever in force. Pure."""

from typing import Final

from litopys.sourcing.domains import Domain, domain
from litopys.sourcing.frame import frame_aggregates
from services.energy.domain.generation_account.evolve import GENERATION_ACCOUNT
from services.energy.domain.guarantee_of_origin.evolve import GUARANTEE_OF_ORIGIN
from services.energy.domain.market_interval.evolve import MARKET_INTERVAL

SECTOR: Final = "energy"

DOMAINS: Final[dict[int, Domain]] = {
    1: domain(
        SECTOR,
        1,
        [
            GENERATION_ACCOUNT,
            GUARANTEE_OF_ORIGIN,
            MARKET_INTERVAL,
            *frame_aggregates(SECTOR),
        ],
    ),
}
