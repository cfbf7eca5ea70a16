"""The relay of a sector: one at a time, by advisory lock; publishes, follows up, takes verdicts in, settles.

A term begins with the lock and ends with it. First the own topic is read to its end, so that the store knows whatever
it may have forgotten; then commands are let in and the outbox goes out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from litopys.cancellation import heed_cancellation, in_own_task
from litopys.errors import Conflict, Unavailable
from litopys.event.signatures import make_sector_key
from litopys.kafka.follower import Follower
from litopys.kafka.identity import ClusterIdentity, read_identity
from litopys.kafka.producer import Publisher
from litopys.kafka.topics import events_topic
from litopys.postgres.pool import connect, durable_step, failures
from litopys.postgres.sector_erasing import erase_again
from litopys.postgres.sector_identity import pin_identity
from litopys.postgres.sector_outbox import load_positions
from litopys.postgres.sector_requests import forget_answers
from litopys.postgres.sector_traces import forget_traces
from litopys.service import metrics
from litopys.service.citations import Citations
from litopys.service.gate import CAUGHT_UP_LOCK, RELAY_LOCK, try_lock
from litopys.service.logs import get_log
from litopys.service.observing import observe_store, terms_of
from litopys.service.own_keys import OwnKeys
from litopys.service.own_topic import OwnTopic
from litopys.service.patience import patiently
from litopys.service.publishing import Publishing
from litopys.service.settling import Settling
from litopys.service.sse import Feed
from litopys.service.validators import Validators, open_client
from litopys.service.verdicts import Verdicts
from litopys.service.watching import Watch
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litopys.event.signatures import SectorKey, SectorSigner
    from litopys.kafka.address import KafkaAddress
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection, Pool
    from litopys.service.writing import Writer
    from litopys.steps import Passing

_READ_S = 0.5
_IDLE_S = 0.025
_VERDICTS_ANYWAY_S = 5.0
_STANDBY_S = 1.0
_NEXT_TERM_S = 1.0

_log = get_log("relay")


@dataclass(frozen=True, slots=True)
class RelayWorld:
    """What a relay works on and with."""

    network: Network
    writer: Writer
    signer: SectorSigner
    pool: Pool
    dsn: str
    kafka: KafkaAddress
    open_client: Callable[[], httpx2.AsyncClient] = open_client
    passing: Passing = pass_on
    acknowledged: Feed = field(default_factory=Feed)
    """Wakes when this process has acknowledged something; what other processes acknowledge is looked for."""

    @property
    def topic(self) -> str:
        """The sector's own topic."""
        return events_topic(self.network.topics, self.writer.sector)


async def run_relay(world: RelayWorld) -> None:
    """Be the relay, term after term, until cancelled. Raises Halted when integrity is broken: then nothing goes on."""
    while True:
        try:
            await in_own_task(_serve_term(world))
        except* (Unavailable, Conflict) as group:
            _log.warning("the term ended", errors=sorted({f"{type(e).__name__}: {e}" for e in _leaves(group)}))
        heed_cancellation()
        await asyncio.sleep(_NEXT_TERM_S)


async def _serve_term(world: RelayWorld) -> None:
    """Wait for the lock, catch up, then work until something breaks."""
    async with AsyncExitStack() as stack:
        session = await connect(world.dsn, name="litopys-relay")
        stack.callback(session.terminate)
        while not await try_lock(session, RELAY_LOCK):  # noqa: ASYNC110 — another session's lock
            await asyncio.sleep(_STANDBY_S)
        term = await _Term.begin(world, stack)
        await term.catch_up()
        await try_lock(session, CAUGHT_UP_LOCK)
        _log.info("caught up with the own topic")
        stack.callback(metrics.RELAY.labels(world.writer.sector).set, 0)
        metrics.RELAY.labels(world.writer.sector).set(1)
        await term.work(session)


