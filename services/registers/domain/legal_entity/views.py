"""How a legal entity is shown: now, and at a valid time."""

from collections.abc import Sequence
from typing import Any, Final

from litopys.sourcing.chronicle import Chronicle, Dated
from litopys.sourcing.facts import Fact
from services.registers.domain.legal_entity.details import activities_of
from services.registers.domain.legal_entity.evolve import LEGAL_ENTITY
from services.registers.domain.legal_entity.state import Address, Capital, Naming, Statute

_SPANS: Final = ("heads", "signers", "founders", "beneficiaries", "proceedings", "terminations")

CHRONICLE: Final = Chronicle(
    aggregate=LEGAL_ENTITY,
    spans=_SPANS,
    dated=(
        Dated(
            fields=("naming",),
            told_by={"renamed": lambda data: (Naming(data.name, data.short_name, data.valid_from),)},
            since="naming/valid_from",
        ),
        Dated(
            fields=("address",),
            told_by={
                "address_changed": lambda data: (Address(data.address, data.katottg, data.koatuu, data.valid_from),)
            },
            since="address/valid_from",
        ),
        Dated(
            fields=("activities",),
            told_by={"activities_changed": lambda data: (activities_of(data),)},
            since="activities/valid_from",
        ),
        Dated(
            fields=("capital",),
            told_by={"capital_changed": lambda data: (Capital(data.amount, data.founders_total, data.valid_from),)},
            since="capital/valid_from",
        ),
        Dated(
            fields=("statute",),
            told_by={"statute_changed": lambda data: (Statute(data.text, data.model, data.valid_from),)},
            since="statute/valid_from",
        ),
    ),
    begins=lambda state: state.registered,
)

view: Final = CHRONICLE.view


def view_at(facts: Sequence[Fact], moment: str) -> dict[str, Any] | None:
    """Show what held at a moment; None before the entity was registered. An end that was cancelled later held then."""
    shown = CHRONICLE.view_at(facts, moment)
    if shown is not None and shown["standing"]["status"] != "superseded":
        shown["standing"]["status"] = "ended" if shown["terminations"] else "live"
    return shown
