"""Commands of a land parcel: what an officer asks for. Persons come sealed; `decide` gives the numbers."""

from dataclasses import dataclass

from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.money import Money
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.land_parcel.events import Boundary
from services.registers.domain.land_parcel.state import Details


@dataclass(frozen=True, slots=True, kw_only=True)
class Owning:
    """A share for one person or for joint owners."""

    share: str
    persons: tuple[SealedPerson, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordParcel:
    """Take a parcel over from the register that held it, with its title if it has one."""

    as_of: str
    area_m2: int
    details: Details
    boundary: Boundary | None
    basis: Basis
    owners: tuple[Owning, ...] = ()
    owned_since: str | None = None
    registrar: str | None = None
    registered: str | None = None
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectBoundary:
    """Enter a new measurement."""

    area_m2: int
    boundary: Boundary | None
    valid_from: str
    basis: Basis
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Enter a normative valuation."""

    amount: Money
    valid_from: str
    basis: Basis
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTitle:
    """Enter the first title."""

    owners: tuple[Owning, ...]
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTitle:
    """Pass the whole title on; `consents` are the versions of mortgagees' consents."""

    owners: tuple[Owning, ...]
    ground: str
    valid_from: str
    basis: Basis
    consents: tuple[int, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferShare:
    """Pass a holder's share on, or a part of it: as much as the new owners get together."""

    holder: str
    owners: tuple[Owning, ...]
    ground: str
    valid_from: str
    basis: Basis
    consents: tuple[int, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherit:
    """Pass a dead holder's share to the heirs."""

    holder: str
    owners: tuple[Owning, ...]
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUseRight:
    """Enter a right of use; `area_m2` None: of the whole parcel."""

    kind: str
    holder: SealedPerson
    valid_from: str
    basis: Basis
    valid_to: str | None = None
    area_m2: int | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndUseRight:
    """Enter the end of a right of use."""

    number: int
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MortgageParcel:
    """Enter a mortgage; without `holders` by all who hold the title."""

    mortgagee: SealedPerson
    valid_from: str
    basis: Basis
    holders: tuple[str, ...] = ()
    amount: Money | None = None
    valid_to: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentToTransfer:
    """Enter a mortgagee's consent to one transfer."""

    mortgage: int
    valid_from: str
    basis: Basis
    valid_to: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseMortgage:
    """Enter the end of a mortgage."""

    number: int
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImposeSeizure:
    """Enter a seizure."""

    authority: str
    valid_from: str
    basis: Basis
    valid_to: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftSeizure:
    """Enter the end of a seizure."""

    number: int
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """End the parcel's record."""

    reason: str
    valid_from: str
    basis: Basis
    imported: Imported | None = None
