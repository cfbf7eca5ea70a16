"""State of a month's account: every hour that was metered, what was certified upon it, what is carried on.

It stays under 16 KiB: an hour takes sixteen characters, whatever its readings (`domain/hours.py`). The readings of a
household stand on the ledger as digests only, so its hours hold the event's version alone, and its month a public sum.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litopys.sourcing.common import NotNegative, Positive, Standing
from litopys.sourcing.constraints import Count
from litopys.sourcing.personal import RandomId
from services.energy.domain.hours import HoursText
from services.energy.domain.measures import Holder, Instant, Length, Month, Plant, Technology, WattHours

MOST_CERTIFICATES: Final = 8
MOST_WITHDRAWN: Final = 16

NetRule = Literal["net_of_consumption", "gross"]
CarryRule = Literal["remainder", "lapse"]


@dataclass(frozen=True, slots=True)
class Units:
    """Certificates of one MWh each, by their first and last number in the account."""

    first: Positive
    last: Positive


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that no guarantee of origin has used up yet."""

    number: Positive
    first: Positive
    last: Positive


@dataclass(frozen=True, slots=True)
class Closing:
    """The month is closed; `carried_wh` went to the next one."""

    carried_wh: WattHours


@dataclass(frozen=True, slots=True)
class AccountState:
    """One plant, or one portfolio, in one month. `carried_in_wh` is null until the month before is closed.

    `issued` is the number of the last unit certified, `numbers` that of the last certificate. `certified_wh` is the
    public sum of a household's month; elsewhere it is null and the hours say the sum.
    """

    standing: Standing
    plant: Plant
    month: Month
    valid_from: Instant
    valid_to: Instant
    interval: Length
    technology: Technology
    holder: Holder
    owner: RandomId | None
    net_rule: NetRule
    carry_rule: CarryRule
    carried_in_wh: WattHours | None
    hours: HoursText
    metered: NotNegative
    fed_wh: NotNegative
    drawn_wh: NotNegative
    certified_wh: NotNegative | None
    issued: NotNegative
    numbers: NotNegative
    certificates: Annotated[tuple[Certificate, ...], Count(0, MOST_CERTIFICATES)]
    withdrawn: Annotated[tuple[Units, ...], Count(0, MOST_WITHDRAWN)]
    closing: Closing | None
