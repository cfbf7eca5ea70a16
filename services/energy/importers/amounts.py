"""Whole watt hours and minor units out of decimal text, exactly; what is finer than a Wh is rounded and said to be."""

import re
from typing import Final, NamedTuple

from litopys.errors import RuleViolated
from litopys.exports.decimals import shifted

_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,9})(?:\.([0-9]{1,30}))?")
_PLACES: Final = 6  # decimal places between a MWh and a Wh


class Energy(NamedTuple):
    """Whole Wh, and whether the text said just these."""

    wh: int
    is_exact: bool


def watt_hours(mwh: str) -> Energy:
    """Turn MWh into the nearest Wh, of two equally near the even one; raises RuleViolated for what is no decimal."""
    found = _DECIMAL.fullmatch(mwh)
    if found is None:
        raise RuleViolated("energy-form", "the energy is no plain decimal in MWh")
    fraction = (found[3] or "").ljust(_PLACES, "0")
    wh, finer = int(found[2] + fraction[:_PLACES]), fraction[_PLACES:].rstrip("0")
    if finer:
        half = "5".ljust(len(finer), "0")
        wh += finer > half or (finer == half and wh % 2 == 1)
    return Energy(-wh if found[1] else wh, not finer)


def minor_price(text: str) -> int:
    """Turn a price into minor units, of either sign; raises RuleViolated for what is no decimal or finer than that."""
    minor = shifted(text, 2, is_signed=True)
    if minor is None:
        raise RuleViolated("price-form", "the price is no decimal of at most two places")
    return minor
