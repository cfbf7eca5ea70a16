"""Exact amounts out of decimal text: whole units of ten to some power. Nothing is rounded."""

import re
from typing import Final

from litopys.errors import RuleViolated

_DECIMAL: Final = re.compile(r"([+-]?)([0-9]{1,15})(?:[.,]([0-9]{1,15}))?")


def minor_units(text: str) -> int:
    """Turn an amount in hryvnias into kopiykas; raises RuleViolated for what is no decimal or finer than that."""
    minor = shifted(text, 2)
    if minor is None:
        raise RuleViolated("amount-form", "the amount is no decimal that comes to whole kopiykas")
    return minor


def shifted(text: str, places: int, *, is_signed: bool = False, point: str = ".") -> int | None:
    """Move a decimal's point to the right; None where the text is no plain decimal, or a fraction would remain.

    `point` is the decimal mark of the source, `.` or `,`; a sign is taken with `is_signed` only.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None or (found[1] and not is_signed) or (found[3] is not None and point not in text):
        return None
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > places:
        return None
    size = int(found[2] + fraction.ljust(places, "0"))
    return -size if found[1] == "-" else size
