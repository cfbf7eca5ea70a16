"""How a parcel is shown: now, and at a valid time."""

from typing import Final

from litopys.sourcing.chronicle import Chronicle, Dated
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.parcel import boundary_digest
from services.registers.domain.land_parcel.state import Valuation

CHRONICLE: Final = Chronicle(
    aggregate=LAND_PARCEL,
    spans=("holdings", "use_rights", "mortgages", "consents", "seizures"),
    dated=(
        Dated(
            fields=("area_m2", "boundary"),
            told_by={"boundary_corrected": lambda data: (data.area_m2, boundary_digest(data.boundary))},
            since="measured_from",
        ),
        Dated(
            fields=("valuation",),
            told_by={"valued": lambda data: (Valuation(data.amount, data.valid_from),)},
            since="valuation/valid_from",
            is_known_before=False,
        ),
    ),
    ended_by=frozenset({"divided", "merged", "closed"}),
)

view: Final = CHRONICLE.view
view_at: Final = CHRONICLE.view_at
