"""A vote leaves only after the block that it is for is durable."""

import asyncio
from types import SimpleNamespace

import pytest

from litopys.postgres.ledger_store import BlockRow, BlockWrite
from litopys.replica.admit import Admitted
from services.validator.core import Core, Parts
from services.validator.spans import Taken
from services.validator.standing import Standing
from services.validator.voting import Voter
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
BLOCK = BlockRow(0, b"", b"", 0, 0, 10, bytes(32), 0)
NO_EVENTS = SimpleNamespace(block_entry=SimpleNamespace(block=SimpleNamespace(ranges=())), refusals=())
WRITE = BlockWrite(BLOCK, [], [], [], [], [], [], None)


class SlowStore:
    """A database whose commit takes until the test says so."""

    def __init__(self):
        self.is_asked, self.may_commit = asyncio.Event(), asyncio.Event()

    async def store_block(self, write, evidence):
        self.is_asked.set()
        await self.may_commit.wait()
        return []


class Topic:
    def __init__(self):
        self.notes, self.news = [], asyncio.Event()

    async def publish(self, records):
        self.notes += [record.value for record in records]
        self.news.set()


class OpenGate:
    async def wait(self, block):
        pass


async def test_nothing_is_published_before_the_commit():
    store, topic = SlowStore(), Topic()
    voter = Voter(network=NETWORK, signer=SIMULATED.signer("validator/kyiv"), found=())
    silent = SimpleNamespace(tell=lambda **_: None, stored=lambda _: None)
    parts = Parts(store, silent, topic, voter, OpenGate(), None, silent)
    equipment = SimpleNamespace(
        network=NETWORK, settings=SimpleNamespace(name="kyiv"), standing=Standing(), passing=lambda _: None
    )
    core = Core(equipment, parts)
    core._judged.put_nowait((Admitted(NO_EVENTS, WRITE), Taken((), 0.0)))
    tasks = [asyncio.create_task(core._store()), asyncio.create_task(core._publish())]
    try:
        async with asyncio.timeout(10):
            await store.is_asked.wait()
            for _ in range(20):
                await asyncio.sleep(0)
            assert topic.notes == []
            store.may_commit.set()
            await topic.news.wait()
        assert len(topic.notes) == 1
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
