"""Events of an establishment, version 1. None of them names a person."""

from dataclasses import dataclass
from typing import Annotated, Final

from litopys.sourcing.common import COMMON_EVENTS, Annulled, Basis, Imported, Original, Reinstated, Text
from litopys.sourcing.constraints import Count
from litopys.sourcing.moments import Moment
from services.registers.domain.establishment.state import Details, EstablishmentState, Owner, Place
from services.registers.domain.legal_entity.events import Person

Originals = Annotated[tuple[Original, ...], Count(0, 64)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The establishment as a register held it at a date; opens the stream and cites its legal entity."""

    as_of: Moment
    state: EstablishmentState
    original: Originals
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Registered:
    """The establishment was opened at `valid_from`; opens the stream and cites its legal entity."""

    details: Details
    place: Place
    owner: Owner
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class DetailsChanged:
    """All that is said of the establishment from `valid_from`; cites its legal entity."""

    details: Details
    place: Place
    owner: Owner
    original: Originals
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The establishment is no more from `valid_from`."""

    reason: Text
    valid_from: Moment
    basis: Basis
    imported: Imported | None


EVENTS: Final[dict[tuple[str, int], type]] = {
    **COMMON_EVENTS,
    ("recorded", 1): Recorded,
    ("annulled", 1): Annulled[EstablishmentState, Person],
    ("reinstated", 1): Reinstated[EstablishmentState, Person],
    ("registered", 1): Registered,
    ("details_changed", 1): DetailsChanged,
    ("closed", 1): Closed,
}
