"""What all streams of energy measure with: codes of the market, watt hours, instants in UTC, lengths of intervals."""

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from litopys.sourcing.common import SAFE_INTEGER
from litopys.sourcing.constraints import Between, Check, MaxBytes, Pattern
from litopys.sourcing.moments import is_moment
from litopys.sourcing.personal import RANDOM_ID

WH_PER_MWH: Final = 1_000_000
HOUR_S: Final = 3_600
# More than all plants of the country give in an hour; six characters of base64 hold it (hours.py).
MOST_WH_AN_HOUR: Final = 2**36 - 1

EIC: Final = "[0-9]{2}[A-Z][0-9A-Z-]{12}[0-9A-Z]"
MONTH: Final = "[0-9]{4}-(?:0[1-9]|1[0-2])"
PLANT: Final = f"{EIC}|{RANDOM_ID}"
ACCOUNT_KEY: Final = f"(?:{PLANT}):{MONTH}"

Length = Literal["PT15M", "PT30M", "PT60M"]
MINUTES: Final[dict[str, int]] = {"PT15M": 15, "PT30M": 30, "PT60M": 60}


def _refuse_instant(text: str) -> str | None:
    return None if len(text) == 20 and is_moment(text) else "is no second in UTC"


Eic = Annotated[str, Pattern(EIC)]
Plant = Annotated[str, Pattern(PLANT)]
"""What an account is about: a plant or a portfolio by its EIC, a household by a random id."""

Holder = Plant
"""Who holds guarantees: a company by its EIC, a household by a random id."""

Month = Annotated[str, Pattern(MONTH)]

Account = Annotated[str, Pattern(f"generation_account:{ACCOUNT_KEY}")]
Instant = Annotated[str, Check(_refuse_instant, pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
Technology = Literal["solar", "wind", "hydro", "biomass", "biogas", "geothermal", "nuclear", "thermal", "mixed"]
WattHours = Annotated[int, Between(-SAFE_INTEGER, SAFE_INTEGER)]
RawText = Annotated[str, MaxBytes(100, least=1)]
Currency = Annotated[str, Pattern("[A-Z]{3}")]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter says of one interval: whole Wh, drawn from the grid if negative; and the number as it was written.

    `raw` is in MWh, as the exports have it; null where the Wh themselves were reported.
    """

    wh: Annotated[int, Between(-MOST_WH_AN_HOUR, MOST_WH_AN_HOUR)]
    raw: RawText | None


def seconds_between(begin: str, end: str) -> int:
    """Count the seconds from one instant to another; negative where it lies before."""
    return instant_seconds(end) - instant_seconds(begin)


@functools.lru_cache(maxsize=4_096)  # a month's edges are asked for with each of its hours
def instant_seconds(instant: str) -> int:
    """Count the seconds from the year 1 to an instant `YYYY-MM-DDThh:mm:ssZ`."""
    day = datetime(int(instant[:4]), int(instant[5:7]), int(instant[8:10])).toordinal()  # noqa: DTZ001 - only its day
    return day * 86_400 + int(instant[11:13]) * HOUR_S + int(instant[14:16]) * 60 + int(instant[17:19])
