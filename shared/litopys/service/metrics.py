"""All metrics of all processes, defined in one place.

Names are `litopys_<noun>_<unit>[_total]` in base units; the labels are `sector`, `outcome`, `reason` and `validator`
and no other, so that no series grows with the data.
"""

from __future__ import annotations

import math
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, Info, generate_latest

_LATENCY_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

# A sector service
COMMANDS = Counter("litopys_commands", "Commands answered, by outcome", ["sector", "outcome"])
EVENTS_ACCEPTED = Counter("litopys_events_accepted", "Events acknowledged (committed)", ["sector"])
EVENT_FINALITY_SECONDS = Histogram(
    "litopys_event_finality_seconds", "From acknowledged to final", ["sector"], buckets=_LATENCY_S
)
EVENTS_PUBLISHED = Counter("litopys_events_published", "Events handed to Kafka, repeats included", ["sector"])
OUTBOX_DEPTH_EVENTS = Gauge("litopys_outbox_depth_events", "Acknowledged events not yet seen on the topic", ["sector"])
OUTBOX_AGE_SECONDS = Gauge("litopys_outbox_age_seconds", "Age of the oldest event of the outbox", ["sector"])
UNFINAL_AGE_SECONDS = Gauge(
    "litopys_unfinal_age_seconds", "Age of the oldest acknowledged event that is neither final nor refused", ["sector"]
)
RELAY = Gauge("litopys_relay_state", "1 while the relay of this process has caught up and publishes", ["sector"])
STREAMS_REWOUND = Counter("litopys_streams_rewound", "Streams set back after a lasting rejection", ["sector"])
IMPORT_ROWS = Counter("litopys_import_rows", "Rows of register exports, by what became of them", ["sector", "outcome"])

# Sealer and validators
EVENTS_REJECTED = Counter("litopys_events_rejected", "Records refused by admission", ["sector", "reason"])
EVENTS_ADMITTED = Counter("litopys_events_admitted", "Events of blocks stored here, without those refused", ["sector"])
BLOCKS_DROPPED = Counter("litopys_blocks_dropped", "Records of the blocks topic that did not count", ["reason"])
BLOCK_EVENTS = Histogram(
    "litopys_block_events", "Records in a block", buckets=(1, 4, 16, 64, 256, 1_024, 2_048, 4_096, 8_192)
)
SEAL_SECONDS = Histogram("litopys_seal_seconds", "From first record read to block published", buckets=_LATENCY_S)
CHECK_SECONDS = Histogram(
    "litopys_check_seconds", "Time a validator works on one block: admit, tree and store", buckets=_LATENCY_S
)
CHAIN_HEIGHT_BLOCKS = Gauge("litopys_chain_height_blocks", "Height of the newest block that counts here")
FINAL_HEIGHT_BLOCKS = Gauge("litopys_final_height_blocks", "Height of the newest final block known here")
FINAL_EVENTS = Gauge("litopys_final_events", "Events in the ledger up to the newest final block known here")
FINAL_AGE_SECONDS = Gauge("litopys_final_age_seconds", "Seconds since a block last became final here")
LAG_BLOCKS = Gauge("litopys_lag_blocks", "Blocks known but not yet checked", ["validator"])
LAG_EVENTS = Gauge("litopys_lag_events", "Records on Kafka that are not yet checked", ["validator"])
LEADER = Gauge("litopys_leader_state", "1 while this sealer is the one that proposes")
UNSEALED_AGE_SECONDS = Gauge("litopys_unsealed_age_seconds", "Age of the oldest record that no block has yet")
UNSEALED_EVENTS = Gauge("litopys_unsealed_events", "Records read here that no block has sealed")
LOG_SIGNATURES = Counter("litopys_log_signatures", "Checkpoints signed with the log key here")
COSIGNATURES = Counter("litopys_cosignatures", "Valid cosignatures seen", ["validator"])
VERIFICATION_FAILURES = Counter("litopys_verification_failures", "What did not verify, by kind", ["reason"])
STAGE_SECONDS = Histogram(
    "litopys_stage_seconds", "Time one block spends in a stage of its validator", ["outcome"], buckets=_LATENCY_S
)
HALTED = Gauge("litopys_halted_state", "1 while this process stands still to keep evidence")
HALT_REASON = Gauge("litopys_halt_reason_state", "1 for the reason why this process stands still", ["reason"])
EVIDENCE = Counter("litopys_evidence", "Pieces of evidence kept, by kind", ["reason"])
EVIDENCE_KEPT_PIECES = Gauge(
    "litopys_evidence_kept_pieces", "Pieces of evidence that the database holds, by kind", ["reason"]
)

