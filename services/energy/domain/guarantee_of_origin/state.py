"""State of a batch: whose it is, until when it moves, how it ended. Its units are those that its key names."""

from dataclasses import dataclass
from typing import Final, Literal

from litopys.sourcing.common import Positive, Standing
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import RandomId
from services.energy.domain.measures import ACCOUNT_KEY, Account, Holder, Instant, Technology

BATCH_KEY: Final = f"{ACCOUNT_KEY}:[1-9][0-9]{{0,15}}-[1-9][0-9]{{0,15}}"

Ending = Literal["split", "redeemed", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class GuaranteeState:
    """Units of one account, 1 MWh each, that are held together.

    They may be transferred until `transfer_until`, redeemed until `expires`; both are stated, with no law known here.
    `since`: when the batch began; `held_since`: when its holder got it.
    """

    standing: Standing
    account: Account
    first: Positive
    last: Positive
    produced_from: Instant
    produced_to: Instant
    technology: Technology
    holder: Holder
    since: Moment
    held_since: Moment
    transfer_until: Instant
    expires: Instant
    beneficiary: RandomId | None
    ended_by: Ending | None
