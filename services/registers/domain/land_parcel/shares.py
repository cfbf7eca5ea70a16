"""Shares of a title as exact fractions in text, `1/3`: lowest terms, above 0 and at most 1, up to nine digits a side.

Whole numbers only: `fractions` of the standard library brings decimals and floats with it, which rules do without.
"""

import re
from collections.abc import Iterable
from math import gcd
from typing import Annotated, Final, NamedTuple

from litopys.errors import RuleViolated
from litopys.sourcing.constraints import Check

_FORM: Final = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})")
_LARGEST: Final = 999_999_999


class Ratio(NamedTuple):
    """A fraction that need not be in lowest terms nor a share; exact, of any size."""

    above: int
    below: int


def _refusal(text: str) -> str | None:
    found = _FORM.fullmatch(text)
    if found is None:
        return "is not a fraction of up to nine digits a side"
    above, below = int(found[1]), int(found[2])
    if above > below:
        return "is more than the whole"
    return None if gcd(above, below) == 1 else "is not in lowest terms"


Share = Annotated[str, Check(_refusal, pattern="^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$")]

WHOLE: Final = "1/1"


def parse_share(text: str) -> Ratio:
    """Read a share of the right form."""
    above, _, below = text.partition("/")
    return Ratio(int(above), int(below))


def format_share(ratio: Ratio) -> str:
    """Write a ratio in lowest terms; raises RuleViolated for what is no share or too fine to be written."""
    common = gcd(ratio.above, ratio.below)
    above, below = ratio.above // common, ratio.below // common
    if not 0 < above <= below or below > _LARGEST:
        raise RuleViolated("share-form", "no share can be written for this part")
    return f"{above}/{below}"


def total(shares: Iterable[str]) -> Ratio:
    """Add shares up exactly; the result is in lowest terms, 0/1 for none."""
    above, below = 0, 1
    for text in shares:
        share = parse_share(text)
        above, below = above * share.below + share.above * below, below * share.below
        common = gcd(above, below)
        above, below = above // common, below // common
    return Ratio(above, below)


def is_whole(shares: Iterable[str]) -> bool:
    """Tell whether shares add up to exactly 1."""
    return total(shares) == (1, 1)


def remainder(share: str, taken: str) -> str | None:
    """Take a part off a share: what is left, or None; raises RuleViolated when more is taken than there is."""
    one, other = parse_share(share), parse_share(taken)
    left = Ratio(one.above * other.below - other.above * one.below, one.below * other.below)
    if left.above < 0:
        raise RuleViolated("share-exceeded", "a holder cannot give more than the share held")
    return None if left.above == 0 else format_share(left)
