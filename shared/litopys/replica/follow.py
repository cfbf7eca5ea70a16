"""Following a network's topics up to the next block that counts: what validators and sealers have in common.

Records come in ahead of the blocks that seal them and wait in memory, one window a partition. A partition whose window
is full is paused, unless the next block waits for records of just this partition.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from litopys.kafka.topics import blocks_topic, events_topic
from litopys.ledger.chain import Chain, ChainHead, Counted, DroppedBlock
from litopys.ledger.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.kafka.follower import Follower
    from litopys.kafka.records import RawRecord
    from litopys.ledger.blocks import Range
    from litopys.ledger.network import Network

Partition = tuple[str, int]

READ_S = 0.5
MAX_WAITING_BLOCKS = 256
"""Undecided records of the blocks topic, 1 MiB each at most, beyond which it is paused."""
DEFAULT_BUFFER_RECORDS = 60_000
DEFAULT_BUFFER_BYTES = 256 << 20


class RecordWindow:
    """The records of one partition from the chain's end on, in order and without gaps."""

    __slots__ = ("_base", "_records", "_skip", "arrived_at_ms", "size_bytes", "traces")

    def __init__(self, first: int) -> None:
        self._base = first
        self._records: list[Record] = []
        self._skip = 0
        self.size_bytes = 0
        """What the records here weigh."""
        self.traces: dict[int, bytes] = {}
        """The trace contexts of those records that have one, by offset."""
        self.arrived_at_ms = 0
        """Kafka's timestamp of the newest record (display and sealing intervals only)."""

    @property
    def first(self) -> int:
        """The offset of the first record here, or of the next to come."""
        return self._base + self._skip

    @property
    def end(self) -> int:
        """The offset after the last record here."""
        return self._base + len(self._records)

    def __len__(self) -> int:
        """Count the records here."""
        return len(self._records) - self._skip

    def append(self, record: Record) -> None:
        """Take in the record at `end`."""
        self._records.append(record)
        self.size_bytes += len(record.value) + len(record.signature)

    def take(self, first: int, end: int) -> Sequence[Record] | None:
        """Return the records of offsets `first` to `end` (excluded), None while any of them is missing."""
        if first < self.first or end > self.end:
            return None
        return self._records[first - self._base : end - self._base]

    def drop_to(self, offset: int) -> None:
        """Forget the records before an offset."""
        gone = self._records[self._skip : offset - self._base]
        self.size_bytes -= sum(len(record.value) + len(record.signature) for record in gone)
        self._skip = offset - self._base
        if 2 * self._skip >= len(self._records):
            del self._records[: self._skip]
            self._base, self._skip = offset, 0


