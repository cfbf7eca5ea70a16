"""Are the two promises to the public kept, and how fast is what they allow being used up?

The sums are recording rules (deploy/prometheus/rules/slo.yml): alerts and these pictures cannot differ.
"""

from collections.abc import Sequence
from typing import NamedTuple

from deploy.grafana.colours import BROKEN, FINE, WATCH
from deploy.grafana.frame import Group, Page
from deploy.grafana.panels import Look, Panel, bars, graph, rising, tile
from deploy.grafana.queries import Query

_JUDGED = (FINE, WATCH, BROKEN)
# Burn rates at which somebody is told: 1 uses a month's budget in a month, 14.4 pages (2 % of it in an hour).
_BURNING = rising(1, 14.4, colours=_JUDGED)
_WINDOWS = {"5m": "light-blue", "1h": "blue", "6h": "purple", "1d": "dark-purple"}


class Promise(NamedTuple):
    """What is promised: which share may fail (`allowed`), and the rule that says which does, by window."""

    title: str
    rule: str
    allowed: float
    says: str


_FINAL = Promise(
    "Final within 10 s",
    "litopys:final_late:ratio",
    0.01,
    "Share of events that are final within ten seconds of being acknowledged; 99 % are promised. While something "
    "waits longer than that, the time counts as missed.",
)
_READING = Promise(
    "Reading answers",
    "litopys:reading_failed:ratio",
    0.001,
    "Share of requests to the validators' reading processes that are answered without a fault of ours; 99.9 % are "
    "promised. While none of them can be reached, the time counts as missed.",
)


def _of(promise: Promise) -> Sequence[Panel]:
    return (*_kept(promise), *_budget(promise), _burning(promise))


def _kept(promise: Promise) -> Sequence[Panel]:
    kept = (1 - 5 * promise.allowed, 1 - promise.allowed)
    return (
        tile(
            f"{promise.title}: last hour",
            says=f"{promise.says} The worst sector's." if promise is _FINAL else promise.says,
            shows=Query(f"1 - max({promise.rule}1h)"),
            look=Look("percentunit", rising(*kept, colours=_JUDGED[::-1]), decimals=2),
            size=(6, 6),
        ),
        tile(
            f"{promise.title}: last three days",
            says=f"{promise.says} Over three days, or as long as Prometheus knows.",
            shows=Query(f"1 - max({promise.rule}3d)"),
            look=Look("percentunit", rising(*kept, colours=_JUDGED[::-1]), decimals=2),
            size=(6, 6),
        ),
    )


def _budget(promise: Promise) -> Sequence[Panel]:
    return (
        tile(
            "Budget, if every day were like this",
            says="How much of what a month may miss would be used up, if the whole month went like the time shown "
            "above. Over 100 % the promise would be broken.",
            shows=Query(f"max(avg_over_time({promise.rule}5m[$__range])) / {promise.allowed}"),
            look=Look("percentunit", rising(0.5, 1, colours=_JUDGED), decimals=0),
            size=(6, 6),
        ),
        tile(
            "Burning now",
            says="How many times faster than allowed the budget is used, over the last hour. 1: a month's budget "
            "lasts a month; 14.4 for an hour, and people are called.",
            shows=Query(f"max({promise.rule}1h) / {promise.allowed}"),
            look=Look("none", _BURNING, decimals=1),
            size=(6, 6),
        ),
    )


def _burning(promise: Promise) -> Panel:
    return graph(
        f"{promise.title}: burn rate",
        says="Over four windows, of the worst sector where there are several. Alerts need a long and a short "
        "window above their line, so a burst that is over calls nobody. Dashes: 1 and 14.4.",
        shows=[
            Query(f"max({promise.rule}{window}) / {promise.allowed}", f"over {window}", colour)
            for window, colour in _WINDOWS.items()
        ],
        look=Look("none", _BURNING, reach=2),
        size=(16, 8),
    )


_NOTHING = 'label_replace(vector(0), "alertname", "nothing", "", "")'
_BY_SECTOR = bars(
    "Late in the last hour, by sector",
    says="Share of a sector's events that were not final within ten seconds. 1 % is the budget.",
    shows=Query(f"max by (sector) ({_FINAL.rule}1h)", "{{sector}}"),
    look=Look("percentunit", rising(0.01, 0.05, colours=_JUDGED), decimals=2),
    size=(8, 8),
)
_FIRING = bars(
    "What fires",
    says="Alerts that fire now, by name, with how many of each: every one has a runbook under docs/runbooks.",
    shows=Query(
        f'count by (alertname) (ALERTS{{alertstate="firing"}}) or {_NOTHING}',
        "{{alertname}}",
    ),
    look=Look("none", rising(1, colours=(FINE, BROKEN)), decimals=0),
    size=(8, 8),
)

SLO = Page(
    uid="litopys-slo",
    title="Litopys / 6 SLO",
    says="Are the two promises kept: final within ten seconds, and reading that answers?",
    groups=(
        Group("99 of 100 records are final within ten seconds", (*_of(_FINAL), _BY_SECTOR)),
        Group("999 of 1000 requests to read the ledger are answered", (*_of(_READING), _FIRING)),
    ),
    since="now-24h",
)
