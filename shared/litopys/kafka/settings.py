"""How our clients talk to Kafka: the settings of librdkafka, each with its reason where it is not the default."""

import logging
import time
from typing import Any

from confluent_kafka import KafkaError

from litopys.kafka.address import KafkaAddress

Settings = dict[str, Any]

LOGGER = logging.getLogger("litopys.kafka")
MAX_MESSAGE_BYTES = 1_048_576
NO_GROUP = "litopys.none"
TELL_EVERY_S = 10.0
_TELLING = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._AUTHENTICATION, KafkaError._SSL})
_told: dict[int, float] = {}


def connection_settings(kafka: KafkaAddress, client_id: str) -> Settings:
    """What every client shares. After a broker's death they knock again within a second, not ten."""
    return {
        **kafka.settings(),
        "client.id": client_id,
        "log_level": 2,  # the client's own lines about each lost connection; what they come to is said by _complain
        "error_cb": _complain,
        "reconnect.backoff.ms": 100,
        "reconnect.backoff.max.ms": 1_000,
        "socket.keepalive.enable": True,
        "allow.auto.create.topics": False,
    }


def admin_settings(kafka: KafkaAddress, client_id: str) -> Settings:
    """Ask about brokers and topics. Such a client connects to every broker at once, and not as it needs one.

    Kafka names any of its brokers as its controller, also one that died a moment ago; a client that connects as needed
    then knocks at it without a pause, 100,000 times a second, until the request times out (librdkafka 2.16).
    """
    return connection_settings(kafka, client_id) | {"enable.sparse.connections": False}


def producer_settings(kafka: KafkaAddress, client_id: str) -> Settings:
    """Idempotent, acknowledged by all, never given up, never compressed, never partitioned by anybody but us."""
    settings = connection_settings(kafka, client_id)
    del settings["allow.auto.create.topics"]
    return settings | {
        "enable.idempotence": True,
        "acks": "all",
        "message.timeout.ms": 0,  # without end: whether a record was written is learnt by reading, not by a clock
        "linger.ms": 5,
        "retry.backoff.ms": 50,
        "retry.backoff.max.ms": 1_000,
        "compression.type": "none",  # the broker's size limit must mean what readers will hold in memory
        "message.max.bytes": MAX_MESSAGE_BYTES,
        "queue.buffering.max.messages": 500_000,
        "queue.buffering.max.kbytes": 524_288,
    }


def consumer_settings(kafka: KafkaAddress, client_id: str) -> Settings:
    """Partitions and offsets are the caller's; nothing is stored in Kafka, skipped, or taken on trust."""
    return connection_settings(kafka, client_id) | {
        "group.id": NO_GROUP,  # the client insists on a name, and asks who coordinates it; no group is ever joined
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "check.crcs": True,
        "enable.partition.eof": False,
        "isolation.level": "read_uncommitted",  # an open transaction must not hide what follows it
        "fetch.queue.backoff.ms": 10,
        "fetch.error.backoff.ms": 100,
        "queued.min.messages": 20_000,
        "queued.max.messages.kbytes": 32_768,
    }


def _complain(error: KafkaError) -> None:
    """Say that Kafka is away or does not let us in; what concerns a record reaches whoever waits for it."""
    now = time.monotonic()
    is_due = now >= _told.get(error.code(), now - TELL_EVERY_S) + TELL_EVERY_S
    if error.fatal() or (error.code() in _TELLING and is_due):
        _told[error.code()] = now
        LOGGER.warning("kafka: %s", error.str())
