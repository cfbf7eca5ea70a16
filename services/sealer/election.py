"""Who proposes: whoever Kafka's consumer group over the blocks topic gives its one partition to.

This saves double work and nothing else: two sealers that both propose do no harm, for one block counts at each height.
"""

from __future__ import annotations

import threading
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from litopys.kafka.settings import connection_settings
from litopys.kafka.topics import blocks_topic
from litopys.service.logs import get_log

_POLL_S = 0.5
_log = get_log("election")


class Election:
    """Takes part in the election in a thread of its own, from `start` to `stop`."""

    def __init__(self, *, bootstrap: str, name: str, prefix: str, session_timeout_ms: int) -> None:
        self._topic = blocks_topic(prefix)
        self._settings: dict[str, Any] = connection_settings(bootstrap, f"sealer-{name}-election") | {
            "group.id": f"{prefix}.sealers",
            "session.timeout.ms": session_timeout_ms,
            "heartbeat.interval.ms": session_timeout_ms // 4,
            "partition.assignment.strategy": "cooperative-sticky",
            "enable.auto.commit": False,
            "auto.offset.reset": "latest",
        }
        self._stopping = threading.Event()
        self._elected = threading.Event()
        self._thread = threading.Thread(target=self._run, name="election", daemon=True)

    @property
    def is_leader(self) -> bool:
        """Whether this sealer proposes now."""
        return self._elected.is_set()

    def start(self) -> None:
        """Join the group."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the group, so that the other need not wait for a time-out."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        consumer = Consumer(self._settings)
        consumer.subscribe([self._topic], on_assign=self._on_assign, on_revoke=self._on_loss, on_lost=self._on_loss)
        while not self._stopping.is_set():
            try:
                consumer.poll(_POLL_S)
            except KafkaException as error:
                _log.warning("election disturbed", error=str(error))
        self._elected.clear()
        consumer.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        consumer.pause(partitions)
        if partitions:
            self._elected.set()
            _log.info("elected to propose")

    def _on_loss(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_unassign(partitions)
        if partitions:
            self._elected.clear()
            _log.info("standing by")
