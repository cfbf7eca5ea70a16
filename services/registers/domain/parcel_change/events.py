"""Events of a change of parcels, beside the common ones that it has: proposed, approved, voided."""

from dataclasses import dataclass
from typing import Annotated, Final

from litopys.sourcing.common import COMMON_EVENTS, Annulled, Basis, Imported, NotNegative, Positive
from litopys.sourcing.constraints import Ascending, Between, Count
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest, RandomId
from services.registers.domain.land_parcel.change_state import MOST_CHILDREN, MOST_PARENTS
from services.registers.domain.land_parcel.events import Boundary, Holder
from services.registers.domain.land_parcel.shares import Share
from services.registers.domain.land_parcel.state import (
    MOST_HOLDERS,
    MOST_MORTGAGES,
    MOST_SEIZURES,
    MOST_USE_RIGHTS,
    CadastralNumber,
    Details,
    SquareMetres,
)
from services.registers.domain.parcel_change.state import ChangeState, Kind, Reason


@dataclass(frozen=True, slots=True)
class PlannedParent:
    """A parcel to be ended: the version of its stream that the plan rests on, and its area and holders then."""

    number: CadastralNumber
    version: Positive
    area_m2: SquareMetres
    holders: Annotated[tuple[RandomId, ...], Count(0, MOST_HOLDERS), Ascending()]


@dataclass(frozen=True, slots=True)
class PlannedShare:
    """Which share of a new parcel a holder of a parent gets."""

    parent: CadastralNumber
    holder: RandomId
    share: Share


@dataclass(frozen=True, slots=True)
class PlacedUseRight:
    """A right of use of a parent that lies on this new parcel; one that lies on none of them passes on to all."""

    parent: CadastralNumber
    number: Positive


@dataclass(frozen=True, slots=True)
class PlannedChild:
    """A parcel to be formed: what it is, and who will hold it."""

    number: CadastralNumber
    area_m2: SquareMetres
    boundary: Boundary | None
    details: Details
    title: Annotated[tuple[PlannedShare, ...], Count(0, MOST_HOLDERS)]
    use_rights: Annotated[tuple[PlacedUseRight, ...], Count(0, MOST_USE_RIGHTS)]


@dataclass(frozen=True, slots=True)
class Planned:
    """The whole plan of a division or merger; areas may differ by the tolerance. Opens the stream."""

    kind: Kind
    parents: Annotated[tuple[PlannedParent, ...], Count(1, MOST_PARENTS)]
    children: Annotated[tuple[PlannedChild, ...], Count(1, MOST_CHILDREN)]
    tolerance_m2: NotNegative
    valid_from: Moment
    expires: Moment
    basis: Basis


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change that another register carried out or gave up, as it held it at a date; opens the stream."""

    as_of: Moment
    state: ChangeState
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Authorised:
    """Two persons agree with the plan of this digest, and every parcel is kept for it: it will be carried out."""

    plan: Digest


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The change came to nothing before it was authorised: every parcel can go."""

    reason: Reason
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a parent ended: the version that says so, and the numbers of its burdens that passed on."""

    number: CadastralNumber
    version: Positive
    use_rights: Annotated[tuple[Positive, ...], Count(0, MOST_USE_RIGHTS)]
    mortgages: Annotated[tuple[Positive, ...], Count(0, MOST_MORTGAGES)]
    seizures: Annotated[tuple[Positive, ...], Count(0, MOST_SEIZURES)]


@dataclass(frozen=True, slots=True)
class Formation:
    """How a child was formed: the version that says so, its area, how many burdens it has of each kind."""

    number: CadastralNumber
    version: Positive
    area_m2: SquareMetres
    use_rights: Annotated[int, Between(0, MOST_USE_RIGHTS)]
    mortgages: Annotated[int, Between(0, MOST_MORTGAGES)]
    seizures: Annotated[int, Between(0, MOST_SEIZURES)]


@dataclass(frozen=True, slots=True)
class PassedRight:
    """On which children, by their place in the plan, a parent's right of use lies now."""

    parent: CadastralNumber
    number: Positive
    children: Annotated[tuple[Positive, ...], Count(1, MOST_CHILDREN)]


@dataclass(frozen=True, slots=True)
class Completed:
    """Every parent has ended and every child is formed; cites them all."""

    endings: Annotated[tuple[Ending, ...], Count(1, MOST_PARENTS)]
    formations: Annotated[tuple[Formation, ...], Count(1, MOST_CHILDREN)]
    use_rights: Annotated[tuple[PassedRight, ...], Count(0, MOST_PARENTS * MOST_USE_RIGHTS)]


EVENTS: Final[dict[tuple[str, int], type]] = {
    **{key: kind for key, kind in COMMON_EVENTS.items() if key[0] in ("voided", "proposed", "approved")},
    ("recorded", 1): Recorded,
    ("annulled", 1): Annulled[ChangeState, Holder],
    ("planned", 1): Planned,
    ("authorised", 1): Authorised,
    ("abandoned", 1): Abandoned,
    ("completed", 1): Completed,
}
