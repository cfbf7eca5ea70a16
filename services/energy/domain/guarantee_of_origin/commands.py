"""Commands of a guarantee of origin: what its holder, or the issuing body, asks for."""

from dataclasses import dataclass

from litopys.sourcing.common import Basis, Imported
from litopys.sourcing.personal import SealedPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueGuarantee:
    """Begin a batch with a certificate of its account; `certified_at` is the version of that certificate's event."""

    certificate: int
    certified_at: int
    produced_from: str
    produced_to: str
    technology: str
    holder: str
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparateGuarantee:
    """Begin a part of a batch; `split_at` is the version of that batch's split. The rest is as in that batch."""

    parent: str
    split_at: int
    produced_from: str
    produced_to: str
    technology: str
    holder: str
    transfer_until: str
    expires: str
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitGuarantee:
    """Split the batch into parts of these many MWh, one after another."""

    holder: str
    mwh: tuple[int, ...]
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferGuarantee:
    """Pass the batch on."""

    holder: str
    to: str
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemGuarantee:
    """Use the batch up for somebody's consumption."""

    holder: str
    beneficiary: SealedPerson
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireGuarantee:
    """Enter that the batch was not redeemed in time."""

    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawGuarantee:
    """Propose that the batch should not have been issued."""

    valid_from: str
    basis: Basis
    imported: Imported | None = None
