"""docs/metrics.md as a table of what it promises."""

import re
from typing import NamedTuple

from tests.house.tree import ROOT

DOCUMENT = ROOT / "docs" / "metrics.md"
PROCESSES = {"sector", "relay", "sealer", "check", "serve", "all", "audit"}
_ROW = re.compile(r"\| `(litopys_\w+)` \| (\w+) \| ([^|]*) \|([^|]*)\| ([^|]*) \| ([^|]+) \|")


class Documented(NamedTuple):
    kind: str
    unit: str
    labels: frozenset[str]
    processes: frozenset[str]
    meaning: str


def documented_metrics(text: str | None = None) -> dict[str, Documented]:
    """Answer the rows of all tables by the name of their metric; a name that stands twice is refused."""
    found = {}
    for name, kind, unit, labels, processes, meaning in _ROW.findall(text or DOCUMENT.read_text()):
        assert name not in found, f"{name} stands twice"
        named = frozenset(re.findall(r"`(\w+)`", labels))
        found[name] = Documented(kind, unit.strip(), named, frozenset(processes.split(", ")), meaning)
    return found


def series_names(metrics: dict[str, Documented]) -> set[str]:
    """Answer the names under which Prometheus has them."""
    names = set()
    for name, metric in metrics.items():
        suffixes = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
        names |= {name + suffix for suffix in suffixes}
    return names
