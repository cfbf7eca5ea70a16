"""How an establishment is shown: now, and at a valid time."""

from typing import Final

from litopys.sourcing.chronicle import Chronicle, Dated
from services.registers.domain.establishment.evolve import ESTABLISHMENT

CHRONICLE: Final = Chronicle(
    aggregate=ESTABLISHMENT,
    dated=(
        Dated(
            fields=("details", "place", "owner", "valid_from"),
            told_by={"details_changed": lambda data: (data.details, data.place, data.owner, data.valid_from)},
            since="valid_from",
        ),
    ),
    ended_by=frozenset({"closed"}),
    begins=lambda state: state.opened,
)

view: Final = CHRONICLE.view
view_at: Final = CHRONICLE.view_at
