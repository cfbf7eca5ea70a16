"""How a parcel is shown: now, and at a valid time."""

from collections.abc import Sequence
from typing import Any, Final

from litopys.sourcing.chronicle import Chronicle, Dated
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import holds_at
from services.registers.domain.land_parcel.change_events import Formed
from services.registers.domain.land_parcel.change_state import ForeseenParcel
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
    is_object=lambda state: not isinstance(state, ForeseenParcel),
)

view: Final = CHRONICLE.view


def view_at(facts: Sequence[Fact], moment: str) -> dict[str, Any] | None:
    """Show what held at a moment; a parcel that a change formed was not there before."""
    formed = [fact.data.valid_from for fact in facts if isinstance(fact.data, Formed)]
    if formed and not holds_at(formed[-1], None, moment):
        return None
    return CHRONICLE.view_at(facts, moment)
