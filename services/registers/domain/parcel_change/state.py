"""State of a change: which parcels it ends and forms, how far it has come, and until when it must be decided."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.common import NotNegative, Positive, Standing
from litopys.sourcing.constraints import Count
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest
from services.registers.domain.land_parcel.change_state import MOST_CHILDREN, MOST_PARENTS
from services.registers.domain.land_parcel.state import CadastralNumber, SquareMetres

NAME: Final = "parcel_change"

Kind = Literal["division", "merger"]
Phase = Literal["planned", "authorised", "completed", "abandoned", "annulled"]
Reason = Literal["withdrawn", "hindered", "expired"]


@dataclass(frozen=True, slots=True)
class Parent:
    """A parcel that the change ends; `version` is that of its stream when the change was planned."""

    number: CadastralNumber
    version: Positive
    area_m2: SquareMetres


@dataclass(frozen=True, slots=True)
class Child:
    """A parcel that the change forms."""

    number: CadastralNumber
    area_m2: SquareMetres


@dataclass(frozen=True, slots=True)
class ChangeState:
    """A change of parcels. `plan` is the digest of the whole plan; `turn` is the version that brought the phase."""

    standing: Standing
    kind: Kind
    phase: Phase
    turn: Positive
    parents: Annotated[tuple[Parent, ...], Count(1, MOST_PARENTS)]
    children: Annotated[tuple[Child, ...], Count(1, MOST_CHILDREN)]
    tolerance_m2: NotNegative
    plan: Digest
    valid_from: Moment
    expires: Moment
    reason: Reason | None


def parcel_subject(number: str) -> str:
    """Give the stream id of a parcel."""
    return f"land_parcel:{number}"
