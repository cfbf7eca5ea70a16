"""For the wall of a minister: few figures, large, in words that need no training."""

from deploy.grafana.colours import BROKEN, FINE, PLAIN, WATCH
from deploy.grafana.frame import Group, Page
from deploy.grafana.pages.standing import (
    ACCUSING,
    LEDGER_LOOK,
    LEDGER_STATE,
    STUCK_NOW,
    VALIDATOR_LOOK,
    VALIDATOR_STATE,
)
from deploy.grafana.panels import Look, Word, bars, graph, rising, tile
from deploy.grafana.queries import CHECK, RATE, SECTOR, Query, quantile

_JUDGED = (FINE, WATCH, BROKEN)
# Each validator counts the same events, unless it was started lately or catches up: the one in the middle is believed.
_ADMITTED = f"litopys_events_admitted_total{{{CHECK}}}"
_HALF = quantile(0.5, "litopys_event_finality_seconds", SECTOR, over="5m")
_MIDDLE = "quantile by (sector) (0.5, "

_NOW = (
    tile(
        "Is all well?",
        says="One word for the whole ledger, the worst that holds: a contradiction stopped it; somebody left "
        "evidence of a lie; records wait for more than a minute; a process is missing; all is well. Purple: nothing "
        "is seen, so nothing is known.",
        shows=Query(LEDGER_STATE),
        look=LEDGER_LOOK,
        size=(12, 6),
        leads_to="litopys-finality",
        is_wall=True,
    ),
    tile(
        "Records that nobody can change any more",
        says="Records of all sectors in blocks that more than two thirds of the validators have signed. It only grows.",
        shows=Query(f"max(litopys_final_events{{{CHECK}}})"),
        look=Look("locale", decimals=0),
        size=(12, 6),
        is_wall=True,
    ),
    tile(
        "The validators",
        says="Independent bodies that check every record. “agrees”: it holds the same ledger and keeps up. “behind”: "
        "it catches up. “away”: it is not seen from here; the others go on as long as more than two thirds are "
        "there.",
        shows=Query(VALIDATOR_STATE, "{{name}}"),
        look=VALIDATOR_LOOK,
        size=(12, 4),
        leads_to="litopys-finality",
    ),
    tile(
        "Contradictions on record",
        says="Pieces of evidence that somebody signed two different things, or altered what was signed. Must be 0; "
        "each one names who is accused and is kept for good in a validator's database.",
        shows=Query(f"max(sum by (name) ({ACCUSING}))"),
        look=Look("none", rising(1, colours=(FINE, WATCH)), decimals=0),
        size=(4, 4),
        leads_to="litopys-finality",
    ),
    tile(
        "A new record is final after",
        says="Half of the records of the last five minutes were final within this time of being acknowledged. "
        "“quiet”: there were none. “not now”: records wait, and no block has become final for a quarter of a minute.",
        shows=Query(f"({_HALF} unless on() ({STUCK_NOW})) or (vector(Inf) and on() ({STUCK_NOW}))"),
        look=Look("s", rising(3, 10, colours=_JUDGED), (Word(1e9, None, "not now", BROKEN),)),
        size=(4, 4),
        leads_to="litopys-slo",
    ),
    tile(
        "Longest wait now",
        says="Age of the oldest record that was acknowledged and is not final yet. 0: nothing waits.",
        shows=Query(f"max(litopys_unfinal_age_seconds{{{SECTOR}}})"),
        look=Look("s", rising(10, 60, colours=_JUDGED), decimals=0),
        size=(4, 4),
        leads_to="litopys-sector",
    ),
)
_SECTORS = (
    graph(
        "Records added each second, by sector",
        says="Records that the validators admitted, stacked: the upper edge is the whole ledger.",
        shows=Query(f"{_MIDDLE}rate({_ADMITTED}[{RATE}]))", "{{sector}}"),
        look=Look("suffix:/s"),
        size=(16, 9),
        leads_to="litopys-sector",
        is_stacked=True,
    ),
    bars(
        "Records added in the last 24 hours",
        says="By sector, as counted by the validators since they were started last.",
        shows=Query(f"{_MIDDLE}increase({_ADMITTED}[24h]))", "{{sector}}"),
        look=Look("locale", rising(colours=(PLAIN,)), decimals=0),
        size=(8, 9),
    ),
)

OVERVIEW = Page(
    uid="litopys-overview",
    title="Litopys / 1 Ledger overview",
    says="Is all well with the ledger? For everybody.",
    groups=(Group("", _NOW), Group("What the sectors do", _SECTORS)),
    since="now-3h",
)
