"""One of several processes at a time: the one to which a consumer group has assigned a topic's only partition.

This saves work that nobody needs; it is no lock. For a moment two may both think that they are elected.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Self

from confluent_kafka import Consumer, KafkaException

from litopys.kafka.settings import LOGGER, connection_settings

if TYPE_CHECKING:
    from types import TracebackType

    from confluent_kafka import TopicPartition

    from litopys.kafka.address import KafkaAddress

POLL_S = 0.2


class Election:
    """Stands for election from its entry to its exit. `is_elected` may be asked from anywhere.

    A process that dies is taken for dead after `session_timeout_ms`; one that leaves is replaced at once. Who loses
    touch with the group keeps the seat on credit: most likely Kafka is away and nobody else can be elected, and when it
    is back the group waits a whole session for members that it remembers and nobody is any more.
    """

    def __init__(self, kafka: KafkaAddress, *, topic: str, group: str, name: str, session_timeout_ms: int):
        self._topic = topic
        self._consumer = Consumer(
            connection_settings(kafka, name)
            | {
                "group.id": group,
                "session.timeout.ms": session_timeout_ms,
                "heartbeat.interval.ms": session_timeout_ms // 6,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "latest",
            }
        )
        self._is_closing = threading.Event()
        self._is_elected = False
        self._is_on_credit = False
        self._thread = threading.Thread(target=self._stand, name="election", daemon=True)

    async def __aenter__(self) -> Self:
        """Stand for election."""
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Withdraw, so that another takes over at once."""
        self._is_closing.set()
        await asyncio.to_thread(self._thread.join)

    @property
    def is_elected(self) -> bool:
        """Whether this process is the one, as far as it knows."""
        return self._is_elected

    def give_way(self) -> None:
        """Hear that another one acts: a seat that is held on credit is given up."""
        if self._is_on_credit:
            self._is_elected = False

    def _stand(self) -> None:
        self._consumer.subscribe([self._topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)
        while not self._is_closing.is_set():
            message = self._consumer.poll(POLL_S)
            if message is not None and (error := message.error()) is not None:
                LOGGER.info("election: %s", error.str())
        self._is_elected = False
        self._consumer.close()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Take the assignment, but fetch nothing: the topic is followed elsewhere, by positions of its own."""
        self._is_on_credit = False
        if not partitions:
            self._is_elected = False
            return
        try:
            consumer.assign(partitions)
            consumer.pause(partitions)
        except KafkaException as error:
            LOGGER.warning("election: %s", error)
        self._is_elected = True

    def _revoked(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._is_elected = False

    def _lost(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._is_on_credit = True
