"""Events of a guarantee of origin, version 1; fields in the order of JSON."""

from dataclasses import dataclass
from typing import Annotated, Final

from litopys.sourcing.common import COMMON_EVENTS, Annulled, Basis, Imported, Original, Positive, Reinstated
from litopys.sourcing.constraints import Ascending, Count, Pattern
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest, DigestAlgorithm, RandomId
from services.energy.domain.guarantee_of_origin.state import BATCH_KEY, GuaranteeState
from services.energy.domain.measures import Account, Holder, Instant, Technology

BENEFICIARY_DIGESTS: Final = 5
MOST_PARTS: Final = 32

Batch = Annotated[str, Pattern(f"guarantee_of_origin:{BATCH_KEY}")]


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """For whose consumption a batch is redeemed: a fresh id, and five digests."""

    id: RandomId
    sd: Annotated[tuple[Digest, ...], Count(BENEFICIARY_DIGESTS, BENEFICIARY_DIGESTS), Ascending()]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a batch that is split."""

    first: Positive
    last: Positive


@dataclass(frozen=True, slots=True)
class Recorded:
    """The batch as a register held it at a date; opens the stream."""

    as_of: Moment
    state: GuaranteeState
    original: Annotated[tuple[Original, ...], Count(0, 16)]
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate of the account became a batch; the certificate is cited."""

    account: Account
    certificate: Positive
    first: Positive
    last: Positive
    produced_from: Instant
    produced_to: Instant
    technology: Technology
    holder: Holder
    transfer_until: Instant
    expires: Instant
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Separated:
    """A part of a batch goes on alone; the split of that batch is cited."""

    parent: Batch
    first: Positive
    last: Positive
    produced_from: Instant
    produced_to: Instant
    technology: Technology
    holder: Holder
    transfer_until: Instant
    expires: Instant
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Split:
    """The holder splits the batch: it ends, and its parts, one after another, take its place."""

    holder: Holder
    parts: Annotated[tuple[Part, ...], Count(2, MOST_PARTS)]
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Transferred:
    """The holder passes the batch on."""

    holder: Holder
    to: Holder
    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The holder uses the batch up for somebody's consumption."""

    holder: Holder
    beneficiary: Beneficiary
    valid_from: Moment
    basis: Basis
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Expired:
    """The batch was not redeemed in time."""

    valid_from: Moment
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The batch should not have been issued, and was not redeemed: its units go back to the account."""

    valid_from: Moment
    basis: Basis
    imported: Imported | None


EVENTS: Final[dict[tuple[str, int], type]] = {
    **COMMON_EVENTS,
    ("recorded", 1): Recorded,
    ("annulled", 1): Annulled[GuaranteeState, Beneficiary],
    ("reinstated", 1): Reinstated[GuaranteeState, Beneficiary],
    ("issued", 1): Issued,
    ("separated", 1): Separated,
    ("split", 1): Split,
    ("transferred", 1): Transferred,
    ("redeemed", 1): Redeemed,
    ("expired", 1): Expired,
    ("withdrawn", 1): Withdrawn,
}
