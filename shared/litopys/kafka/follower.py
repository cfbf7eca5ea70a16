"""Reading topics by positions that are the caller's own, in order, without gaps, from the cluster that was pinned.

A read is one call into librdkafka on a thread: wait for the first record, then take what is already there. What a
cancelled read has fetched is kept for the next one.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from litopys.errors import LitopysError, Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.faults import AUTO_OFFSET_RESET, BROKEN, PASSING, OffsetGap, RecordBroken, RecordsGone, RecordsLost
from litopys.kafka.identity import ClusterIdentity, ask_identity
from litopys.kafka.records import RawRecord, raw_record
from litopys.kafka.settings import admin_settings, consumer_settings
from litopys.kafka.statistics import ClientWatch

Partition = tuple[str, int]  # topic, partition

BATCH_RECORDS = 2_000
# The client unpacks the headers of every message that it hands out, and 200 KB of them become 8 MB: so it never hands
# out many at a time.
SLICE_RECORDS = 16
IDENTITY_EVERY_S = 5.0
WATERMARK_TIMEOUT_S = 10.0


class Follower:
    """A reader of some partitions from given positions (the offset of the next record), for one task at a time.

    `pinned` is the cluster as the caller knows it from before; without it, the cluster found at first is pinned.
    """

    def __init__(
        self,
        kafka: KafkaAddress,
        client_id: str,
        positions: Mapping[Partition, int],
        *,
        pinned: ClusterIdentity | None = None,
        batch_records: int = BATCH_RECORDS,
    ):
        self._positions = dict(positions)
        self._topics = sorted({topic for topic, _ in positions})
        self._pinned = pinned
        self._batch_records = batch_records
        self._admin = AdminClient(admin_settings(kafka, client_id))
        self._watch = ClientWatch(self._positions)
        self._consumer = Consumer(self._watch.settings(consumer_settings(kafka, client_id)))
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"follow-{client_id}")
        self._reading: asyncio.Future[list[RawRecord]] | None = None
        self._identity_due = 0.0
        self._paused: set[Partition] = set()
        self._is_assigned = False
        self._is_closed = False

    async def __aenter__(self) -> Self:
        """Use the follower for a block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it at the end of the block."""
        await self.close()

    @property
    def positions(self) -> Mapping[Partition, int]:
        """The offset of the next record of each partition."""
        return self._positions

    @property
    def identity(self) -> ClusterIdentity | None:
        """The cluster that is being read, known after the first read."""
        return self._pinned

    async def read(self, timeout_s: float) -> list[RawRecord]:
        """Answer the next records, in order per partition; nothing if none came within `timeout_s`.

        A Kafka that is away for a while is no error: nothing comes, and then it goes on. Raises Halted (OffsetGap,
        RecordBroken, RecordsGone, RecordsLost, ClusterChanged); Unavailable where Kafka refuses us, or has never
        answered. What was raised is raised again by the next read if it still holds.
        """
        if self._reading is None:
            self._reading = asyncio.get_running_loop().run_in_executor(self._thread, self._read, timeout_s)
        reading = self._reading
        await asyncio.wait([reading])
        self._reading = None
        return reading.result()

    async def seek(self, positions: Mapping[Partition, int]) -> None:
        """Go on reading from other offsets; partitions not named stay where they are."""
        if self._reading is not None:
            await asyncio.wait([self._reading])
            self._rewind(self._reading)
            self._reading = None
        self._positions.update(positions)
        self._is_assigned = False

    def pause(self, partitions: Collection[Partition]) -> None:
        """Stop fetching these partitions (back-pressure); the next read may still bring what was under way."""
        self._paused.update(partitions)
        if self._is_assigned:
            self._consumer.pause([TopicPartition(*partition) for partition in partitions])

    def resume(self, partitions: Collection[Partition]) -> None:
        """Fetch these partitions again, from where they stopped."""
        self._paused.difference_update(partitions)
        if self._is_assigned:
            self._consumer.resume([TopicPartition(*partition) for partition in partitions])

    async def watermarks(self, partitions: Iterable[Partition] | None = None) -> dict[Partition, tuple[int, int]]:
        """Answer the first offset that Kafka has and the one after its last, by partition. Raises Unavailable."""
        asked = list(self._positions if partitions is None else partitions)
        return await asyncio.to_thread(lambda: {partition: self._watermarks(partition) for partition in asked})

    async def close(self) -> None:
        """Leave; what was read and not handed out is forgotten. A second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._reading is not None:
            await asyncio.wait([self._reading])
        await asyncio.get_running_loop().run_in_executor(self._thread, self._consumer.close)
        self._thread.shutdown(wait=False)
        self._watch.close()

    def _rewind(self, reading: "asyncio.Future[list[RawRecord]]") -> None:
        """Step back to before what was fetched and never handed out."""
        if reading.exception() is None:
            for record in reversed(reading.result()):
                self._positions[record.topic, record.partition] = record.offset

    def _read(self, timeout_s: float) -> list[RawRecord]:
        if not self._is_identity_known():
            return []
        self._assign()
        first = self._consumer.poll(timeout_s)
        if first is None:
            return []
        records: list[RawRecord] = []
        try:
            for message in self._with_what_is_here(first):
                error = message.error()
                if error is None:
                    records.append(self._next(message))
                else:
                    self._judge(error, message)
        except LitopysError:
            self._is_assigned = False
            if not records:
                raise
        return records  # what stands before a fault is handed out; the next read comes to the fault again

    def _with_what_is_here(self, first: Message) -> Iterator[Message]:
        """Yield a message and those that were fetched behind it, as many as one read may bring."""
        yield first
        room = self._batch_records - 1
        while room and (taken := self._consumer.consume(min(SLICE_RECORDS, room), 0)):
            yield from taken
            room -= len(taken)

    def _assign(self) -> None:
        if not self._is_assigned:
            self._consumer.assign([TopicPartition(*key, offset) for key, offset in self._positions.items()])
            self._consumer.pause([TopicPartition(*key) for key in self._paused])
            self._is_assigned = True

    def _is_identity_known(self) -> bool:
        """Check the cluster at the start and every few seconds; no record is handed out while that is overdue.

        A topic made again under its old name may already have records at our offsets.
        """
        now = time.monotonic()
        if now >= self._identity_due:
            try:
                found = ask_identity(self._admin, self._topics)
            except Unavailable:
                if self._pinned is None:
                    raise
                return False
            self._pinned = self._pinned or found
            self._pinned.check_same(found)
            self._identity_due = now + IDENTITY_EVERY_S
        return True

    def _judge(self, error: KafkaError, message: Message) -> None:
        """Tell what is no matter from what must be raised."""
        self._identity_due = 0.0
        where = f"{message.topic()}/{message.partition()} at {message.offset()}"
        if error.code() == AUTO_OFFSET_RESET:
            self._explain_reset(message)
        elif error.code() in BROKEN:
            raise RecordBroken(f"{where}: {error}")
        elif error.code() not in PASSING and not error.retriable():
            raise Unavailable(f"{where}: {error}")

    def _explain_reset(self, message: Message) -> None:
        """Our position is not in the topic: say on which side, once it is sure that it is the same topic."""
        self._is_assigned = False
        if not self._is_identity_known():
            return
        partition = (message.topic() or "", message.partition() or 0)
        position = self._positions[partition]
        low, high = self._watermarks(partition)
        if position < low:
            raise RecordsGone(f"{partition}: position {position}, but Kafka begins at {low}")
        if position > high:
            raise RecordsLost(f"{partition}: position {position}, but Kafka ends at {high}")

    def _next(self, message: Message) -> RawRecord:
        record = raw_record(message)
        expected = self._positions[record.topic, record.partition]
        if record.offset != expected:
            raise OffsetGap(f"{record.topic}/{record.partition}: offset {record.offset} where {expected} is due")
        self._positions[record.topic, record.partition] = expected + 1
        return record

    def _watermarks(self, partition: Partition) -> tuple[int, int]:
        try:
            found = self._consumer.get_watermark_offsets(TopicPartition(*partition), timeout=WATERMARK_TIMEOUT_S)
        except KafkaException as error:
            raise Unavailable(f"the ends of {partition} are unknown: {error}") from error
        if found is None:
            raise Unavailable(f"the ends of {partition} are unknown")
        return found
