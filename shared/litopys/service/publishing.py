"""The relay's publisher: takes the outbox in order, signs, stores the lines, hands the bytes to Kafka.

The line of a signed event is stored before its bytes leave, so that whatever may stand on the topic is known here. The
crash points, in order: taken, signed (nothing happened yet); lines stored (published again after the topic was read);
published (read back as ours); read back (gone from the outbox).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from litopys.errors import LitopysError
from litopys.event.signatures import MAX_BATCH, sign_batch, sign_event
from litopys.kafka.records import Outgoing, signed_headers
from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_outbox import Signed, first_held, hold, load_signed, store_lines, take_waiting
from litopys.postgres.sector_traces import load_traces
from litopys.service import metrics
from litopys.service.logs import get_log
from litopys.service.own_topic import InFlight
from litopys.service.tracing import is_tracing, spans_of
from litopys.steps import Step, pass_on, passed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.event.signatures import SectorSigner
    from litopys.kafka.producer import Publisher
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_outbox import Waiting
    from litopys.service.citations import Citations
    from litopys.service.own_topic import OwnTopic
    from litopys.steps import Passing

TAKE_EVENTS = 2_048
MAX_IN_FLIGHT_EVENTS = 16_384
_PAGE = 1_024

_log = get_log("publishing")


class Publishing:
    """Publishes a sector's outbox; only the process that holds the lock of the relay runs it."""

    def __init__(
        self,
        *,
        pool: Pool,
        signer: SectorSigner,
        topic: str,
        publisher: Publisher,
        own_topic: OwnTopic,
        citations: Citations,
        passing: Passing = pass_on,
    ) -> None:
        self._pool = pool
        self._passing = passing
        self._signer = signer
        self._topic = topic
        self._publisher = publisher
        self._own_topic = own_topic
        self._citations = citations
        self._sector = signer.key.name.rpartition("/")[2]

    async def step(self) -> int:
        """Publish what waits, at most TAKE_EVENTS; returns how many were published. Raises Unavailable."""
        if len(self._own_topic.in_flight) >= MAX_IN_FLIGHT_EVENTS:
            return 0
        with failures():
            waiting = await take_waiting(self._pool, TAKE_EVENTS)
        if not waiting:
            return 0
        ready, back = await self._sort(waiting)
        signed = self.sign(ready)
        async with durable_step(self._pool, Step.SIGNED, self._passing) as connection:
            await hold(connection, back)
            await store_lines(connection, signed)
        await self._publish(signed)
        return len(signed)

    async def publish_lacking(self) -> int:
        """Publish again what is signed and was not read back. Only right after the topic was read to its end."""
        after, count = 0, 0
        while True:
            with failures():
                page = await load_signed(self._pool, after=after, limit=_PAGE)
            lacking = [one for one in page if one.value not in self._own_topic.in_flight]
            if lacking:
                await self._publish(lacking)
            if len(page) < _PAGE:
                return count + len(lacking)
            after, count = page[-1].position, count + len(lacking)

    def sign(self, events: Sequence[Waiting]) -> list[Signed]:
        """Sign events in batches of one partition, keeping the order of each partition."""
        by_partition: dict[int, list[Waiting]] = defaultdict(list)
        for event in events:
            by_partition[event.partition].append(event)
        signed = []
        for run in by_partition.values():
            for start in range(0, len(run), MAX_BATCH):
                signed += self._sign_run(run[start : start + MAX_BATCH])
        return signed

    def _sign_run(self, run: Sequence[Waiting]) -> list[Signed]:
        values = [event.value for event in run]
        lines = [sign_event(self._signer, values[0])] if len(run) == 1 else sign_batch(self._signer, values)
        return [
            Signed(event.position, event.subject, event.version, event.partition, line, event.value)
            for event, line in zip(run, lines, strict=True)
        ]

    async def _sort(self, waiting: Sequence[Waiting]) -> tuple[list[Waiting], list[int]]:
        """Return what may go, and positions to hold back: citations not final, and what follows such in its stream."""
        citing = [event for event in waiting if event.cites]
        with failures():
            first = await first_held(self._pool, list({event.subject for event in waiting}))
        if not citing and not first:
            return list(waiting), []
        unready = await self._citations.not_final([cited for event in citing for cited in event.cites or ()])
        ready, back = [], []
        for event in waiting:
            is_behind = first.get(event.subject, event.position) < event.position
            if is_behind or not unready.isdisjoint(event.cites or ()):
                first[event.subject] = min(event.position, first.get(event.subject, event.position))
                back.append(event.position)
            else:
                ready.append(event)
        return ready, back

    def _outgoing(self, one: Signed, contexts: Mapping[tuple[str, int], str]) -> Outgoing:
        headers = signed_headers(one.line, contexts.get((one.subject, one.version)))
        return Outgoing(self._topic, one.partition, one.value, headers)

    async def _traces(self, signed: Sequence[Signed]) -> Mapping[tuple[str, int], str]:
        """Return the traces of those that have one; asks nothing where nobody traces."""
        if not is_tracing():
            return {}
        with failures():
            return await load_traces(self._pool, [Address(one.subject, one.version) for one in signed])

    async def _publish(self, signed: Sequence[Signed]) -> None:
        if not signed:
            return
        for one in signed:
            self._own_topic.in_flight[one.value] = InFlight(one.position, one.line)
        try:
            with spans_of(await self._traces(signed)) as contexts, passed(Step.PUBLISHED, self._passing):
                await self._publisher.publish([self._outgoing(one, contexts) for one in signed])
        except LitopysError:
            # Any of them may stand on the topic or not: nobody may say more before the topic was read.
            self._own_topic.in_flight.clear()
            raise
        metrics.EVENTS_PUBLISHED.labels(self._sector).inc(len(signed))
        _log.debug("published", events=len(signed), first=f"{signed[0].subject}@{signed[0].version}")
