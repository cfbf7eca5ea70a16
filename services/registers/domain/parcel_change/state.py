"""State of a change: which parcels it ends and forms, how far it has come, and until when it must be decided."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.codec import content_digest
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
    """A change of parcels. `plan` is the digest of the whole plan; `turn` is the version that brought the phase.

    Of a change that another register decided, `plan` digests what is told of it (`told_digest`), the parents' versions
    are 1, and `expires` is the day of which it is told.
    """

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


def told_digest(state: ChangeState) -> str:
    """Digest what a state says of parcels and areas: all that is known of a change without a plan."""
    parents = [[parent.number, parent.area_m2] for parent in state.parents]
    children = [[child.number, child.area_m2] for child in state.children]
    return content_digest([state.kind, parents, children, state.tolerance_m2])


def parcel_subject(number: str) -> str:
    """Give the stream id of a parcel."""
    return f"land_parcel:{number}"
