"""Do records get into blocks, and does Kafka carry them?"""

from deploy.grafana.colours import BROKEN, FINE, MEDIAN, NEARLY_ALL, PLAIN, UNKNOWN, WATCH
from deploy.grafana.frame import Group, Page
from deploy.grafana.panels import Look, Step, Word, graph, rising, states, tile
from deploy.grafana.queries import OURS, RATE, SEALER, SECTOR, Query, kinds_or_none, mean, quantile

_JUDGED = (FINE, WATCH, BROKEN)
_STATE = f"""(max by (name) (litopys_halted_state{{{SEALER}}}) == 1) * 0 + 3
or (max by (name) (up{{{SEALER}}}) == 0)
or max by (name) (litopys_leader_state{{{SEALER}}}) + 1"""
_LOOK = Look(
    steps=(Step(None, UNKNOWN),),
    words=(
        Word(0, 0, "away", BROKEN),
        Word(1, 1, "stands by", PLAIN),
        Word(2, 2, "seals", FINE),
        Word(3, 3, "STOPPED: contradiction", BROKEN),
    ),
)
_TO_KAFKA = 'outcome=~"published|sealed|vote|countersigned"'
# Sealers that are all gone tell nothing; that they are gone is told by `up`.
_LEADERS = f"(sum(litopys_leader_state{{{SEALER}}}) or sum(up{{{SEALER}}}) * 0)"

_PASSED_OVER = f"sum by (reason) (increase(litopys_blocks_dropped_total{{{OURS}}}[5m]))"
# A process of a sector that is not its relay has no key.
_KEYS = f"""litopys_key_left_blocks{{{SEALER}}}
or (litopys_key_left_blocks{{{SECTOR}}} and on (instance) litopys_relay_state{{{SECTOR}}} == 1)"""

