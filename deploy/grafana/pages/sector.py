"""One sector: is it answered, is it published, does it become final?"""

from deploy.grafana.colours import BROKEN, FINE, MEDIAN, NEARLY_ALL, PLAIN, WATCH
from deploy.grafana.frame import Group, Page, label_variable
from deploy.grafana.panels import Look, Step, Word, graph, rising, tile
from deploy.grafana.queries import CHECK, RATE, Query, kinds_or_none, quantile

_JUDGED = (FINE, WATCH, BROKEN)
_OF = 'job="litopys-sector", sector="$sector"'
# What has no label of the sector is that of its processes, whose name is the sector's.
_PROCESSES = 'job="litopys-sector", name="$sector"'
_ADMITTED = f'litopys_events_admitted_total{{{CHECK}, sector="$sector"}}'
# A counter with labels shows nothing before its first: that is nothing counted, as long as the process is seen.
_SEEN = f"sum(up{{{_PROCESSES}}})"
_NOTHING = f"{_SEEN} * 0"
_COMMANDS = f"sum by (outcome) (rate(litopys_commands_total{{{_OF}}}[{RATE}]))"
_REQUESTS = f"sum by (outcome) (rate(litopys_http_requests_total{{{_PROCESSES}}}[{RATE}]))"
_TIME = "litopys_event_finality_seconds"
_REFUSED_BY_LEDGER = f'max by (reason) (increase(litopys_events_rejected_total{{{CHECK}, sector="$sector"}}[5m]))'

