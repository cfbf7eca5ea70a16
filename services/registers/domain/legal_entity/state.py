"""State of a legal entity: what the rules need and what people look for, small whatever happened to it.

Names, shares and roles of persons are open by law and still personal: the state has their ids alone. `horizon` is the
moment before which too much has been forgotten of heads and proceedings to judge a late fact.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.common import NotNegative, Positive, Standing
from litopys.sourcing.constraints import Ascending, Count, MaxBytes, Pattern
from litopys.sourcing.moments import Moment
from litopys.sourcing.money import Money
from litopys.sourcing.personal import Digest, RandomId
from services.registers.domain.legal_entity.membership import Bits, Member

MOST_HEADS: Final = 4
MOST_SIGNERS: Final = 16
MOST_FOUNDERS: Final = 20
MOST_BENEFICIARIES: Final = 12
MOST_PROCEEDINGS: Final = 6
MOST_TERMINATIONS: Final = 4
MOST_ACTIVITIES: Final = 100

Edrpou = Annotated[str, Pattern("[0-9]{8}")]
RecordNumber = Annotated[str, Pattern("[0-9]{1,20}")]
Katottg = Annotated[str, Pattern("UA[0-9]{17}")]
Koatuu = Annotated[str, Pattern("[0-9]{10}")]
ActivityCode = Annotated[str, Pattern("[0-9A-Z]{1,2}(?:\\.[0-9]{1,2}){0,2}")]
LegalName = Annotated[str, MaxBytes(1_200, least=1)]
ShortName = Annotated[str, MaxBytes(400, least=1)]
FormText = Annotated[str, MaxBytes(250, least=1)]
AddressText = Annotated[str, MaxBytes(800, least=1)]
CodeText = Annotated[str, MaxBytes(40, least=1)]

ReorganisationKind = Literal["merger", "accession", "division", "spin_off", "transformation"]
ProceedingKind = Literal["liquidation", "merger", "accession", "division", "spin_off", "transformation", "bankruptcy"]
TerminationGround = Literal[
    "liquidation", "merger", "accession", "division", "transformation", "bankruptcy", "court", "other"
]
FoundersTotal = Literal["agrees", "differs", "unknown"]


@dataclass(frozen=True, slots=True)
class Naming:
    """What the entity is called, and since when; None: not known."""

    name: LegalName | None
    short_name: ShortName | None
    valid_from: Moment | None


@dataclass(frozen=True, slots=True)
class Address:
    """Where the entity is: as text, and the territory's code in whichever classifier a source used."""

    text: AddressText | None
    katottg: Katottg | None
    koatuu: Koatuu | None
    valid_from: Moment | None


@dataclass(frozen=True, slots=True)
class Activities:
    """Kinds of activity by their code (KVED)."""

    primary: ActivityCode | None
    others: Annotated[tuple[ActivityCode, ...], Count(0, MOST_ACTIVITIES), Ascending()]
    valid_from: Moment | None


@dataclass(frozen=True, slots=True)
class Capital:
    """The authorised capital, and whether the founders' contributions add up to it as far as somebody has looked."""

    amount: Money
    founders_total: FoundersTotal
    valid_from: Moment | None


@dataclass(frozen=True, slots=True)
class Statute:
    """On what document the entity acts: in words, and the model statute's code where it is one."""

    text: Annotated[str, MaxBytes(400, least=1)] | None
    model: CodeText | None
    valid_from: Moment | None


@dataclass(frozen=True, slots=True)
class Tenure:
    """A person who heads the entity or benefits from it, over a time."""

    id: RandomId
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Proceeding:
    """A way out of existence or a change of it that was begun: liquidation, reorganisation, bankruptcy."""

    number: Positive
    kind: ProceedingKind
    claims_until: Moment | None
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Termination:
    """The entity does not exist from a moment on, until a court says otherwise."""

    number: Positive
    ground: TerminationGround
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The last number given to a signer, a founder, a proceeding, a termination; 0 for none yet."""

    signer: NotNegative
    founder: NotNegative
    proceeding: NotNegative
    termination: NotNegative


NO_NUMBERS: Final = Numbers(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class EntityState:
    """A legal entity. `other_code` is a code that is no EDRPOU, as it stood.

    `particulars` digests what the latest event of them keeps of a source, `beside` names its sealed fields.
    """

    standing: Standing
    edrpou: Edrpou | None
    other_code: CodeText | None
    record: RecordNumber | None
    form: FormText | None
    registered: Moment | None
    naming: Naming
    address: Address
    activities: Activities
    capital: Capital | None
    statute: Statute
    heads: Annotated[tuple[Tenure, ...], Count(0, MOST_HEADS)]
    signers: Annotated[tuple[Member, ...], Count(0, MOST_SIGNERS)]
    other_signers: Bits
    founders: Annotated[tuple[Member, ...], Count(0, MOST_FOUNDERS)]
    other_founders: Bits
    beneficiaries: Annotated[tuple[Tenure, ...], Count(0, MOST_BENEFICIARIES)]
    other_beneficiaries: NotNegative
    proceedings: Annotated[tuple[Proceeding, ...], Count(0, MOST_PROCEEDINGS)]
    terminations: Annotated[tuple[Termination, ...], Count(0, MOST_TERMINATIONS)]
    numbers: Numbers
    particulars: Digest | None
    beside: RandomId | None
    horizon: Moment | None
