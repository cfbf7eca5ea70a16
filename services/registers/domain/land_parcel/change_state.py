"""States of a parcel that takes part in a change: kept for it, whole as it is, or only a number that it is to get.

They are classes of their own, so that a state that an event carries can never hold a reservation.
"""

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Final

from litopys.sourcing.common import Positive, Standing
from litopys.sourcing.constraints import Pattern
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest
from services.registers.domain.land_parcel.state import Details, ParcelState, SquareMetres

CHANGE_NUMBER: Final = "[0-9]{4}-[1-9][0-9]{0,11}"
ChangeSubject = Annotated[str, Pattern(f"parcel_change:{CHANGE_NUMBER}")]

MOST_PARENTS: Final = 16
MOST_CHILDREN: Final = 32


@dataclass(frozen=True, slots=True)
class Reservation:
    """For which change a parcel is kept, since which version of its own, and until when the change must be decided."""

    change: ChangeSubject
    version: Positive
    expires: Moment


@dataclass(frozen=True, slots=True)
class ReservedParcel(ParcelState):
    """A parcel that a change will end, unless it is abandoned: what the parcel is stays as it is until then."""

    reservation: Reservation


@dataclass(frozen=True, slots=True)
class ForeseenParcel:
    """A number that a change will give to a new parcel: no parcel yet, and nobody else can begin one under it."""

    standing: Standing
    foreseen: Reservation
    area_m2: SquareMetres
    boundary: Digest | None
    details: Details


def reservation_of(state: object) -> Reservation | None:
    """Tell for which change a parcel or a number is kept; None: for none."""
    if isinstance(state, ReservedParcel):
        return state.reservation
    return state.foreseen if isinstance(state, ForeseenParcel) else None


def released_state(state: ReservedParcel) -> ParcelState:
    """Give the parcel without its reservation."""
    return ParcelState(*(getattr(state, field.name) for field in dataclasses.fields(ParcelState)))
