"""What a batch's facts say about a valid time: whose it was then, and whether it lived."""

from typing import Any, Final

from litopys.sourcing.chronicle import Chronicle, Dated
from services.energy.domain.guarantee_of_origin.evolve import GUARANTEE_OF_ORIGIN
from services.energy.domain.guarantee_of_origin.state import GuaranteeState


def _new_holder(data: Any) -> tuple[Any, ...]:  # noqa: ANN401 - data of `transferred`
    return data.to, data.valid_from


def _since(state: GuaranteeState) -> str:
    return state.since


CHRONICLE: Final = Chronicle(
    aggregate=GUARANTEE_OF_ORIGIN,
    dated=(Dated(fields=("holder", "held_since"), told_by={"transferred": _new_holder}, since="held_since"),),
    ended_by=frozenset({"split", "redeemed", "expired", "withdrawn"}),
    revived_by=frozenset({"annulled", "reinstated"}),
    begins=_since,
)

view = CHRONICLE.view
view_at = CHRONICLE.view_at
