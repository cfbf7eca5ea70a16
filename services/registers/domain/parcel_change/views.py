"""How a change of parcels is shown: now, and at a valid time."""

from collections.abc import Sequence
from typing import Any

from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import holds_at
from litopys.sourcing.shapes import shape_of
from services.registers.domain.parcel_change.evolve import PARCEL_CHANGE
from services.registers.domain.parcel_change.state import ChangeState


def view(state: ChangeState) -> dict[str, Any]:
    """Show a state as JSON values, and whether the change has effect: then its parents have ended."""
    shown: dict[str, Any] = shape_of(ChangeState).encode(state)  # type: ignore[assignment]
    return {**shown, "in_effect": state.phase == "completed"}


def view_at(facts: Sequence[Fact], moment: str) -> dict[str, Any] | None:
    """Show a change as these facts tell of it; before its moment it has no effect yet."""
    state: ChangeState | None = None
    for fact in facts:
        state = PARCEL_CHANGE.apply(state, fact)
    if state is None:
        return None
    shown = view(state)
    return {**shown, "in_effect": shown["in_effect"] and holds_at(state.valid_from, None, moment)}
