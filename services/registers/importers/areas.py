"""Areas: whole square metres out of decimal text in the units that the cadastre uses."""

from typing import Final

from litopys.errors import RuleViolated
from litopys.exports.decimals import shifted

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