class ChainFollower:
    """Reads events and blocks through `follower` and hands out blocks as they count, from `head` on.

    `follower` must have been made with `chain_positions(network, head, blocks_offset)`. Reading raises what the
    follower raises: Halted for gaps and changed topics, Unavailable for what passes.
    """

    def __init__(
        self,
        *,
        network: Network,
        follower: Follower,
        head: ChainHead,
        buffer_records: int = DEFAULT_BUFFER_RECORDS,
        buffer_bytes: int = DEFAULT_BUFFER_BYTES,
    ) -> None:
        self._network = network
        self._follower = follower
        self._chain = Chain(network, head)
        self._blocks_topic = blocks_topic(network.topics)
        self._sectors = {events_topic(network.topics, name): name for name in network.sector_names}
        self._windows = {
            (sector, partition): RecordWindow(head.ends.get((sector, partition), 0))
            for sector in network.sector_names
            for partition in range(network.partitions(sector))
        }
        self._most_records = buffer_records // len(self._windows)
        self._most_bytes = buffer_bytes // len(self._windows)
        self._paused: set[Partition] = set()
        self._arrived: dict[int, float] = {}
        self.traces: Sequence[bytes] = ()
        """The trace contexts of the newest block handed out, of those of its records that have one."""
        self.waited_s = 0.0
        """How long ago the record of the newest block handed out was read, when it was handed out."""

    @property
    def head(self) -> ChainHead:
        """The newest block that was handed out."""
        return self._chain.head

    @property
    def pending(self) -> Mapping[Partition, RecordWindow]:
        """By sector and partition, the records beyond the head: what a sealer may put into the next block."""
        return self._windows

    @property
    def waiting_blocks(self) -> int:
        """How many records of the blocks topic are read but not decided."""
        return self._chain.waiting

    @property
    def pending_records(self) -> int:
        """How many records stand beyond the head in memory."""
        return sum(map(len, self._windows.values()))

    def take_dropped(self) -> list[DroppedBlock]:
        """Return the records of the blocks topic that were passed over since this was last asked."""
        return self._chain.take_dropped()

    async def next_block(self) -> Counted:
        """Wait for the next block that counts."""
        while (counted := self.take_block()) is None:
            await self.read(READ_S)
        return counted

    def take_block(self) -> Counted | None:
        """Return the next block that counts if all of it is here; does not wait."""
        counted = self._chain.next(self._have)
        if counted is not None:
            self.traces = self._take_traces(counted.block.ranges)
            for part in counted.block.ranges:
                self._windows[part.sector, part.partition].drop_to(part.end)
            self._note_waiting(counted.offset)
        self._balance()
        return counted

    async def read(self, timeout_s: float) -> int:
        """Take in what Kafka has, waiting at most `timeout_s` for the first record; returns how many came."""
        records = await self._follower.read(timeout_s)
        for record in records:
            self._take_in(record)
        if records:
            self._balance()
        return len(records)

    def _take_in(self, record: RawRecord) -> None:
        if record.topic == self._blocks_topic:
            self._chain.offer(record.offset, record.value)
            self._arrived[record.offset] = time.monotonic()
            return
        sector = self._sectors[record.topic]
        window = self._windows[sector, record.partition]
        window.append(Record(sector, record.partition, record.offset, record.signature, record.value))
        window.arrived_at_ms = record.timestamp_ms
        if record.traceparent:
            window.traces[record.offset] = record.traceparent

    def _take_traces(self, ranges: Sequence[Range]) -> Sequence[bytes]:
        found: list[bytes] = []
        for part in ranges:
            traces = self._windows[part.sector, part.partition].traces
            if traces:
                found += [traces.pop(offset) for offset in range(part.first, part.end) if offset in traces]
        return found

    def _note_waiting(self, offset: int) -> None:
        """Forget when records of the blocks topic came that are decided, and note how long the newest waited."""
        for before in [one for one in self._arrived if one <= offset]:
            self.waited_s = time.monotonic() - self._arrived.pop(before)

    def _have(self, part: Range) -> Sequence[Record] | None:
        return self._windows[part.sector, part.partition].take(part.first, part.end)

    def _balance(self) -> None:
        """Pause partitions whose windows are full, resume those that have room again."""
        awaited = {(part.sector, part.partition) for part in self._chain.awaited}
        full = {
            (events_topic(self._network.topics, place[0]), place[1])
            for place, window in self._windows.items()
            if place not in awaited and (len(window) >= self._most_records or window.size_bytes >= self._most_bytes)
        }
        if self._chain.waiting >= MAX_WAITING_BLOCKS:
            full.add((self._blocks_topic, 0))
        if full != self._paused:
            self._follower.pause(full - self._paused)
            self._follower.resume(self._paused - full)
            self._paused = full


def chain_positions(network: Network, head: ChainHead, *, blocks_offset: int) -> dict[Partition, int]:
    """Return where a follower of events and blocks must begin: at the head's ends, and after its block's record."""
    positions = {
        (events_topic(network.topics, sector), partition): head.ends.get((sector, partition), 0)
        for sector in network.sector_names
        for partition in range(network.partitions(sector))
    }
    return positions | {(blocks_topic(network.topics), 0): blocks_offset}
