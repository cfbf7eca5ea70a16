"""Topics in memory, with followers and a publisher that behave like Kafka's, and may be told to misbehave."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from litopys.errors import Unavailable
from litopys.kafka.records import Outgoing, RawRecord

Partition = tuple[str, int]


class MemoryTopics:
    """All partitions of a test; whoever reads is woken by whoever writes."""

    def __init__(self) -> None:
        self.logs: dict[Partition, list[tuple[bytes, bytes]]] = defaultdict(list)
        self._news = asyncio.Event()

    def put(self, topic: str, value: bytes, *, partition: int = 0, signature: bytes = b"") -> int:
        log = self.logs[topic, partition]
        log.append((value, signature))
        news, self._news = self._news, asyncio.Event()
        news.set()
        return len(log) - 1

    def values(self, topic: str) -> list[bytes]:
        return [value for value, _ in self.logs[topic, 0]]

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()


class MemoryFollower:
    """Reads partitions from positions of its own."""

    def __init__(self, topics: MemoryTopics, positions: Mapping[Partition, int], *, batch: int = 2_000) -> None:
        self._topics = topics
        self._positions = dict(positions)
        self._paused: set[Partition] = set()
        self._batch = batch

    @property
    def positions(self) -> Mapping[Partition, int]:
        return self._positions

    async def read(self, timeout_s: float) -> list[RawRecord]:
        if not (records := self._take()):
            await self._topics.wait(timeout_s)
            records = self._take()
        return records

    def _take(self) -> list[RawRecord]:
        records: list[RawRecord] = []
        for partition, position in self._positions.items():
            if partition in self._paused:
                continue
            for offset, (value, signature) in enumerate(self._topics.logs[partition][position:], position):
                if len(records) == self._batch:
                    break
                records.append(RawRecord(*partition, offset, value, signature, 0))
        for record in records:
            self._positions[record.topic, record.partition] = record.offset + 1
        return records

    async def seek(self, positions: Mapping[Partition, int]) -> None:
        self._positions.update(positions)

    async def watermarks(self, partitions: Iterable[Partition] | None = None) -> dict[Partition, tuple[int, int]]:
        asked = self._positions if partitions is None else partitions
        return {partition: (0, len(self._topics.logs[partition])) for partition in asked}

    def pause(self, partitions: Collection[Partition]) -> None:
        self._paused.update(partitions)

    def resume(self, partitions: Collection[Partition]) -> None:
        self._paused.difference_update(partitions)


class MemoryPublisher:
    """Writes at once; `failures` times it refuses, `loses_replies` times it writes and says that it did not."""

    def __init__(self, topics: MemoryTopics) -> None:
        self._topics = topics
        self.failures = 0
        self.loses_replies = 0

    async def publish(self, records: Sequence[Outgoing]) -> list[int]:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise Unavailable("the queue is full")
        offsets = [self._topics.put(one.topic, one.value, partition=one.partition) for one in records]
        if self.loses_replies:
            self.loses_replies -= 1
            raise Unavailable("written, and the reply was lost")
        return offsets
