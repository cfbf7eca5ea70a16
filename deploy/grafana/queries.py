"""The PromQL that several panels share.

An expression about trouble that is absent in health says so itself: nothing is then a 0 in the picture. Where no data
means trouble, the expression is left to answer nothing, and the panel says "no data".
"""

from __future__ import annotations

from typing import NamedTuple

CHECK = 'job="litopys-validator-check"'
SERVE = 'job="litopys-validator-serve"'
SEALER = 'job="litopys-sealer"'
SECTOR = 'job="litopys-sector"'
OURS = 'job=~"litopys-.*"'
RATE = "$__rate_interval"


class Query(NamedTuple):
    """One line or figure of a panel: what is asked, how it is called (`{{label}}` stands for its label), its colour."""

    expr: str
    name: str = ""
    colour: str = ""


def kinds(vector: str, *, by: str = "reason", take: str = "sum") -> str:
    """Answer only those kinds of trouble that there are, beside "none" at 0: a legend of all kinds hides the one."""
    return f'{take} by ({by}) ({vector}) > 0 or label_replace({take}({vector}) * 0, "{by}", "none", "", "")'


def kinds_or_none(vector: str, *, by: str, seen: str) -> str:
    """Answer a sum by a label, or "none" at 0 where nothing was counted yet and `seen` has an answer."""
    return f'{vector} or label_replace({seen} * 0 unless on() {vector}, "{by}", "none", "", "")'


def quantile(share: float, histogram: str, matchers: str = "", *, by: str = "", over: str = RATE) -> str:
    """The time within which a share (0.99) of what a histogram holds was done."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{{{matchers}}}[{over}])))"


def mean(histogram: str, matchers: str = "", *, by: str = "") -> str:
    """The mean of what a histogram holds."""
    grouped = f" by ({by})" if by else ""
    of = f"{{{matchers}}}[{RATE}]"
    return f"sum{grouped} (rate({histogram}_sum{of})) / sum{grouped} (rate({histogram}_count{of}))"
