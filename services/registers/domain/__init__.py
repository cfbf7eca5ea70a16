"""Rules of the registers, every version that was ever in force. Pure."""

from typing import Final

from litopys.sourcing.accesses import access_aggregate
from litopys.sourcing.domains import Domain, domain
from litopys.sourcing.imports import import_aggregate
from services.registers.domain.establishment.evolve import ESTABLISHMENT
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.legal_entity.evolve import LEGAL_ENTITY
from services.registers.domain.parcel_change.evolve import PARCEL_CHANGE

SECTOR: Final = "registers"

DOMAINS: Final[dict[int, Domain]] = {
    1: domain(
        SECTOR,
        1,
        [
            LAND_PARCEL,
            PARCEL_CHANGE,
            LEGAL_ENTITY,
            ESTABLISHMENT,
            import_aggregate(SECTOR),
            access_aggregate(SECTOR),
        ],
    ),
}
