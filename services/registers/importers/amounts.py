"""Exact amounts out of decimal text: square metres from hectares, minor units from hryvnias. Nothing is rounded."""

import re
from typing import Final

from litopys.errors import RuleViolated

_DECIMAL: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,15}))?")
_SQUARE_METRES: Final = {"га": 4, "ha": 4, "кв.м": 0, "м2": 0}  # decimal places between the unit and a square metre


def square_metres(text: str, unit: str) -> int:
    """Turn an area into whole square metres; raises RuleViolated for an unknown unit or a part of a square metre."""
    places = _SQUARE_METRES.get(unit)
    if places is None:
        raise RuleViolated("area-unit", "the unit of the area is not known")
    area = shifted(text, places)
    if area is None:
        raise RuleViolated("area-form", "the area is no decimal that comes to whole square metres")
    if area == 0:
        raise RuleViolated("area-form", "a parcel has an area")
    return area


def minor_units(text: str) -> int:
    """Turn an amount in hryvnias into kopiykas; raises RuleViolated for what is no decimal or finer than that."""
    minor = shifted(text, 2)
    if minor is None:
        raise RuleViolated("amount-form", "the amount is no decimal that comes to whole kopiykas")
    return minor


def shifted(text: str, places: int) -> int | None:
    """Move a decimal's point to the right; None where the text is no plain decimal, or a fraction would remain."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return None
    fraction = (found[2] or "").rstrip("0")
    if len(fraction) > places:
        return None
    return int(found[1] + fraction.ljust(places, "0"))
