"""Events of a generation account, version 1; fields in the order of JSON."""

from dataclasses import dataclass
from typing import Annotated, Final

from litopys.sourcing.common import (
    COMMON_EVENTS,
    Annulled,
    Basis,
    Imported,
    NotNegative,
    Original,
    Positive,
    Reinstated,
)
from litopys.sourcing.constraints import Ascending, Between, Count
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest, DigestAlgorithm, RandomId
from services.energy.domain.generation_account.state import AccountState, CarryRule, NetRule
from services.energy.domain.hours import MOST_HOURS
from services.energy.domain.measures import Holder, Instant, Length, Reading, Technology, WattHours

OWNER_DIGESTS: Final = 5
MOST_READINGS: Final = 100  # quarter hours of the day on which a clock is set back

Originals = Annotated[tuple[Original, ...], Count(0, 16)]
Readings = Annotated[tuple[Reading, ...], Count(1, MOST_READINGS)]


@dataclass(frozen=True, slots=True)
class Owner:
    """A household that produces: a random id and five digests; its EIC is one of them."""

    id: RandomId
    sd: Annotated[tuple[Digest, ...], Count(OWNER_DIGESTS, OWNER_DIGESTS), Ascending()]


@dataclass(frozen=True, slots=True)
class SealedReadings:
    """The readings of some hours as one digest."""

    id: RandomId
    sd: Annotated[tuple[Digest, ...], Count(1, 1)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The account as a register held it at a date; opens the stream."""

    as_of: Moment
    state: AccountState
    owner: Owner | None
    original: Originals
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A month begins: how negative hours count, what becomes of a remainder, and what last month left over.

    `carried_in_wh` is null where last month is not closed yet. `owner` stands where a household's readings are sealed.
    """

    valid_from: Instant
    valid_to: Instant
    interval: Length
    technology: Technology
    holder: Holder
    owner: Owner | None
    net_rule: NetRule
    carry_rule: CarryRule
    carried_in_wh: WattHours | None
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class RemainderCarried:
    """What last month left over, known after this month had begun; cites the closing of last month."""

    carried_in_wh: WattHours
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class OutputMetered:
    """Readings of successive intervals from `valid_from` on, whole hours of them."""

    valid_from: Instant
    readings: Readings
    original: Originals
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class ReadingCorrected:
    """The readings of one hour put right: the event that they stand in, what it said, what it should have said."""

    valid_from: Instant
    corrects: Positive
    old: Annotated[tuple[Reading, ...], Count(1, 4)]
    new: Annotated[tuple[Reading, ...], Count(1, 4)]
    original: Originals
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class SealedOutputMetered:
    """Readings of a household, sealed; `hours` of them from `valid_from` on."""

    valid_from: Instant
    hours: Annotated[int, Between(1, MOST_HOURS)]
    readings: SealedReadings
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class SealedReadingCorrected:
    """The sealed readings of one hour put right; `corrects` is the version of the event that they stand in."""

    valid_from: Instant
    corrects: Positive
    readings: SealedReadings
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class OutputCertified:
    """The sum of a household's month so far under its net rule: public, while the readings are not."""

    certified_wh: NotNegative
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """Whole MWh certified, numbered on in the account; only the guarantee of just these numbers may use it up."""

    number: Positive
    first: Positive
    last: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class CertificateUsed:
    """The guarantee of origin stands, and is cited: nothing else can come of this certificate."""

    number: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class CertificateWithdrawn:
    """Certified MWh taken back: of a certificate not used yet, or of a guarantee, cited at the version given."""

    first: Positive
    last: Positive
    withdrawn_at: Positive | None
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The month is settled: its sums, its gaps in hours, and what goes on to the next month."""

    metered: NotNegative
    missing: NotNegative
    fed_wh: NotNegative
    drawn_wh: NotNegative
    certified: NotNegative
    carried_wh: WattHours
    valid_from: Moment
    basis: Basis
    imported: Imported | None


EVENTS: Final[dict[tuple[str, int], type]] = {
    **COMMON_EVENTS,
    ("recorded", 1): Recorded,
    ("annulled", 1): Annulled[AccountState, Owner],
    ("reinstated", 1): Reinstated[AccountState, Owner],
    ("opened", 1): Opened,
    ("remainder_carried", 1): RemainderCarried,
    ("output_metered", 1): OutputMetered,
    ("reading_corrected", 1): ReadingCorrected,
    ("sealed_output_metered", 1): SealedOutputMetered,
    ("sealed_reading_corrected", 1): SealedReadingCorrected,
    ("output_certified", 1): OutputCertified,
    ("certificate_issued", 1): CertificateIssued,
    ("certificate_used", 1): CertificateUsed,
    ("certificate_withdrawn", 1): CertificateWithdrawn,
    ("closed", 1): Closed,
}
