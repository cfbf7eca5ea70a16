"""Commands of a legal entity: what an officer asks for. Persons come sealed; `decide` gives the numbers."""

from dataclasses import dataclass

from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.money import Money
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.legal_entity.events import Activity
from services.registers.domain.legal_entity.state import Activities, Address, Capital, Naming, Statute


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEntity:
    """Take an entity over from the register that held it; its persons follow by commands of their own.

    `code` as it stood: one that passes its check becomes the EDRPOU, any other stays a text.
    """

    as_of: str
    naming: Naming
    address: Address
    activities: Activities
    statute: Statute
    beside: SealedPerson
    basis: Basis
    code: str | None = None
    code_is_sound: bool = False
    record: str | None = None
    form: str | None = None
    registered: str | None = None
    capital: Capital | None = None
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Register a new entity."""

    edrpou: str
    code_is_sound: bool
    name: str
    beside: SealedPerson
    valid_from: str
    basis: Basis
    record: str | None = None
    form: str | None = None
    short_name: str | None = None
    address: str | None = None
    katottg: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Enter a new name; `form` None: the legal form stays."""

    name: str
    valid_from: str
    basis: Basis
    short_name: str | None = None
    form: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddress:
    """Enter a new address."""

    address: str | None
    valid_from: str
    basis: Basis
    katottg: str | None = None
    koatuu: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeActivities:
    """Enter all kinds of activity."""

    activities: tuple[Activity, ...]
    primary: str | None
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCapital:
    """Enter a new capital; `contributed` is the sum of the founders' contributions as the application states it."""

    amount: Money
    valid_from: str
    basis: Basis
    contributed: Money | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStatute:
    """Enter the document on which the entity acts."""

    text: str | None
    valid_from: str
    basis: Basis
    model: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeParticulars:
    """Enter contacts, members, branches and what else a register says, as a whole."""

    beside: SealedPerson
    valid_from: str
    basis: Basis
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointHead:
    """Enter a new head."""

    head: SealedPerson
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointSigner:
    """Enter somebody who may sign."""

    signer: SealedPerson
    valid_from: str
    basis: Basis
    valid_to: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissSigner:
    """Enter that somebody signs no longer."""

    number: int
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFounder:
    """Enter one founder; `contributed` is what all founders' contributions come to then."""

    founder: SealedPerson
    valid_from: str
    basis: Basis
    contributed: Money | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveFounder:
    """Enter that a founder is none any more."""

    number: int
    valid_from: str
    basis: Basis
    contributed: Money | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFounderShare:
    """Enter a founder's new share; the person is sealed anew under the founder's own id."""

    number: int
    founder: SealedPerson
    valid_from: str
    basis: Basis
    contributed: Money | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBeneficiaries:
    """Enter all beneficial owners, or the reason why there is none."""

    valid_from: str
    basis: Basis
    beneficiaries: tuple[SealedPerson, ...] = ()
    reason: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReorganisation:
    """Enter the decision to reorganise."""

    kind: str
    valid_from: str
    basis: Basis
    others: tuple[str, ...] = ()
    commission: SealedPerson | None = None
    claims_until: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBankruptcy:
    """Enter that a court opened a bankruptcy case."""

    valid_from: str
    basis: Basis
    manager: SealedPerson | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBankruptcy:
    """Enter that a bankruptcy case was closed."""

    number: int
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideTermination:
    """Enter the decision to liquidate."""

    valid_from: str
    basis: Basis
    commission: SealedPerson | None = None
    claims_until: str | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeTermination:
    """Call a liquidation or a reorganisation off."""

    number: int
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminate:
    """Enter the end of the entity."""

    ground: str
    valid_from: str
    basis: Basis
    successors: tuple[str, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTermination:
    """Cancel the entry of the end."""

    valid_from: str
    basis: Basis
    imported: Imported | None = None
