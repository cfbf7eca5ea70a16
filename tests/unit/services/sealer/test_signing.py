"""The log signs what carries a quorum, and nothing else."""

import asyncio
from contextlib import asynccontextmanager
from hashlib import sha256

import pytest

from litopys.errors import Halted
from litopys.kafka.topics import cosignatures_topic
from litopys.ledger.finality import SeenLogSignature, read_cosignature
from litopys.note.checkpoints import Checkpoint
from services.sealer import signing as room
from services.sealer.ports import KafkaCosignatures
from services.sealer.signing import LogSigner
from services.sealer.standing import Standing
from tests.support.memory_topics import MemoryFollower, MemoryPublisher, MemoryTopics
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio


def body(size: int, salt: str = "") -> Checkpoint:
    return Checkpoint("simulated.example/one", size, sha256(f"{size}{salt}".encode()).digest())


class World:
    def __init__(self):
        self.simulated = Simulated()
        self.network = self.simulated.network()
        self.topics = MemoryTopics()
        self.topic = cosignatures_topic(self.network.topics)
        self.standing = Standing()
        self.standing.is_leader = True

    def vote(self, checkpoint, *names):
        for name in names:
            self.topics.put(self.topic, self.simulated.vote(checkpoint, name))

    def signer(self):
        follower = MemoryFollower(self.topics, {(self.topic, 0): 0})
        port = KafkaCosignatures(self.topic, follower=follower, publisher=MemoryPublisher(self.topics))
        return LogSigner(network=self.network, signer=self.simulated.signer("log"), topic=port, standing=self.standing)

    def signed(self):
        """Sizes and roots that the log has signed, verified."""
        seen = [read_cosignature(value, self.network) for value in self.topics.values(self.topic)]
        return [one.checkpoint for one in seen if isinstance(one, SeenLogSignature)]

    @asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.signer().run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def settled(self, task):
        """Wait until the signer has read all there is and done what it would."""
        length = -1
        while length != len(self.topics.logs[self.topic, 0]) and not task.done():
            length = len(self.topics.logs[self.topic, 0])
            for _ in range(50):
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)


async def test_a_quorum_is_signed_and_less_is_not():
    world = World()
    async with world.running() as task:
        world.vote(body(10), "kyiv", "lviv")
        await world.settled(task)
        assert world.signed() == []
        world.vote(body(10), "odesa")
        await world.settled(task)
        assert world.signed() == [body(10)]


async def test_votes_for_different_bodies_do_not_add_up():
    world = World()
    async with world.running() as task:
        world.vote(body(10), "kyiv", "lviv")
        world.vote(body(10, "other"), "odesa", "dnipro")
        world.vote(body(11), "odesa", "dnipro")
        await world.settled(task)
    assert world.signed() == []


async def test_votes_that_do_not_verify_do_not_count():
    world = World()
    honest = world.simulated.vote(body(10), "odesa")
    forged = [
        honest.replace(b"\n10\n", b"\n12\n"),
        honest[:-6] + b"AAAA=\n",
        world.simulated.vote(body(10), "odesa").replace(b"validator/odesa", b"validator/dnipro"),
        b"",
        b"\xff",
    ]
    async with world.running() as task:
        world.vote(body(10), "kyiv", "lviv")
        for value in forged:
            world.topics.put(world.topic, value)
        world.vote(body(10), "kyiv", "lviv")
        await world.settled(task)
        by_log = [value for value in world.topics.values(world.topic) if "— simulated.example/one ".encode() in value]
        assert by_log == []


async def test_one_that_stands_by_signs_when_it_takes_over():
    world = World()
    world.standing.is_leader = False
    async with world.running() as task:
        world.vote(body(10), "kyiv", "lviv", "odesa")
        await world.settled(task)
        assert world.signed() == []
        world.standing.is_leader = True
        world.vote(body(10), "dnipro")
        await world.settled(task)
        assert world.signed() == [body(10)]


async def test_what_was_left_unsigned_is_signed_after_a_start():
    world = World()
    for size in range(1, 8):
        world.vote(body(size), "kyiv", "lviv", "odesa", "dnipro")
    async with world.running() as task:
        await world.settled(task)
    assert world.signed() == [body(7)], "the newest makes all before it final"


async def test_what_is_signed_is_not_signed_again():
    world = World()
    for _ in range(3):
        async with world.running() as task:
            world.vote(body(10), "kyiv", "lviv", "odesa")
            await world.settled(task)
    assert world.signed() == [body(10)]


async def test_a_quorum_far_behind_the_end_is_found(monkeypatch):
    monkeypatch.setattr(room, "TAIL_RECORDS", 4)
    world = World()
    world.vote(body(10), "kyiv", "lviv", "odesa")
    for size in range(20, 40):
        world.vote(body(size), "kyiv")
    async with world.running() as task:
        await world.settled(task)
    assert world.signed() == [body(10)]


async def test_two_quorums_at_one_size_stop_everything():
    world = World()
    async with world.running() as task:
        world.vote(body(10), "kyiv", "lviv", "odesa")
        world.vote(body(10, "other"), "lviv", "odesa", "dnipro")
        await world.settled(task)
        with pytest.raises(Halted):
            await task
