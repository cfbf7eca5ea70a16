"""Events of a land parcel, version 1: public fields, persons as ids with digests; fields in the order of JSON."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.common import (
    COMMON_EVENTS,
    Annulled,
    Basis,
    Imported,
    Original,
    Positive,
    Reinstated,
    Text,
)
from litopys.sourcing.constraints import Ascending, Count, MaxBytes, Pattern
from litopys.sourcing.moments import Moment
from litopys.sourcing.money import Money
from litopys.sourcing.personal import Digest, DigestAlgorithm, RandomId
from services.registers.domain.land_parcel.shares import Share
from services.registers.domain.land_parcel.state import (
    MOST_HOLDERS,
    CadastralNumber,
    ParcelState,
    SquareMetres,
    UseKind,
)

PERSON_DIGESTS: Final = 6

Ground = Literal["sale", "gift", "exchange", "privatisation", "contribution", "enforcement", "court", "succession"]
Digests = Annotated[tuple[Digest, ...], Count(PERSON_DIGESTS, PERSON_DIGESTS), Ascending()]


@dataclass(frozen=True, slots=True)
class Person:
    """A person in one relation to one parcel: a fresh id, and six digests."""

    id: RandomId
    sd: Digests


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds undivided: one person, or joint owners; the first one's id names the holder."""

    persons: Annotated[tuple[Person, ...], Count(1, 8)]


@dataclass(frozen=True, slots=True)
class Owner:
    """A new holder with the share that it gets."""

    share: Share
    persons: Annotated[tuple[Person, ...], Count(1, 8)]

    @property
    def id(self) -> str:
        """The holder's id: that of the first person named."""
        return self.persons[0].id


Owners = Annotated[tuple[Owner, ...], Count(1, MOST_HOLDERS)]


@dataclass(frozen=True, slots=True)
class Boundary:
    """A boundary as in the source: reference system, kind of geometry, coordinates as the text that stood there."""

    crs: Annotated[str, MaxBytes(100, least=1)] | None
    kind: Literal["Polygon", "MultiPolygon"]
    coordinates: Annotated[str, Pattern(r"\[[0-9eE+.,\[\]-]*\]"), MaxBytes(40_000)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The parcel as a register held it at a date; opens the stream."""

    as_of: Moment
    state: ParcelState
    boundary: Boundary | None
    holders: Annotated[tuple[Holder, ...], Count(0, MOST_HOLDERS)]
    registrar: Text | None
    registered: Moment | None
    original: Annotated[tuple[Original, ...], Count(0, 64)]
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class BoundaryCorrected:
    """The boundary was measured again; area in whole square metres."""

    area_m2: SquareMetres
    boundary: Boundary | None
    valid_from: Moment
    original: Annotated[tuple[Original, ...], Count(0, 64)]
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Valued:
    """A normative valuation; `original` holds what the source said of it."""

    amount: Money
    valid_from: Moment
    original: Annotated[tuple[Original, ...], Count(0, 64)]
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class TitleRegistered:
    """The first title: its owners' shares add up to exactly 1."""

    owners: Owners
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class TitleTransferred:
    """The whole title passed from all its holders to new ones; `consents` are versions of mortgagees' consents used."""

    holders: Annotated[tuple[RandomId, ...], Count(1, MOST_HOLDERS), Ascending()]
    owners: Owners
    ground: Ground
    consents: Annotated[tuple[Positive, ...], Count(0, 12)]
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class ShareTransferred:
    """A holder gave a share, or a part of it, to new holders."""

    holder: RandomId
    owners: Owners
    ground: Ground
    consents: Annotated[tuple[Positive, ...], Count(0, 12)]
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Inherited:
    """A holder's whole share passed to heirs."""

    holder: RandomId
    owners: Owners
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class UseRightRegistered:
    """A right of use began; `area_m2` is null where it covers the whole parcel."""

    number: Positive
    kind: UseKind
    holder: Person
    area_m2: SquareMetres | None
    valid_from: Moment
    valid_to: Moment | None
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class UseRightEnded:
    """A right of use ended at `valid_from`."""

    number: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Mortgaged:
    """Holders mortgaged the parcel."""

    number: Positive
    holders: Annotated[tuple[RandomId, ...], Count(1, MOST_HOLDERS), Ascending()]
    mortgagee: Person
    amount: Money | None
    valid_from: Moment
    valid_to: Moment | None
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class MortgageeConsented:
    """The mortgagee of a mortgage consents to one transfer within a time."""

    mortgage: Positive
    valid_from: Moment
    valid_to: Moment | None
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class MortgageReleased:
    """A mortgage ended at `valid_from`."""

    number: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class SeizureImposed:
    """An authority forbade disposal of the parcel."""

    number: Positive
    authority: Text
    valid_from: Moment
    valid_to: Moment | None
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class SeizureLifted:
    """A seizure ended at `valid_from`."""

    number: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Divided:
    """The parcel became several others."""

    into: Annotated[tuple[CadastralNumber, ...], Count(2, 64), Ascending()]
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The parcel became part of another."""

    into: CadastralNumber
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The parcel's record was closed."""

    reason: Text
    valid_from: Moment
    basis: Basis
    imported: Imported | None


EVENTS: Final[dict[tuple[str, int], type]] = {
    **COMMON_EVENTS,
    ("recorded", 1): Recorded,
    ("annulled", 1): Annulled[ParcelState, Holder],
    ("reinstated", 1): Reinstated[ParcelState, Holder],
    ("boundary_corrected", 1): BoundaryCorrected,
    ("valued", 1): Valued,
    ("title_registered", 1): TitleRegistered,
    ("title_transferred", 1): TitleTransferred,
    ("share_transferred", 1): ShareTransferred,
    ("inherited", 1): Inherited,
    ("use_right_registered", 1): UseRightRegistered,
    ("use_right_ended", 1): UseRightEnded,
    ("mortgaged", 1): Mortgaged,
    ("mortgagee_consented", 1): MortgageeConsented,
    ("mortgage_released", 1): MortgageReleased,
    ("seizure_imposed", 1): SeizureImposed,
    ("seizure_lifted", 1): SeizureLifted,
    ("divided", 1): Divided,
    ("merged", 1): Merged,
    ("closed", 1): Closed,
}
