"""Events of a parcel in a change: how it is kept, let go, ended, or formed with what passes on to it."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.common import Basis, Positive, Text
from litopys.sourcing.constraints import Ascending, Count
from litopys.sourcing.moments import Moment
from litopys.sourcing.money import Money
from litopys.sourcing.personal import DigestAlgorithm, RandomId
from services.registers.domain.land_parcel.change_state import MOST_CHILDREN, MOST_PARENTS, ChangeSubject
from services.registers.domain.land_parcel.events import Boundary, Owner, Person
from services.registers.domain.land_parcel.state import (
    MOST_CONSENTS,
    MOST_HOLDERS,
    MOST_MORTGAGES,
    MOST_SEIZURES,
    MOST_USE_RIGHTS,
    CadastralNumber,
    Details,
    SquareMetres,
    UseKind,
)

Outcome = Literal["withdrawn", "hindered", "expired", "annulled"]


@dataclass(frozen=True, slots=True)
class Reserved:
    """The parcel is kept for a change that will end it; area and holders are those that the change was planned upon."""

    change: ChangeSubject
    area_m2: SquareMetres
    holders: Annotated[tuple[RandomId, ...], Count(0, MOST_HOLDERS), Ascending()]
    consents: Annotated[tuple[Positive, ...], Count(0, MOST_CONSENTS)]
    valid_from: Moment
    expires: Moment


@dataclass(frozen=True, slots=True)
class Released:
    """The change came to nothing: the parcel is free again, or the number that was kept for it."""

    change: ChangeSubject
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Divided:
    """The parcel became several others by a change; the numbers are those of all burdens that pass on to them."""

    change: ChangeSubject
    into: Annotated[tuple[CadastralNumber, ...], Count(2, MOST_CHILDREN), Ascending()]
    use_rights: Annotated[tuple[Positive, ...], Count(0, MOST_USE_RIGHTS)]
    mortgages: Annotated[tuple[Positive, ...], Count(0, MOST_MORTGAGES)]
    seizures: Annotated[tuple[Positive, ...], Count(0, MOST_SEIZURES)]
    valid_from: Moment
    basis: Basis


@dataclass(frozen=True, slots=True)
class Merged:
    """The parcel became part of another by a change; the numbers are those of all burdens that pass on to it."""

    change: ChangeSubject
    into: CadastralNumber
    use_rights: Annotated[tuple[Positive, ...], Count(0, MOST_USE_RIGHTS)]
    mortgages: Annotated[tuple[Positive, ...], Count(0, MOST_MORTGAGES)]
    seizures: Annotated[tuple[Positive, ...], Count(0, MOST_SEIZURES)]
    valid_from: Moment
    basis: Basis


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The number is kept for a parcel that a change will form; opens the stream."""

    change: ChangeSubject
    area_m2: SquareMetres
    boundary: Boundary | None
    details: Details
    expires: Moment


@dataclass(frozen=True, slots=True)
class PassedUseRight:
    """A right of use that passed on from a parent, with its number there; null: its holder was never described."""

    number: Positive
    parent: CadastralNumber
    parent_number: Positive
    kind: UseKind
    holder: Person | None
    area_m2: SquareMetres | None
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class PassedMortgage:
    """A mortgage that passed on from a parent, with its number and its rank in time there."""

    number: Positive
    parent: CadastralNumber
    parent_number: Positive
    mortgagee: Person | None
    amount: Money | None
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class PassedSeizure:
    """A seizure that passed on from a parent, with its number there."""

    number: Positive
    parent: CadastralNumber
    parent_number: Positive
    authority: Text | None
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Formed:
    """A change formed the parcel: title and burdens passed on to it from its parents, persons under fresh ids."""

    change: ChangeSubject
    parents: Annotated[tuple[CadastralNumber, ...], Count(1, MOST_PARENTS), Ascending()]
    owners: Annotated[tuple[Owner, ...], Count(0, MOST_HOLDERS)]
    use_rights: Annotated[tuple[PassedUseRight, ...], Count(0, MOST_USE_RIGHTS)]
    mortgages: Annotated[tuple[PassedMortgage, ...], Count(0, MOST_MORTGAGES)]
    seizures: Annotated[tuple[PassedSeizure, ...], Count(0, MOST_SEIZURES)]
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm


CHANGE_EVENTS: Final[dict[tuple[str, int], type]] = {
    ("reserved", 1): Reserved,
    ("released", 1): Released,
    ("divided", 2): Divided,
    ("merged", 2): Merged,
    ("foreseen", 1): Foreseen,
    ("formed", 1): Formed,
}