# Keys, certificates, databases
KEY_LEFT_BLOCKS = Gauge("litopys_key_left_blocks", "Blocks for which our key is still good; +Inf: no end is stated")
KEY_LEFT_BLOCKS.set(math.inf)
CERTIFICATE_END_SECONDS = Gauge(
    "litopys_certificate_end_seconds", "When the certificate for Kafka ends that was read at start, Unix time; 0: none"
)
DATABASE_BYTES = Gauge("litopys_database_bytes", "Size of the database of this process")

# What librdkafka tells of this process's clients, all of them together
KAFKA_SENT_BYTES = Counter("litopys_kafka_sent_bytes", "Bytes sent to brokers")
KAFKA_RECEIVED_BYTES = Counter("litopys_kafka_received_bytes", "Bytes received from brokers")
KAFKA_REQUEST_ERRORS = Counter("litopys_kafka_request_errors", "Requests to brokers that failed or timed out")
KAFKA_CONNECTS = Counter("litopys_kafka_connects", "Connections to brokers that were tried")
KAFKA_DISCONNECTS = Counter("litopys_kafka_disconnects", "Connections to brokers that ended")
KAFKA_QUEUE_RECORDS = Gauge("litopys_kafka_queue_records", "Records that wait in producers to be acknowledged")
KAFKA_LAG_RECORDS = Gauge("litopys_kafka_lag_records", "Records on the followed partitions that were not read yet")
KAFKA_ROUND_TRIP_SECONDS = Gauge(
    "litopys_kafka_round_trip_seconds", "99th percentile of the answer time of the slowest broker; long polls included"
)
KAFKA_THROTTLE_SECONDS = Gauge("litopys_kafka_throttle_seconds", "Longest delay that a broker's quota imposed lately")

# Postgres, as this process sees it
STEP_SECONDS = Histogram(
    "litopys_step_seconds",
    "Time of a durable write itself: of a commit, or until Kafka has it",
    ["outcome"],
    buckets=_LATENCY_S,
)
POOL_USED_CONNECTIONS = Gauge("litopys_pool_used_connections", "Connections to Postgres that are lent at the moment")
POOL_LIMIT_CONNECTIONS = Gauge("litopys_pool_limit_connections", "Connections to Postgres that there may be at most")
RELATION_BYTES = Gauge("litopys_relation_bytes", "Size of a table with its indexes and parts", ["outcome"])

# Every process
HTTP_REQUESTS = Counter("litopys_http_requests", "HTTP requests, by class of status", ["outcome"])
HTTP_SECONDS = Histogram("litopys_http_seconds", "Time to answer an HTTP request", buckets=_LATENCY_S)
READY = Gauge("litopys_ready_state", "1 while /readyz answers yes")
_BUILD = Info("litopys_build", "What is running")


def build_version() -> str:
    """Return the version of the installed distribution, or `0` in a tree that was never installed."""
    try:
        return version("litopys")
    except PackageNotFoundError:
        return "0"


_BUILD.info({"version": build_version()})


def format_metrics() -> tuple[bytes, str]:
    """Return all metrics in Prometheus' text form, and their content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