_NOW = (
    tile(
        "Sealers",
        says="One seals, the others stand by. Two at once do no harm: one block counts, everybody passes the other "
        "over.",
        shows=Query(_STATE, "{{name}}"),
        look=_LOOK,
        size=(8, 5),
    ),
    tile(
        "How many seal",
        says="Sealers that propose blocks now. None for more than a few seconds: nothing becomes final.",
        shows=Query(_LEADERS),
        look=Look("none", rising(1, 2, colours=(BROKEN, FINE, WATCH)), decimals=0),
        size=(4, 5),
    ),
    tile(
        "Oldest without a block",
        says="As the sealers see it: how long the oldest record that they read has waited for a block.",
        shows=Query(f"max(litopys_unsealed_age_seconds{{{SEALER}}})"),
        look=Look("s", rising(2, 30, colours=_JUDGED), decimals=1),
        size=(4, 5),
    ),
    tile(
        "Waiting to be sent",
        says="Records that wait in our processes until a broker acknowledges them, all together.",
        shows=Query(f"sum(litopys_kafka_queue_records{{{OURS}}})"),
        look=Look("none", rising(10_000, 50_000, colours=_JUDGED), decimals=0),
        size=(4, 5),
    ),
    tile(
        "Connections lost",
        says="Connections to brokers that ended in the last five minutes, over all processes. A broker that restarts "
        "ends one or two of each client.",
        shows=Query(f"sum(increase(litopys_kafka_disconnects_total{{{OURS}}}[5m]))"),
        look=Look("none", rising(1, colours=(FINE, WATCH)), decimals=0),
        size=(4, 5),
    ),
)
_SEALING = (
    states(
        "Sealers over time",
        says="A change of the sealer who seals is no fault; many of them are.",
        shows=Query(_STATE, "{{name}}"),
        look=_LOOK,
        size=(12, 7),
    ),
    graph(
        "Records without a block",
        says="Records that the sealers have read and not sealed. It goes up and down with every block.",
        shows=Query(f"max by (name) (litopys_unsealed_events{{{SEALER}}})", "{{name}}"),
        look=Look("none", decimals=0),
        size=(12, 7),
    ),
    graph(
        "Time to seal",
        says="From the first record read to the block being read back as the one that counts. 0.15 s is by design.",
        shows=(
            Query(quantile(0.5, "litopys_seal_seconds", SEALER), "half within", MEDIAN),
            Query(quantile(0.99, "litopys_seal_seconds", SEALER), "99 of 100 within", NEARLY_ALL),
        ),
        look=Look("s", rising(1, 5, colours=_JUDGED)),
        size=(12, 8),
    ),
    graph(
        "Records in a block",
        says="Mean of the blocks that became the chain. Small blocks: little to do; thousands: an import, or what "
        "piled up.",
        shows=Query(f"max({mean('litopys_block_events', SEALER, by='name')})", "records", PLAIN),
        look=Look("none", decimals=0),
        size=(6, 8),
    ),
    graph(
        "Blocks and signatures",
        says="Blocks that count, and final checkpoints that the log's key signed, a second. Signatures may be fewer: "
        "one covers all blocks before it.",
        shows=(
            Query(f"max(rate(litopys_block_events_count{{{SEALER}}}[{RATE}]))", "blocks", PLAIN),
            Query(f"sum(rate(litopys_log_signatures_total{{{SEALER}}}[{RATE}]))", "signatures of the log", FINE),
        ),
        look=Look("suffix:/s", reach=1),
        size=(6, 8),
    ),
    graph(
        "Passed over on the blocks topic",
        says="Records of the blocks topic that did not count, in five minutes. height and previous belong to a "
        "change of sealers; every other reason means a sealer that errs or lies.",
        shows=Query(
            kinds_or_none(_PASSED_OVER, by="reason", seen=f"sum(up{{{SEALER}}})"),
            "{{reason}}",
        ),
        look=Look("none", decimals=0, reach=1),
        size=(18, 7),
    ),
    tile(
        "Keys are good for",
        says="Blocks for which the first key to end is still valid, of sealers and sectors: keys are valid by "
        "height, not by time.",
        shows=Query(f"min({_KEYS})"),
        look=Look(
            "locale",
            rising(1, 1_000_000, colours=_JUDGED[::-1]),
            (Word(1e15, None, "no end is stated", FINE),),
            decimals=0,
        ),
        size=(6, 7),
    ),
)
_KAFKA = (
    graph(
        "Until Kafka has it",
        says="Mean time from handing records over until the brokers have acknowledged all of them: events "
        "(published), blocks (sealed), votes (vote) and signatures of the log (countersigned).",
        shows=Query(mean("litopys_step_seconds", _TO_KAFKA, by="outcome"), "{{outcome}}"),
        look=Look("s", rising(0.5, 2, colours=_JUDGED)),
        size=(8, 8),
    ),
    graph(
        "Sent to Kafka",
        says="Bytes a second, by kind of process: sectors send events, sealers blocks, validators their votes.",
        shows=Query(f"sum by (job) (rate(litopys_kafka_sent_bytes_total{{{OURS}}}[{RATE}]))", "{{job}}"),
        look=Look("Bps"),
        size=(8, 8),
    ),
    graph(
        "Received from Kafka",
        says="Bytes a second by kind of process. Each validator reads everything: this is their number times what is "
        "sent.",
        shows=Query(f"sum by (job) (rate(litopys_kafka_received_bytes_total{{{OURS}}}[{RATE}]))", "{{job}}"),
        look=Look("Bps"),
        size=(8, 8),
    ),
    graph(
        "Records not read yet",
        says="On the partitions that a process follows, as its client knows their ends; the worst of each kind.",
        shows=Query(f"max by (job) (litopys_kafka_lag_records{{{OURS}}})", "{{job}}"),
        look=Look("none", decimals=0),
        size=(8, 8),
    ),
    graph(
        "Slowest answer of a broker",
        says="99th percentile of the slowest broker, the worst of each kind of process. A fetch waits for half a "
        "second where nothing comes: an idle network shows 0.5 s.",
        shows=Query(f"max by (job) (litopys_kafka_round_trip_seconds{{{OURS}}})", "{{job}}"),
        look=Look("s", rising(1, 5, colours=_JUDGED)),
        size=(8, 8),
    ),
    graph(
        "Trouble with brokers",
        says="A second, over all processes. A burst belongs to a broker's restart; a level means a broker or a "
        "network that is ill.",
        shows=(
            Query(f"sum(rate(litopys_kafka_request_errors_total{{{OURS}}}[{RATE}]))", "failed requests", BROKEN),
            Query(f"sum(rate(litopys_kafka_disconnects_total{{{OURS}}}[{RATE}]))", "lost connections", WATCH),
            Query(f"max(litopys_kafka_throttle_seconds{{{OURS}}})", "seconds held back by quotas", PLAIN),
        ),
        look=Look("suffix:/s", reach=1),
        size=(8, 8),
    ),
)

SEALING = Page(
    uid="litopys-sealer",
    title="Litopys / 3 Sealer and Kafka",
    says="Do records get into blocks, and does Kafka carry them?",
    groups=(Group("", _NOW), Group("Sealing", _SEALING), Group("Kafka, as our processes see it", _KAFKA)),
)
