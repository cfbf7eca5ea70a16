"""Following the sector's own topic: what was published is taken off the outbox when it is read back, byte for byte.

A record that this store did not write is taken in if it continues a stream of ours under a signature of ours: that is
how a store restored from a backup gets back what it had acknowledged. Whatever else stands there is kept aside until
the ledger has judged it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import LitopysError
from litopys.event.cloudevents import parse_event
from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address, NewEvent, StreamChange
from litopys.postgres.sector_outbox import ForeignRecord, Own, Seen, find_own, store_seen
from litopys.postgres.sector_reading import load_streams
from litopys.service.logs import get_log
from litopys.service.writing import Stream
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.event.cloudevents import Event
    from litopys.kafka.follower import Follower
    from litopys.kafka.records import RawRecord
    from litopys.postgres.pool import Connection, Pool
    from litopys.service.own_keys import OwnKeys
    from litopys.service.writing import Writer
    from litopys.steps import Passing

_log = get_log("own_topic")


class InFlight(NamedTuple):
    """An event that this process handed to Kafka and did not read back yet."""

    position: int
    line: bytes


class _Sorted(NamedTuple):
    """What a batch of records is: events of this store (with those that need no further copy), and others."""

    seen: list[Seen]
    settled: list[int]
    foreign: list[tuple[RawRecord, Event]]


class OwnTopic:
    """The reader of the sector's topic. `in_flight` is filled by the publisher before the bytes leave."""

    def __init__(
        self, *, pool: Pool, writer: Writer, keys: OwnKeys, follower: Follower, passing: Passing = pass_on
    ) -> None:
        self._pool = pool
        self._passing = passing
        self._writer = writer
        self._keys = keys
        self._follower = follower
        self.in_flight: dict[bytes, InFlight] = {}
        self.read_to: dict[int, int] = {partition: end for (_, partition), end in follower.positions.items()}

    async def read_to_end(self) -> None:
        """Read until all that stood on the topic at the call has been taken in. Raises Unavailable, Halted."""
        ends = {partition: end for (_, partition), (_, end) in (await self._follower.watermarks()).items()}
        while not self.has_read(ends):
            await self.read(0.2)

    def has_read(self, ends: Mapping[int, int]) -> bool:
        """Answer whether every partition was taken in up to these offsets."""
        return all(self.read_to[partition] >= end for partition, end in ends.items())

    async def read(self, timeout_s: float) -> int:
        """Take in the next records; returns their number. Each batch is one transaction."""
        records = await self._follower.read(timeout_s)
        if records:
            try:
                await self._take(records)
            except BaseException:
                # Not committed: these records are read again.
                await self._follower.seek(_first_offsets(records))
                raise
        return len(records)

    async def _take(self, records: Sequence[RawRecord]) -> None:
        ends = {record.partition: record.offset + 1 for record in records}
        found = await self._sort(records)
        async with durable_step(self._pool, Step.READ_BACK, self._passing) as connection:
            # First the place: it also serialises what two readers might do at once.
            await store_seen(connection, seen=found.seen, settled=found.settled, foreign=[], ends=ends)
            if found.foreign:
                await self._take_in(connection, found.foreign)
        for record in records:
            self.in_flight.pop(record.value, None)
        self.read_to |= ends

    async def _sort(self, records: Sequence[RawRecord]) -> _Sorted:
        found = _Sorted([], [], [])
        others = []
        for record in records:
            flying = self.in_flight.get(record.value)
            if flying is not None and flying.line == record.signature:
                found.seen.append(Seen(record.partition, record.offset, flying.position))
                found.settled.append(flying.position)
            elif (event := _parsed(record.value)) is not None:
                others.append((record, event))
        if others:
            await self._sort_others(others, found)
        return found

    async def _sort_others(self, others: Sequence[tuple[RawRecord, Event]], found: _Sorted) -> None:
        """Look up what this process did not hand out itself: bytes of an earlier life, or none of ours."""
        with failures():
            own = await find_own(self._pool, [Address(e.subject, e.streamversion) for _, e in others])
        by_bytes: dict[bytes, Own] = {one.value: one for one in own}
        for record, event in others:
            mine = by_bytes.get(record.value)
            if mine is None:
                found.foreign.append((record, event))
                continue
            found.seen.append(Seen(record.partition, record.offset, mine.position))
            if mine.line == record.signature or self._keys.is_signed(record.value, record.signature):
                found.settled.append(mine.position)

    async def _take_in(self, connection: Connection, records: Sequence[tuple[RawRecord, Event]]) -> None:
        """Let records that continue our streams become ours; keep the others aside."""
        signed = [(r, e) for r, e in records if self._keys.own_event(r.value, r.signature) is not None]
        streams = await self._streams(connection, [e.subject for _, e in signed])
        changes: dict[str, StreamChange] = {}
        taken: dict[Address, RawRecord] = {}
        aside: list[ForeignRecord] = []
        for record, event in signed:
            following = self._continued(streams.get(event.subject), event)
            if following is None:
                aside.append(
                    ForeignRecord(record.partition, record.offset, event.subject, event.streamversion, record.value)
                )
                continue
            streams[event.subject] = following
            taken[Address(event.subject, event.streamversion)] = record
            changes[event.subject] = self._extended(changes.get(event.subject), record, event, following)
        await store_seen(connection, seen=[], settled=[], foreign=aside, ends={})
        if changes:
            await append(connection, list(changes.values()))
            await self._place(connection, taken)
            _log.warning("took in events that the store lacked", events=len(taken), streams=len(changes))

    async def _streams(self, connection: Connection, subjects: Sequence[str]) -> dict[str, Stream]:
        """Load the streams that may be continued; a stopped one may not."""
        stored = await load_streams(connection, subjects)
        streams = {subject: Stream(subject, 0, None) for subject in subjects if subject not in stored}
        for subject, one in stored.items():
            if one.stopped is None:
                streams[subject] = self._writer.decode(subject, version=one.version, state=one.state)
        return streams

    def _continued(self, stream: Stream | None, event: Event) -> Stream | None:
        """Return the stream after an event that is the next of it and passes the rules; else None."""
        if stream is None or event.streamversion != stream.version + 1:
            return None
        try:
            state = self._writer.evolve(stream.state, event)
        except LitopysError:
            return None
        return Stream(stream.subject, event.streamversion, state)

    def _extended(
        self, change: StreamChange | None, record: RawRecord, event: Event, following: Stream
    ) -> StreamChange:
        cites = tuple(f"{c.subject}@{c.version}" for c in event.cites)
        new = NewEvent(event.streamversion, datetime.fromisoformat(event.time), record.value, cites)
        before = change.events if change else ()
        return StreamChange(
            subject=event.subject,
            partition=record.partition,
            expected_version=change.expected_version if change else event.streamversion - 1,
            events=[*before, new],
            state=self._writer.domain.encode_state(following.state),
            entry=self._writer.entry(following),
        )

    async def _place(self, connection: Connection, taken: Mapping[Address, RawRecord]) -> None:
        """Say of events just appended where they stand, and that they need not be published."""
        own = await find_own(connection, list(taken))
        seen = []
        for one in own:
            record = taken[Address(one.subject, one.version)]
            if one.value == record.value:
                seen.append(Seen(record.partition, record.offset, one.position))
        await store_seen(connection, seen=seen, settled=[s.position for s in seen], foreign=[], ends={})


def _parsed(value: bytes) -> Event | None:
    try:
        return parse_event(value)
    except LitopysError:
        return None


def _first_offsets(records: Sequence[RawRecord]) -> dict[tuple[str, int], int]:
    first: dict[tuple[str, int], int] = {}
    for record in records:
        first.setdefault((record.topic, record.partition), record.offset)
    return first
