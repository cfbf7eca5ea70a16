"""Events of a legal entity, version 1: public fields, persons as ids with digests; fields in the order of JSON."""

from dataclasses import dataclass
from typing import Annotated, Final

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
from litopys.sourcing.constraints import Ascending, Count, MaxBytes
from litopys.sourcing.moments import Moment
from litopys.sourcing.money import Money
from litopys.sourcing.personal import Digest, DigestAlgorithm, RandomId
from services.registers.domain.legal_entity.state import (
    MOST_ACTIVITIES,
    ActivityCode,
    AddressText,
    CodeText,
    Edrpou,
    EntityState,
    FormText,
    FoundersTotal,
    Katottg,
    Koatuu,
    LegalName,
    RecordNumber,
    ReorganisationKind,
    ShortName,
    TerminationGround,
)

PERSON_DIGESTS: Final = 14
"""kind, name, country, role, edrpou, share, contribution, source (open); code, code_check, document, address, contact,
private_source (closed)."""
BESIDE_DIGESTS: Final = 6
"""members, branches, more (open); contacts, address, private_more (closed)."""
MOST_AT_ONCE: Final = 64

Originals = Annotated[tuple[Original, ...], Count(0, 64)]


@dataclass(frozen=True, slots=True)
class Person:
    """A person in one relation to one entity: a fresh id, and as many digests for everyone."""

    id: RandomId
    sd: Annotated[tuple[Digest, ...], Count(PERSON_DIGESTS, PERSON_DIGESTS), Ascending()]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a source says of persons and contacts beside those who have events of their own, as digests."""

    id: RandomId
    sd: Annotated[tuple[Digest, ...], Count(BESIDE_DIGESTS, BESIDE_DIGESTS), Ascending()]


@dataclass(frozen=True, slots=True)
class Activity:
    """A kind of activity: its code, and its name where the source gives one."""

    code: ActivityCode
    name: Annotated[str, MaxBytes(600, least=1)] | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The entity as a register held it at a date; opens the stream. Its persons follow, each in an event of its own."""

    as_of: Moment
    state: EntityState
    original: Originals
    beside: Beside
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Registered:
    """The entity came into being at `valid_from`; opens the stream."""

    edrpou: Edrpou
    record: RecordNumber | None
    form: FormText | None
    name: LegalName
    short_name: ShortName | None
    address: AddressText | None
    katottg: Katottg | None
    beside: Beside
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Renamed:
    """The entity is called otherwise from `valid_from`; its legal form goes with the name."""

    name: LegalName
    short_name: ShortName | None
    form: FormText | None
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The entity is elsewhere from `valid_from`."""

    address: AddressText | None
    katottg: Katottg | None
    koatuu: Koatuu | None
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class ActivitiesChanged:
    """All kinds of activity from `valid_from`; the primary one is named by its code."""

    activities: Annotated[tuple[Activity, ...], Count(0, MOST_ACTIVITIES)]
    primary: ActivityCode | None
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class CapitalChanged:
    """The authorised capital from `valid_from`; `founders_total` says whether contributions add up to it."""

    amount: Money
    founders_total: FoundersTotal
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class StatuteChanged:
    """The document on which the entity acts from `valid_from`."""

    text: Annotated[str, MaxBytes(400, least=1)] | None
    model: CodeText | None
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class ParticularsChanged:
    """What a register says beside all this, as a whole: fields of the source, contacts, members, branches."""

    original: Originals
    beside: Beside
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class HeadAppointed:
    """Somebody heads the entity from `valid_from`, in the place of whoever did."""

    head: Person
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class SignerAppointed:
    """Somebody may sign for the entity from `valid_from`."""

    number: Positive
    signer: Person
    valid_from: Moment
    valid_to: Moment | None
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class SignerDismissed:
    """Somebody signs no longer from `valid_from`."""

    number: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class FounderJoined:
    """Somebody is a founder or participant from `valid_from`."""

    number: Positive
    founder: Person
    founders_total: FoundersTotal
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class FounderLeft:
    """A founder is none any more from `valid_from`."""

    number: Positive
    founders_total: FoundersTotal
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class FounderShareChanged:
    """A founder's share is another from `valid_from`; all that is said of the founder stands anew, the id stays."""

    number: Positive
    founder: Person
    founders_total: FoundersTotal
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class BeneficiarySet:
    """All ultimate beneficial owners from `valid_from`, or the reason why there is none."""

    beneficiaries: Annotated[tuple[Person, ...], Count(0, MOST_AT_ONCE)]
    reason: Text | None
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class ReorganisationStarted:
    """A reorganisation began; `others` are the entities that it concerns, by code or name."""

    number: Positive
    kind: ReorganisationKind
    others: Annotated[tuple[LegalName, ...], Count(0, MOST_AT_ONCE)]
    commission: Person | None
    claims_until: Moment | None
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class BankruptcyOpened:
    """A court opened a bankruptcy case; `manager` is the arbitration manager."""

    number: Positive
    manager: Person | None
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class BankruptcyClosed:
    """A bankruptcy case was closed."""

    number: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class TerminationDecided:
    """It was decided to liquidate the entity; creditors claim until `claims_until`."""

    number: Positive
    commission: Person | None
    claims_until: Moment | None
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class TerminationRevoked:
    """A liquidation or reorganisation was called off."""

    number: Positive
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Terminated:
    """The entity exists no longer from `valid_from`; `successors` by code or name."""

    ground: TerminationGround
    successors: Annotated[tuple[LegalName, ...], Count(0, MOST_AT_ONCE)]
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class TerminationCancelled:
    """The registration of the termination was cancelled: the entity exists again from `valid_from`."""

    valid_from: Moment
    basis: Basis
    imported: Imported | None


EVENTS: Final[dict[tuple[str, int], type]] = {
    **COMMON_EVENTS,
    ("recorded", 1): Recorded,
    ("annulled", 1): Annulled[EntityState, Person],
    ("reinstated", 1): Reinstated[EntityState, Person],
    ("registered", 1): Registered,
    ("renamed", 1): Renamed,
    ("address_changed", 1): AddressChanged,
    ("activities_changed", 1): ActivitiesChanged,
    ("capital_changed", 1): CapitalChanged,
    ("statute_changed", 1): StatuteChanged,
    ("particulars_changed", 1): ParticularsChanged,
    ("head_appointed", 1): HeadAppointed,
    ("signer_appointed", 1): SignerAppointed,
    ("signer_dismissed", 1): SignerDismissed,
    ("founder_joined", 1): FounderJoined,
    ("founder_left", 1): FounderLeft,
    ("founder_share_changed", 1): FounderShareChanged,
    ("beneficiary_set", 1): BeneficiarySet,
    ("reorganisation_started", 1): ReorganisationStarted,
    ("bankruptcy_opened", 1): BankruptcyOpened,
    ("bankruptcy_closed", 1): BankruptcyClosed,
    ("termination_decided", 1): TerminationDecided,
    ("termination_revoked", 1): TerminationRevoked,
    ("terminated", 1): Terminated,
    ("termination_cancelled", 1): TerminationCancelled,
}
