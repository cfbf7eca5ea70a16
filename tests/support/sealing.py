"""A network with two sealers over topics in memory, and the rule for which block counts applied by nobody's helper."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litopys.kafka.topics import blocks_topic, events_topic
from litopys.ledger.chain import Chain, Counted, DroppedBlock, genesis
from litopys.ledger.records import Record
from litopys.replica.follow import ChainFollower, chain_positions
from services.sealer.ports import KafkaBlocks
from services.sealer.proposing import Proposer
from services.sealer.settings import SealerSettings
from services.sealer.standing import Standing
from tests.support.memory_topics import MemoryFollower, MemoryPublisher, MemoryTopics
from tests.support.simulated import Simulated


def with_two_sealers(simulated: Simulated, **more: Any):
    """How the network file must be changed."""

    def change(document: dict[str, Any]) -> None:
        document["sealers"].append({"name": "b", **simulated._key("sealer/b"), "from": 0, "until": None})
        document.update(more)

    return change


class Seat:
    """An election whose outcome the test decides."""

    def __init__(self, *, is_elected: bool = True) -> None:
        self.is_elected = is_elected
        self.is_on_credit = False

    def give_way(self) -> None:
        if self.is_on_credit:
            self.is_elected = False


class Sealer:
    """One proposer as a task."""

    def __init__(self, world: "World", name: str, *, standing: Standing | None = None, **settings: Any) -> None:
        follower = MemoryFollower(
            world.topics, chain_positions(world.network, genesis(world.network), blocks_offset=0), batch=world.batch
        )
        self.publisher = MemoryPublisher(world.topics)
        self.standing = standing or Standing()
        self.seat = Seat(is_elected=False)
        chain = ChainFollower(network=world.network, follower=follower, head=genesis(world.network))  # type: ignore[arg-type]
        topic = blocks_topic(world.network.topics)
        self.proposer = Proposer(
            network=world.network,
            signer=world.simulated.signer(f"sealer/{name}"),
            settings=SealerSettings(
                network_file=Path("unread"), name=name, **({"seal_interval_ms": 1, "seal_delay_ms": 0} | settings)
            ),
            chain=chain,
            blocks=KafkaBlocks(topic, follower=follower, publisher=self.publisher),  # type: ignore[arg-type]
            seat=self.seat,
            standing=self.standing,
        )

    @asynccontextmanager
    async def running(self, *, is_elected: bool = True) -> AsyncIterator["Sealer"]:
        self.seat.is_elected = is_elected
        task = asyncio.create_task(self.proposer.run())
        try:
            yield self
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.wait([task])


class World:
    """Topics, sectors and keys."""

    def __init__(self, *, partitions: int = 2, batch: int = 2_000) -> None:
        self.simulated = Simulated(partitions=partitions)
        self.network = self.simulated.network(with_two_sealers(self.simulated))
        self.topics = MemoryTopics()
        self.batch = batch

    def sealer(self, name: str, **settings: Any) -> Sealer:
        return Sealer(self, name, **settings)

    def publish(self, count: int = 1, *, partition: int = 0, sector: str = "registers", size: int = 2) -> None:
        """Publish records; a sealer judges none, so they are anything."""
        for _ in range(count):
            self.topics.put(events_topic(self.network.topics, sector), b"x" * size, partition=partition, signature=b"s")

    def put_block(self, note: bytes) -> int:
        return self.topics.put(blocks_topic(self.network.topics), note)

    def published(self) -> int:
        return sum(len(log) for (topic, _), log in self.topics.logs.items() if ".events." in topic)

    def chain(self) -> tuple[list[Counted], list[DroppedBlock], Chain]:
        """Which blocks count, as a reader without any of the sealer's code finds."""
        chain = Chain(self.network, genesis(self.network))
        for offset, note in enumerate(self.topics.values(blocks_topic(self.network.topics))):
            chain.offer(offset, note)
        counted = []
        while (one := chain.next(self._have)) is not None:
            counted.append(one)
        return counted, chain.take_dropped(), chain

    def _have(self, part: Any) -> list[Record] | None:
        log = self.topics.logs[events_topic(self.network.topics, part.sector), part.partition]
        if len(log) < part.end:
            return None
        return [
            Record(part.sector, part.partition, offset, signature, value)
            for offset, (value, signature) in enumerate(log[part.first : part.end], part.first)
        ]

    def sealed(self) -> int:
        return sum(self.chain()[2].head.ends.values())

    async def all_sealed(self, timeout_s: float = 20.0) -> list[Counted]:
        """Wait until every published record is in a block that counts; returns the blocks."""
        async with asyncio.timeout(timeout_s):
            while self.sealed() < self.published():
                await asyncio.sleep(0.005)
        return self.chain()[0]
