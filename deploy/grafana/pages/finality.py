"""Is everything final that should be, and which validator holds it up?"""

from deploy.grafana.colours import BROKEN, FINE, MEDIAN, NEARLY_ALL, PLAIN, WATCH
from deploy.grafana.frame import Group, Page
from deploy.grafana.pages.standing import ACCUSING, AGO, VALIDATOR_LOOK, VALIDATOR_STATE
from deploy.grafana.panels import Look, graph, rising, states, tile
from deploy.grafana.queries import CHECK, OURS, RATE, SECTOR, SERVE, Query, kinds, mean, quantile

_JUDGED = (FINE, WATCH, BROKEN)
_FRONT = f"scalar(max(litopys_chain_height_blocks{{{CHECK}}} {AGO}))"
_FINAL = f"max(litopys_final_height_blocks{{{CHECK}}})"
_TIME = "litopys_event_finality_seconds"

_NOW = (
    tile(
        "Validators",
        says="The state of each, the worst that holds. One that stands still keeps evidence and needs a person; see "
        "its reason below.",
        shows=Query(VALIDATOR_STATE, "{{name}}"),
        look=VALIDATOR_LOOK,
        size=(9, 5),
    ),
    tile(
        "Spare validators",
        says="How many more may be lost before nothing becomes final: ready ones beyond the smallest number that is "
        "more than two thirds of all. Below 0 nothing becomes final.",
        shows=Query(f"sum(litopys_ready_state{{{CHECK}}}) - (floor(count(up{{{CHECK}}}) * 2 / 3) + 1)"),
        look=Look("none", rising(0, 1, colours=(BROKEN, WATCH, FINE)), decimals=0),
        size=(3, 5),
    ),
    tile(
        "Blocks not final",
        says="Blocks that some validator stored and that have no quorum. A few under load; rising without end when "
        "cosignatures are missing.",
        shows=Query(f"max(litopys_chain_height_blocks{{{CHECK}}}) - {_FINAL}"),
        look=Look("none", rising(20, 100, colours=_JUDGED), decimals=0),
        size=(3, 5),
    ),
    tile(
        "Longest wait now",
        says="Age of the oldest acknowledged event that is neither final nor refused, over all sectors.",
        shows=Query(f"max(litopys_unfinal_age_seconds{{{SECTOR}}})"),
        look=Look("s", rising(10, 60, colours=_JUDGED), decimals=1),
        size=(3, 5),
        leads_to="litopys-sector",
    ),
    tile(
        "Evidence kept",
        says="Pieces in the database of the validator that holds most. Any is a case for the runbook "
        "LitopysEvidenceFound.",
        shows=Query(f"max(sum by (name) ({ACCUSING}))"),
        look=Look("none", rising(1, colours=(FINE, WATCH)), decimals=0),
        size=(3, 5),
    ),
    tile(
        "Standing still",
        says="Sealers and validators that stopped to keep evidence: a person must look before they are started again.",
        shows=Query(f"sum(litopys_halted_state{{{OURS}}})"),
        look=Look("none", rising(1, colours=(FINE, BROKEN)), decimals=0),
        size=(3, 5),
    ),
)
_TIMES = (
    graph(
        "From acknowledged to final",
        says="What a clerk waits for. Measured by the sectors on the first and last event of each range that became "
        "final. The dashes are where it is slow and where it is too slow.",
        shows=(
            Query(quantile(0.5, _TIME, SECTOR), "half within", MEDIAN),
            Query(quantile(0.99, _TIME, SECTOR), "99 of 100 within", NEARLY_ALL),
        ),
        look=Look("s", rising(2, 10, colours=_JUDGED)),
        size=(12, 8),
    ),
    graph(
        "Blocks behind the front",
        says="For each validator, the blocks that it has not stored of those that any of them had 20 seconds before "
        "(they are not asked at the same instant). A line that leaves 0 is the one to look at.",
        shows=Query(f"clamp_min({_FRONT} - max by (name) (litopys_chain_height_blocks{{{CHECK}}}), 0)", "{{name}}"),
        look=Look("none", decimals=0, reach=10),
        size=(12, 8),
    ),
    states(
        "Validators over time",
        says="The same states as above. Empty: not known, Prometheus itself did not look.",
        shows=Query(VALIDATOR_STATE, "{{name}}"),
        look=VALIDATOR_LOOK,
        size=(12, 7),
    ),
    graph(
        "Blocks checked",
        says="Blocks a second, of the validator that is fastest. Zero while nobody writes anything.",
        shows=Query(f"max(rate(litopys_block_events_count{{{CHECK}}}[{RATE}]))", "blocks", PLAIN),
        look=Look("suffix:/s", reach=1),
        size=(12, 7),
    ),
)
_WORK = (
    graph(
        "Where a block's time goes",
        says="Mean time a block spends in each stage of a validator, over all of them: follow (until its records are "
        "here), admit (judge), tree, gate (until it may be voted on), store (the transaction), cosign (until Kafka "
        "has the vote).",
        shows=Query(mean("litopys_stage_seconds", CHECK, by="outcome"), "{{outcome}}"),
        look=Look("s"),
        size=(12, 8),
        leads_to="litopys-postgres",
        is_stacked=True,
    ),
    graph(
        "Work on a block, by validator",
        says="Half of the blocks take less: admit, tree and store, waiting left out. A slow machine shows here first.",
        shows=Query(quantile(0.5, "litopys_check_seconds", CHECK, by="name"), "{{name}}"),
        look=Look("s"),
        size=(12, 8),
    ),
    graph(
        "Cosignatures seen, by who signed",
        says="A second, as the validator sees them that sees most. One at zero while the others sign does not vote.",
        shows=Query(f"max by (validator) (rate(litopys_cosignatures_total{{{CHECK}}}[{RATE}]))", "{{validator}}"),
        look=Look("suffix:/s", reach=1),
        size=(12, 8),
    ),
    graph(
        "Records read and not sealed",
        says="Records of sectors that a validator has read and that no block it checked has sealed. It rises when no "
        "sealer works.",
        shows=Query(f"max by (name) (litopys_lag_events{{{CHECK}}})", "{{name}}"),
        look=Look("none", decimals=0),
        size=(12, 8),
        leads_to="litopys-sealer",
    ),
)
_INTEGRITY = (
    graph(
        "Did not verify",
        says="Records, answers and heads that did not verify, in five minutes, by kind. One process counts what it "
        "saw.",
        shows=Query(kinds(f"increase(litopys_verification_failures_total{{{OURS}}}[5m])"), "{{reason}}"),
        look=Look("none", decimals=0, reach=1),
        size=(8, 8),
    ),
    graph(
        "Evidence kept, by kind",
        says="Pieces in the validators' databases, as the one holds them that holds most. Kinds: "
        "docs/spec/evidence.md.",
        shows=Query(kinds(f"litopys_evidence_kept_pieces{{{CHECK}}}", take="max"), "{{reason}}"),
        look=Look("none", decimals=0, reach=1),
        size=(8, 8),
    ),
    graph(
        "Why somebody stands still",
        says="Processes that stand still, by reason: each has a runbook.",
        shows=Query(kinds(f"litopys_halt_reason_state{{{OURS}}}"), "{{reason}}"),
        look=Look("none", decimals=0, reach=1),
        size=(8, 8),
    ),
)
_READING = (
    graph(
        "Requests for receipts, entries and tiles",
        says="Answers a second of the reading processes, by class of status.",
        shows=Query(f"sum by (outcome) (rate(litopys_http_requests_total{{{SERVE}}}[{RATE}]))", "{{outcome}}"),
        look=Look("reqps"),
        size=(8, 8),
    ),
    graph(
        "Time to answer",
        says="Of the same requests, 99 of 100 within, by validator.",
        shows=Query(quantile(0.99, "litopys_http_seconds", SERVE, by="name"), "{{name}}"),
        look=Look("s", rising(1, colours=(FINE, WATCH))),
        size=(8, 8),
    ),
    graph(
        "Processor time of validators",
        says="Cores used by the checking process of each. Python uses one core at most: 1 is the end of the road.",
        shows=Query(f"max by (name) (rate(process_cpu_seconds_total{{{CHECK}}}[{RATE}]))", "{{name}}"),
        look=Look("suffix: cores", rising(0.9, colours=(FINE, WATCH)), decimals=2),
        size=(8, 8),
    ),
)

FINALITY = Page(
    uid="litopys-finality",
    title="Litopys / 2 Finality and validators",
    says="Is everything final that should be, and which validator holds it up?",
    groups=(
        Group("", _NOW),
        Group("Time to final", _TIMES),
        Group("Work of the validators", _WORK),
        Group("Integrity", _INTEGRITY),
        Group("Reading", _READING),
    ),
)