class _Term:
    """One term of a relay: its parts, and the tasks that turn them."""

    def __init__(self, world: RelayWorld, *, own: Follower, network: Follower, publisher: Publisher) -> None:
        self._world = world
        self._publisher = publisher
        self._validators = Validators(world.network, world.open_client())
        writer, pool, passing = world.writer, world.pool, world.passing
        own_keys = OwnKeys(_sector_keys(world.network, writer.sector), origin=writer.origin, sector=writer.sector)
        self._own_follower = own
        self._own_topic = OwnTopic(pool=pool, writer=writer, keys=own_keys, follower=own, passing=passing)
        citations = Citations(pool, self._validators, passing=passing)
        self._publishing = Publishing(
            pool=pool,
            signer=world.signer,
            topic=world.topic,
            publisher=publisher,
            own_topic=self._own_topic,
            citations=citations,
            passing=passing,
        )
        settling = Settling(pool=pool, writer=writer, passing=passing)
        self._verdicts = Verdicts(
            pool=pool,
            network=world.network,
            writer=writer,
            validators=self._validators,
            settling=settling,
            citations=citations,
            passing=passing,
        )
        self._watch = Watch(network=world.network, sector=writer.sector, pool=pool, follower=network, passing=passing)
        self._news = Feed()
        self._size = 0
        self._final_at = time.monotonic()

    @classmethod
    async def begin(cls, world: RelayWorld, stack: AsyncExitStack) -> _Term:
        """Open what the term needs; `stack` closes it. Raises Unavailable; Halted for another cluster or topic."""
        pinned = await read_identity(world.kafka, [world.topic])
        topic_id = pinned.topic_ids[world.topic]
        async with durable_step(world.pool, Step.BEGUN, world.passing) as connection:
            await pin_identity(connection, world.topic, cluster_id=pinned.cluster_id, topic_id=topic_id)
            await forget_answers(connection)
            await forget_traces(connection)
        with failures():
            known = await load_positions(world.pool)
        partitions = range(world.network.partitions(world.writer.sector))
        positions = {(world.topic, partition): known.get(partition, 0) for partition in partitions}
        own = _follower(world, "own", positions, pinned=pinned)
        stack.push_async_callback(own.close)
        network = _follower(world, "network", Watch.positions(world.network))
        stack.push_async_callback(network.close)
        publisher = Publisher(world.kafka, f"litopys-{world.writer.sector}")
        stack.push_async_callback(publisher.close)
        term = cls(world, own=own, network=network, publisher=publisher)
        stack.push_async_callback(term._validators.close)
        return term

    async def catch_up(self) -> None:
        """Take in all that stands on the own topic; what was ever erased is erased before anybody is let in."""
        await patiently(self._own_topic.read_to_end)
        await patiently(self._erase_again)

    async def _erase_again(self) -> None:
        async with durable_step(self._world.pool, Step.ERASED_AGAIN, self._world.passing) as connection:
            returned = await erase_again(connection, self._world.writer.sector)
        if returned:
            _log.warning("erased what had come back from a backup", disclosures=returned)

    async def work(self, session: Connection) -> None:
        """Turn all parts until one breaks or the session with the lock ends."""
        lost = asyncio.Event()
        session.add_termination_listener(lambda _: lost.set())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._end_with(lost))
            group.create_task(self._follow())
            group.create_task(self._publish())
            group.create_task(self._watch_network())
            group.create_task(self._take_verdicts())
            group.create_task(self._observe())

    async def _end_with(self, lost: asyncio.Event) -> None:
        await lost.wait()
        raise Unavailable("the session with the relay's lock ended")

    async def _follow(self) -> None:
        while True:
            if await patiently(lambda: self._own_topic.read(_READ_S)):
                self._news.wake()

    async def _publish(self) -> None:
        await patiently(self._publishing.publish_lacking)
        while True:
            try:
                published = await self._publishing.step()
            except (Unavailable, Conflict) as error:
                heed_cancellation()
                _log.warning("publishing was interrupted", error=str(error))
                await patiently(self._resume)
                continue
            if not published:
                await self._world.acknowledged.wait(_IDLE_S)

    async def _resume(self) -> None:
        """After a failure: nothing more leaves this producer; read the topic to its end; publish what it lacks."""
        await self._publisher.close()
        ends = await self._own_follower.watermarks()
        while not self._own_topic.has_read({partition: end for (_, partition), (_, end) in ends.items()}):
            await self._news.wait(_READ_S)
        await self._publishing.publish_lacking()

    async def _watch_network(self) -> None:
        await patiently(self._watch.start)
        while True:
            size = await patiently(lambda: self._watch.read(_READ_S))
            if size > self._size:
                self._size = size
                self._news.wake()

    async def _take_verdicts(self) -> None:
        self._size = max(self._size, await patiently(self._newest_size))
        while True:
            waiting = asyncio.create_task(self._news.wait(_VERDICTS_ANYWAY_S))
            while await patiently(self._verdicts_step):
                self._final_at = time.monotonic()
            if not await waiting:
                self._size = max(self._size, await patiently(self._newest_size))

    async def _verdicts_step(self) -> int:
        return await self._verdicts.step(size=self._size, read_to=self._own_topic.read_to)

    async def _newest_size(self) -> int:
        """Ask a validator; nothing is final where none answers yet."""
        try:
            return await self._validators.newest_size()
        except Unavailable:
            return 0

    async def _observe(self) -> None:
        world, sector = self._world, self._world.writer.sector
        terms = terms_of(world.signer.key, world.network, sector)
        while True:
            await observe_store(world.pool, sector=sector, terms=terms)
            metrics.FINAL_AGE_SECONDS.set(time.monotonic() - self._final_at)
            await asyncio.sleep(_VERDICTS_ANYWAY_S)


def _follower(
    world: RelayWorld, part: str, positions: dict[tuple[str, int], int], *, pinned: ClusterIdentity | None = None
) -> Follower:
    return Follower(world.kafka, f"litopys-{world.writer.sector}-{part}", positions, pinned=pinned)


def _sector_keys(network: Network, sector: str) -> list[SectorKey]:
    """Return every key that the sector has at any height."""
    terms = [term for one in network.sectors if one.name == sector for term in one.keys]
    return [make_sector_key(term.key.vkey) for term in terms]


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
