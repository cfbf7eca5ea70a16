"""State of a parcel: what the rules need and no more, so that it stays small whatever happened to the parcel.

Each thing that held has its valid time. What ended is kept as long as there is room, because a late fact is judged by
what held then; `horizon` is the moment before which too much has been forgotten to judge.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.common import NotNegative, Positive, Standing
from litopys.sourcing.constraints import Between, Count, MaxBytes, Pattern
from litopys.sourcing.moments import Moment
from litopys.sourcing.money import Money
from litopys.sourcing.personal import Digest, RandomId
from services.registers.domain.land_parcel.shares import Share

MOST_HOLDERS: Final = 32
MOST_HOLDINGS: Final = 40
MOST_USE_RIGHTS: Final = 16
MOST_MORTGAGES: Final = 12
MOST_CONSENTS: Final = 12
MOST_SEIZURES: Final = 12

CADASTRAL_NUMBER: Final = "[0-9]{10}:[0-9]{2}:[0-9]{3}:[0-9]{4}"

CadastralNumber = Annotated[str, Pattern(CADASTRAL_NUMBER)]
SquareMetres = Annotated[int, Between(1, 10**13 - 1)]
LongText = Annotated[str, MaxBytes(700, least=1)]
ShortText = Annotated[str, MaxBytes(250, least=1)]
UseKind = Literal["lease", "emphyteusis", "superficies", "permanent_use", "servitude"]
Ownership = Literal["private", "communal", "state"]


@dataclass(frozen=True, slots=True)
class Details:
    """What the cadastre says of a parcel in words and codes."""

    address: LongText | None
    category: ShortText | None
    purpose_code: Annotated[str, Pattern("[0-9]{2}\\.[0-9]{2}")] | None
    purpose: LongText | None
    use: LongText | None
    ownership: Ownership | None


@dataclass(frozen=True, slots=True)
class Valuation:
    """The latest normative valuation."""

    amount: Money
    valid_from: Moment


@dataclass(frozen=True, slots=True)
class Holding:
    """A holder's share over a time; joint owners are one holder, named by the id of the first of them."""

    id: RandomId
    share: Share
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class UseRight:
    """A right to use another's land, over a time."""

    number: Positive
    kind: UseKind
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Mortgage:
    """A mortgage over a time; it burdens the parcel whoever holds it."""

    number: Positive
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Consent:
    """A mortgagee's consent to one transfer, not used yet; named by the version of its event."""

    version: Positive
    mortgage: Positive
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Seizure:
    """A seizure over a time."""

    number: Positive
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The last number given to a use right, a mortgage, a seizure; 0 for none yet."""

    use_right: NotNegative
    mortgage: NotNegative
    seizure: NotNegative


@dataclass(frozen=True, slots=True)
class ParcelState:
    """A land parcel, its title and burdens. Area in square metres; `boundary` is a digest, `measured_from` its time."""

    standing: Standing
    area_m2: SquareMetres
    boundary: Digest | None
    measured_from: Moment | None
    details: Details
    valuation: Valuation | None
    holdings: Annotated[tuple[Holding, ...], Count(0, MOST_HOLDINGS)]
    use_rights: Annotated[tuple[UseRight, ...], Count(0, MOST_USE_RIGHTS)]
    mortgages: Annotated[tuple[Mortgage, ...], Count(0, MOST_MORTGAGES)]
    consents: Annotated[tuple[Consent, ...], Count(0, MOST_CONSENTS)]
    seizures: Annotated[tuple[Seizure, ...], Count(0, MOST_SEIZURES)]
    numbers: Numbers
    horizon: Moment | None
    ended_by: Literal["divided", "merged", "closed"] | None
