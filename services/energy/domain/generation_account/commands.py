"""Commands of a generation account: what an operator or the issuing body asks for. `decide` gives the numbers."""

from dataclasses import dataclass

from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.personal import SealedPerson
from services.energy.domain.measures import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """Begin a month. `closed_at` is the version of last month's closing, where it is closed already."""

    valid_from: str
    valid_to: str
    interval: str
    technology: str
    holder: str
    net_rule: str
    carry_rule: str
    basis: Basis
    owner: SealedPerson | None = None
    carried_in_wh: int | None = None
    closed_at: int | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryRemainder:
    """Enter what last month left over; `closed_at` is the version of its closing, None where it left nothing."""

    carried_in_wh: int
    basis: Basis
    closed_at: int | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterOutput:
    """Enter readings of successive intervals, whole hours of them."""

    valid_from: str
    readings: tuple[Reading, ...]
    basis: Basis
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectReading:
    """Put the readings of one hour right."""

    valid_from: str
    corrects: int
    old: tuple[Reading, ...]
    new: tuple[Reading, ...]
    basis: Basis
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSealedOutput:
    """Enter readings of a household: one sealed field for all of them."""

    valid_from: str
    hours: int
    readings: SealedPerson
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectSealedReading:
    """Put one hour of a household right."""

    valid_from: str
    corrects: int
    readings: SealedPerson
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyOutput:
    """Enter the public sum of a household's month."""

    certified_wh: int
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate:
    """Certify whole MWh; without a number of them all that there are."""

    valid_from: str
    basis: Basis
    mwh: int | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCertificate:
    """Enter that the guarantee of a certificate stands."""

    number: int
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCertificate:
    """Take units back; `withdrawn_at` is the version of their guarantee's withdrawal, None where they are not used."""

    first: int
    last: int
    valid_from: str
    basis: Basis
    withdrawn_at: int | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAccount:
    """Settle the month."""

    valid_from: str
    basis: Basis
    imported: Imported | None = None