_NOW = (
    tile(
        "Service",
        says="Whether a process of the sector answers that it is ready, and whether one of them publishes. Without "
        "the relay, commands are acknowledged and wait.",
        shows=(
            Query(f"max(litopys_ready_state{{{_PROCESSES}}}) or {_NOTHING}", "answers"),
            Query(f"sum(litopys_relay_state{{{_OF}}}) or {_NOTHING}", "publishes"),
        ),
        look=Look("none", (Step(None, BROKEN),), (Word(0, 0, "no", BROKEN), Word(1, 99, "yes", FINE))),
        size=(6, 5),
    ),
    tile(
        "Longest wait now",
        says="Age of the oldest acknowledged event that is neither final nor refused.",
        shows=Query(f"max(litopys_unfinal_age_seconds{{{_OF}}})"),
        look=Look("s", rising(10, 60, colours=_JUDGED), decimals=1),
        size=(4, 5),
        leads_to="litopys-finality",
    ),
    tile(
        "Outbox",
        says="Events that are acknowledged and not yet read back from Kafka, and the age of the oldest.",
        shows=(Query(f"max(litopys_outbox_depth_events{{{_OF}}})", "events"),),
        look=Look("locale", rising(10_000, 100_000, colours=_JUDGED), decimals=0),
        size=(4, 5),
    ),
    tile(
        "Oldest in the outbox",
        says="Age of the oldest event of the outbox. What cites others waits there until those are final.",
        shows=Query(f"max(litopys_outbox_age_seconds{{{_OF}}})"),
        look=Look("s", rising(10, 60, colours=_JUDGED), decimals=1),
        size=(4, 5),
        leads_to="litopys-sealer",
    ),
    tile(
        "Streams set back",
        says="Since the processes started: the ledger refused for good what the sector had acknowledged. Each is a "
        "disagreement about a rule, and somebody must look.",
        shows=Query(f"sum(litopys_streams_rewound_total{{{_OF}}})"),
        look=Look("none", rising(1, colours=(FINE, BROKEN)), decimals=0),
        size=(6, 5),
    ),
)
_FLOW = (
    graph(
        "From acknowledged to final",
        says="Of the first and last event of each range that became final. The dashes: slow, too slow.",
        shows=(
            Query(quantile(0.5, _TIME, _OF), "half within", MEDIAN),
            Query(quantile(0.99, _TIME, _OF), "99 of 100 within", NEARLY_ALL),
        ),
        look=Look("s", rising(2, 10, colours=_JUDGED)),
        size=(12, 8),
    ),
    graph(
        "Acknowledged, published, admitted",
        says="Events a second on their way: acknowledged by the sector's own processes, handed to Kafka (repeats "
        "included), admitted by the validators. A whole import is seen where it is published and admitted.",
        shows=(
            Query(f"sum(rate(litopys_events_accepted_total{{{_OF}}}[{RATE}]))", "acknowledged", PLAIN),
            Query(f"sum(rate(litopys_events_published_total{{{_OF}}}[{RATE}]))", "published", WATCH),
            Query(f"quantile(0.5, rate({_ADMITTED}[{RATE}]))", "admitted", FINE),
        ),
        look=Look("suffix:/s", reach=1),
        size=(12, 8),
    ),
    graph(
        "Outbox",
        says="Events acknowledged and not yet read back from Kafka. It grows during an import and while Kafka is away.",
        shows=Query(f"max(litopys_outbox_depth_events{{{_OF}}})", "events", PLAIN),
        look=Look("locale", decimals=0),
        size=(12, 8),
    ),
    graph(
        "Ages",
        says="Of the oldest event in the outbox, and of the oldest that is not final.",
        shows=(
            Query(f"max(litopys_outbox_age_seconds{{{_OF}}})", "not on Kafka", WATCH),
            Query(f"max(litopys_unfinal_age_seconds{{{_OF}}})", "not final", PLAIN),
        ),
        look=Look("s", rising(10, 60, colours=_JUDGED)),
        size=(12, 8),
    ),
)
_ANSWERS = (
    graph(
        "Commands, by what was answered",
        says="A second. acknowledged and replayed are success; refused, version-passed and the like are told to the "
        "clerk and are ordinary; unavailable is ours.",
        shows=Query(kinds_or_none(_COMMANDS, by="outcome", seen=_SEEN), "{{outcome}}"),
        look=Look("suffix:/s", reach=1),
        size=(12, 8),
    ),
    graph(
        "Requests, by class of answer",
        says="A second, all requests of the sector's processes, reading included. 5xx is ours.",
        shows=Query(kinds_or_none(_REQUESTS, by="outcome", seen=_SEEN), "{{outcome}}"),
        look=Look("suffix:/s", reach=1),
        size=(12, 8),
    ),
    graph(
        "Time to answer",
        says="Of all requests; a command that prefers to wait for finality counts with its waiting.",
        shows=(
            Query(quantile(0.5, "litopys_http_seconds", _PROCESSES), "half within", MEDIAN),
            Query(quantile(0.99, "litopys_http_seconds", _PROCESSES), "99 of 100 within", NEARLY_ALL),
        ),
        look=Look("s"),
        size=(12, 8),
        leads_to="litopys-postgres",
    ),
    graph(
        "Refused by the ledger",
        says="Events that the validators refused, in five minutes, by reason, as the validator counts that counts "
        "most. Nothing here is ordinary: the sector had acknowledged them.",
        shows=Query(kinds_or_none(_REFUSED_BY_LEDGER, by="reason", seen=_SEEN), "{{reason}}"),
        look=Look("none", decimals=0, reach=1),
        size=(12, 8),
    ),
)
_PROCESS = (
    graph(
        "Processor time",
        says="Cores used by each process of the sector; 1 is the most that one process can use.",
        shows=Query(f"rate(process_cpu_seconds_total{{{_PROCESSES}}}[{RATE}])", "{{instance}}"),
        look=Look("suffix: cores", rising(0.9, colours=(FINE, WATCH)), decimals=2),
        size=(12, 7),
    ),
    graph(
        "Memory",
        says="Resident memory of each process of the sector.",
        shows=Query(f"process_resident_memory_bytes{{{_PROCESSES}}}", "{{instance}}"),
        look=Look("bytes"),
        size=(12, 7),
    ),
)

SECTOR = Page(
    uid="litopys-sector",
    title="Litopys / 4 Sector",
    says="Is this sector answered, published, and does it become final?",
    groups=(
        Group("", _NOW),
        Group("From command to final", _FLOW),
        Group("What it answers", _ANSWERS),
        Group("Its processes", _PROCESS),
    ),
    variables=(label_variable("sector", label="Sector", metric="litopys_outbox_depth_events"),),
)
