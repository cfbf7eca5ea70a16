"""Do the databases keep up? What our own processes see of them, wherever Litopys runs and whoever runs Postgres."""

from deploy.grafana.colours import BROKEN, FINE, WATCH
from deploy.grafana.frame import Group, Page
from deploy.grafana.panels import Look, bars, graph, rising, tile
from deploy.grafana.queries import CHECK, OURS, RATE, SECTOR, Query, quantile

_JUDGED = (FINE, WATCH, BROKEN)
# Steps that go to Kafka are on the page of Kafka.
_COMMITS = f'{OURS}, outcome!~"published|vote|sealed|countersigned"'
_WRITE = "litopys_step_seconds"
_BLOCK = f'{CHECK}, outcome="block"'
_STORE = f'{CHECK}, outcome="store"'
_COMMAND = f'{SECTOR}, outcome="acknowledged"'
_USED = f"litopys_pool_used_connections{{{OURS}}}"
_LIMIT = f"(litopys_pool_limit_connections{{{OURS}}} > 0)"
_SECTOR_TABLES = f"max by (name, outcome) (litopys_relation_bytes{{{SECTOR}}})"
_SIZES = f"max by (job, name) (litopys_database_bytes{{{OURS}}} > 0)"

_NOW = (
    tile(
        "Slowest commit of blocks",
        says="99 of 100 blocks of the last five minutes were committed within this time, in the slowest validator.",
        shows=Query(f"max({quantile(0.99, _WRITE, _BLOCK, by='name', over='5m')})"),
        look=Look("s", rising(0.25, 1, colours=_JUDGED)),
        size=(6, 5),
    ),
    tile(
        "Slowest acknowledgement",
        says="99 of 100 commits of commands of the last five minutes took no longer, in the slowest sector. “quiet”: "
        "there were no commands.",
        shows=Query(f"max({quantile(0.99, _WRITE, _COMMAND, by='name', over='5m')}) or sum(up{{{SECTOR}}}) * NaN"),
        look=Look("s", rising(0.25, 1, colours=_JUDGED)),
        size=(6, 5),
    ),
    tile(
        "Fullest pool",
        says="Share of its connections that the busiest process has in use. At 100 % its work waits for connections.",
        shows=Query(f"max({_USED} / {_LIMIT})"),
        look=Look("percentunit", rising(0.8, 1, colours=_JUDGED), decimals=0),
        size=(6, 5),
    ),
    tile(
        "All databases",
        says="Tables and indexes of the databases of all validators and sectors, without the write-ahead log. What "
        "is final is never deleted: it grows.",
        shows=Query(f"sum({_SIZES})"),
        look=Look("bytes", decimals=1),
        size=(6, 5),
    ),
)
_WRITES = (
    graph(
        "Time to commit, by kind of write",
        says="Mean time of the commit itself, from all being said to Postgres until it is durable, for each durable "
        "step of our processes (ARCHITECTURE.md lists them). A disk that gets slow lifts all of them.",
        shows=Query(
            f"sum by (outcome) (rate({_WRITE}_sum{{{_COMMITS}}}[{RATE}]))"
            f" / sum by (outcome) (rate({_WRITE}_count{{{_COMMITS}}}[{RATE}]) > 0)",
            "{{outcome}}",
        ),
        look=Look("s"),
        size=(12, 9),
    ),
    graph(
        "Commits a second, by kind of write",
        says="How often each durable step is taken, over all processes.",
        shows=Query(f"sum by (outcome) (rate({_WRITE}_count{{{_COMMITS}}}[{RATE}]) > 0)", "{{outcome}}"),
        look=Look("suffix:/s", reach=1),
        size=(12, 9),
    ),
    graph(
        "Storing a block, by validator",
        says="99 of 100 blocks were stored within: rows, vote and commit in one transaction.",
        shows=Query(quantile(0.99, "litopys_stage_seconds", _STORE, by="name"), "{{name}}"),
        look=Look("s", rising(0.5, 2, colours=_JUDGED)),
        size=(12, 8),
    ),
    graph(
        "Connections in use",
        says="Share of its pool that the fullest process has in use, by kind of process. What waits longer than a "
        "minute for a connection fails.",
        shows=Query(f"max by (job) ({_USED} / {_LIMIT})", "{{job}}"),
        look=Look("percentunit", rising(0.8, 1, colours=_JUDGED), decimals=0, reach=1),
        size=(12, 8),
    ),
)
_ROOM = (
    graph(
        "Size of the databases",
        says="Tables and indexes, by validator and by sector.",
        shows=(
            Query(f"max by (name) (litopys_database_bytes{{{CHECK}}} > 0)", "validator {{name}}"),
            Query(f"max by (name) (litopys_database_bytes{{{SECTOR}}} > 0)", "{{name}}"),
        ),
        look=Look("bytes"),
        size=(12, 9),
    ),
    graph(
        "Growth",
        says="Bytes a second over the last quarter of an hour, by validator and by sector: with the room on the disk "
        "it says for how long there is any.",
        shows=(
            Query(f"max by (name) (deriv(litopys_database_bytes{{{CHECK}}}[15m]))", "validator {{name}}"),
            Query(f"max by (name) (deriv(litopys_database_bytes{{{SECTOR}}}[15m]))", "{{name}}"),
        ),
        look=Look("Bps"),
        size=(12, 9),
    ),
    bars(
        "What fills a validator",
        says="Relations of the largest validator, with their indexes: entries (the records themselves), streams (the "
        "state of each aggregate), tiles (hashes for proofs), signatures, and the rest.",
        shows=Query(f"topk(8, max by (outcome) (litopys_relation_bytes{{{CHECK}}}))", "{{outcome}}"),
        look=Look("bytes", decimals=1),
        size=(12, 8),
    ),
    bars(
        "What fills the sectors",
        says="Relations of all sectors together, with their indexes: events, outbox (and what is signed), search, "
        "personal data, imports, and the rest.",
        shows=Query(f"topk(8, sum by (outcome) ({_SECTOR_TABLES}))", "{{outcome}}"),
        look=Look("bytes", decimals=1),
        size=(12, 8),
    ),
)

POSTGRES = Page(
    uid="litopys-postgres",
    title="Litopys / 5 Postgres",
    says="Do the databases keep up, and how full are they? As our own processes see them.",
    groups=(Group("", _NOW), Group("Writing", _WRITES), Group("Room", _ROOM)),
)
