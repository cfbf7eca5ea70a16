"""Rules of the registers, every version that was ever in force. Pure."""

from typing import Final

from litopys.sourcing.domains import Domain, domain
from litopys.sourcing.frame import frame_aggregates
from services.registers.domain.establishment.evolve import ESTABLISHMENT
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.legal_entity.evolve import LEGAL_ENTITY
from services.registers.domain.parcel_change.evolve import PARCEL_CHANGE

SECTOR: Final = "registers"

DOMAINS: Final[dict[int, Domain]] = {
    1: domain(SECTOR, 1, [LAND_PARCEL, PARCEL_CHANGE, LEGAL_ENTITY, ESTABLISHMENT, *frame_aggregates(SECTOR)]),
}
