import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from deploy.local.databases import SERVICE, as_role, migrate_database
from litopys.kafka.topics import create_topics, network_topics
from litopys.postgres.pool import open_pool
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_requests import load_digest_key
from litopys.service.board import Board
from litopys.service.commands import Desk
from litopys.service.gate import Gate
from litopys.service.relay import RelayWorld, run_relay
from litopys.service.search.indexing import Indexing
from litopys.service.sse import Feed
from litopys.service.writing import Writer
from tests.support.simulated import Simulated
from tests.support.toy_ledger import ToyLedger
from tests.support.toy_sector.domain import RULES
from tests.support.toy_sector.sector import TOY, ChangeContent, OpenBox

BOX = TOY.aggregate("box")


@asynccontextmanager
async def running(*coroutines):
    """Tasks that live as long as the block; one that breaks ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
        yield
        for task in tasks:
            task.cancel()


@dataclass
class Toy:
    """The toy sector on real servers, under a ledger in memory."""

    world: RelayWorld
    ledger: ToyLedger
    desk: Desk
    board: Board
    gate: Gate
    feed: Feed
    opened: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def life(self, *, ledger: bool = True):
        """Everything runs: relay, gate, board, and the ledger unless it is said to be silent."""
        parts = [run_relay(self.world), self.gate.keep_watching(), self.board.watch()]
        if ledger:
            parts.append(self.ledger.run(self.world.kafka))
        async with running(*parts):
            await asyncio.wait_for(self.gate.wait_open(), 30)
            yield self

    async def open_box(self, key: str, **wire) -> Address:
        body = OpenBox.model_validate({"label": "shoes"} | wire)
        return await self._execute("open", body, key, None)

    async def add(self, key: str, count: int, *, version: int) -> Address:
        return await self._execute("add-items", ChangeContent(count=count, valid_from="2026-01-02"), key, version)

    async def take(self, key: str, count: int, *, version: int) -> Address:
        return await self._execute("take-items", ChangeContent(count=count, valid_from="2026-01-02"), key, version)

    async def _execute(self, name, body, key, version) -> Address:
        (command,) = [c for c in BOX.commands if c.name == name]
        done = await self.desk.execute(
            command, body, subject=f"box:{key}", actor="o:1", expected_version=version, request=None
        )
        return done.address

    async def settled(self, address: Address):
        return await self.board.wait(address, 30)


@pytest.fixture
async def pool(database):
    pool = await open_store(database)
    yield pool
    await pool.close()


@pytest.fixture
async def toy(kafka, database, pool, topics_prefix) -> Toy:
    return await make_toy(kafka, database, pool, prefix=topics_prefix)


@pytest.fixture
async def toy_on_small_disk(kafka, small_disk, topics_prefix):
    """A toy whose store can be full, and its disk."""
    pool = await open_store(small_disk.dsn)
    yield await make_toy(kafka, small_disk.dsn, pool, prefix=topics_prefix), small_disk
    await pool.close()


@pytest.fixture
async def another_toy(kafka, spare_databases, topics_prefix):
    """A second toy, of another network with another store."""
    database = await spare_databases.lend()
    pool = await open_store(database)
    yield await make_toy(kafka, database, pool, prefix=f"{topics_prefix}-b")
    await pool.close()
    await spare_databases.take_back(database)


async def open_store(database: str):
    """Whatever the service does, it does as its role; who tampers with the store does so as its administrator."""
    await migrate_database(database, "sector")
    return await open_pool(as_role(database, SERVICE), max_size=8)


async def make_toy(kafka, database, pool, *, prefix) -> Toy:
    database = as_role(database, SERVICE)
    simulated = Simulated(sectors=("toy",))
    network = simulated.network(lambda document: document.update(topics=prefix))
    await create_topics(kafka, network_topics(network))
    indexing = Indexing(TOY.searches, await load_digest_key(pool))
    writer = Writer(origin=network.origin, sector="toy", partitions=2, domain=RULES, indexing=indexing)
    ledger = ToyLedger(simulated, network, RULES)
    signer = simulated.sector("toy")
    world = RelayWorld(network, writer, signer, pool, database, kafka, open_client=ledger.client)
    feed = Feed()
    gate = Gate(database, feed)
    return Toy(world, ledger, Desk(pool, writer, gate.check_open), Board(pool, feed), gate, feed)
