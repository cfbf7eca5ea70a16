"""The sealer's two topics as its parts see them, on Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.kafka.records import Outgoing
from litopys.steps import Step, pass_on, passed

if TYPE_CHECKING:
    from litopys.kafka.follower import Follower
    from litopys.kafka.producer import Publisher
    from litopys.steps import Passing


class KafkaBlocks:
    """The blocks topic: written by `publisher`, followed by the chain's `follower`."""

    def __init__(self, topic: str, *, follower: Follower, publisher: Publisher, passing: Passing = pass_on) -> None:
        self._partition = (topic, 0)
        self._follower = follower
        self._publisher = publisher
        self._passing = passing

    async def publish(self, note: bytes) -> int:
        """Write a block; returns its offset."""
        topic, partition = self._partition
        with passed(Step.SEALED, self._passing):
            (offset,) = await self._publisher.publish([Outgoing(topic, partition, note)])
        return offset

    async def end(self) -> int:
        """Return the offset after the topic's last record."""
        return (await self._follower.watermarks([self._partition]))[self._partition][1]

    @property
    def position(self) -> int:
        """The offset of the next record that the chain's follower will read."""
        return self._follower.positions[self._partition]


class KafkaCosignatures:
    """The cosignatures topic, with a follower of its own."""

    def __init__(self, topic: str, *, follower: Follower, publisher: Publisher, passing: Passing = pass_on) -> None:
        self._partition = (topic, 0)
        self._follower = follower
        self._publisher = publisher
        self._passing = passing

    async def bounds(self) -> tuple[int, int]:
        """Return the offset of the topic's first record and the one after its last."""
        return (await self._follower.watermarks())[self._partition]

    async def seek(self, offset: int) -> None:
        """Go on reading from an offset."""
        await self._follower.seek({self._partition: offset})

    async def read(self, timeout_s: float) -> list[bytes]:
        """Return the next values, in order; nothing if none came in time."""
        return [record.value for record in await self._follower.read(timeout_s)]

    @property
    def position(self) -> int:
        """The offset of the next record."""
        return self._follower.positions[self._partition]

    async def publish(self, note: bytes) -> None:
        """Write a record."""
        topic, partition = self._partition
        with passed(Step.COUNTERSIGNED, self._passing):
            await self._publisher.publish([Outgoing(topic, partition, note)])
