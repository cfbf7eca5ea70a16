"""Proposers over topics in memory: one chain whatever they do."""

import asyncio

import pytest

from litopys.errors import Unavailable
from litopys.ledger.chain import Dropped
from tests.support.sealing import World

pytestmark = pytest.mark.anyio


async def until(condition, timeout_s: float = 20.0):
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)


async def test_everything_is_sealed_once():
    world = World()
    async with world.sealer("a").running():
        for round_ in range(5):
            world.publish(10, partition=round_ % 2)
            world.publish(3, sector="energy")
            await world.all_sealed()
    blocks, dropped, _ = world.chain()
    assert not dropped
    assert sum(len(block.records) for block in blocks) == world.published() == 65


async def test_one_that_stands_by_follows_and_proposes_nothing():
    world = World()
    a, b = world.sealer("a"), world.sealer("b")
    async with a.running(), b.running(is_elected=False):
        world.publish(20)
        await world.all_sealed()
        await until(lambda: b.standing.height == a.standing.height >= 0)
    assert {block.note.split(b"/sealer/")[1][:1] for block in world.chain()[0]} == {b"a"}


async def test_two_at_once_do_no_harm():
    world = World(batch=7)
    async with world.sealer("a", seal_max_records=5).running(), world.sealer("b", seal_max_records=7).running():
        for _ in range(20):
            world.publish(10, partition=0)
            world.publish(10, partition=1)
            await asyncio.sleep(0.002)
        await world.all_sealed()
    blocks, dropped, _ = world.chain()
    assert sum(len(block.records) for block in blocks) == 400, "every record is in exactly one block that counts"
    assert {one.reason for one in dropped} <= {Dropped.HEIGHT}, "whoever comes second comes late, and no more than that"


async def test_whoever_is_elected_late_goes_on_where_the_other_stopped():
    world = World()
    a, b = world.sealer("a"), world.sealer("b")
    async with b.running(is_elected=False):
        async with a.running():
            world.publish(50)
            await world.all_sealed()
        world.publish(50)
        await asyncio.sleep(0)
        assert world.sealed() == 50, "nobody is elected"
        b.seat.is_elected = True
        await world.all_sealed()
    assert not world.chain()[1], "nothing stale was proposed"


async def test_a_seat_on_credit_is_given_up_when_a_block_of_another_counts():
    world = World()
    a, b = world.sealer("a", seal_interval_ms=60_000), world.sealer("b")
    a.seat.is_on_credit = True
    async with a.running():
        world.publish(5)
        await world.all_sealed()
        assert a.seat.is_elected, "a block of its own says nothing of another"
        async with b.running():
            world.publish(5)
            await world.all_sealed()
            await until(lambda: not a.seat.is_elected)


async def test_a_stale_block_of_another_is_passed_over():
    world = World()
    async with world.sealer("a").running():
        world.publish(5)
        first = (await world.all_sealed())[0]
        world.publish(5)
        await world.all_sealed()
        world.put_block(first.note)
        world.put_block(b"no block")
        world.publish(5)
        await world.all_sealed()
    _, dropped, chain = world.chain()
    assert [one.reason for one in dropped] == [Dropped.HEIGHT, Dropped.MALFORMED]
    assert chain.head.height == 2


@pytest.mark.parametrize(("failures", "lost_replies"), [(3, 0), (0, 3), (2, 2)])
async def test_what_was_not_published_is_proposed_again(failures, lost_replies):
    world = World()
    sealer = world.sealer("a")
    sealer.publisher.failures = failures
    sealer.publisher.loses_replies = lost_replies
    async with sealer.running():
        for _ in range(5):
            world.publish(10)
            await world.all_sealed()
    assert sum(len(block.records) for block in world.chain()[0]) == 50


async def test_one_block_is_signed_for_a_height_whatever_became_of_the_first(monkeypatch):
    """Published and not acknowledged, and turned up only later: a second one of another content would be a lie."""
    world = World()
    sealer = world.sealer("a")
    notes = []

    async def publish(records):
        notes.append(records[0].value)
        raise Unavailable("written, and not to be seen yet")

    monkeypatch.setattr(sealer.publisher, "publish", publish)
    async with sealer.running():
        world.publish(5)
        await until(lambda: len(notes) >= 1)
        world.publish(5)
    again = world.sealer("a", standing=sealer.standing)
    monkeypatch.setattr(again.publisher, "publish", publish)
    async with again.running():
        await until(lambda: len(notes) >= 3)
        world.put_block(notes[0])
        monkeypatch.undo()
        await world.all_sealed()
    assert len(set(notes)) == 1
    assert [len(block.records) for block in world.chain()[0]] == [5, 5]


async def test_no_partition_starves_beside_a_busy_one():
    world = World(partitions=4)
    world.publish(3_000, partition=0)
    async with world.sealer("a", seal_max_records=100).running():
        for partition in (1, 2, 3):
            world.publish(1, partition=partition)
        sealed_by = world.sealed
        await until(lambda: sealed_by() >= 300)
        _, _, chain = world.chain()
        assert {place[1] for place in chain.head.ends} == {0, 1, 2, 3}
        await world.all_sealed()


async def test_a_full_block_does_not_wait_for_the_interval():
    world = World()
    sealer = world.sealer("a", seal_interval_ms=60_000, seal_delay_ms=60_000, seal_max_records=10)
    async with sealer.running():
        world.publish(25)
        await until(lambda: world.sealed() == 20)
    assert [len(block.records) for block in world.chain()[0]] == [10, 10], "the rest waits for its time"


async def test_bytes_fill_a_block_too():
    world = World()
    sealer = world.sealer("a", seal_interval_ms=60_000, seal_delay_ms=60_000, seal_max_bytes=1_000)
    async with sealer.running():
        world.publish(5, size=400)
        await until(lambda: world.sealed() == 4)
    assert [len(block.records) for block in world.chain()[0]] == [2, 2]


async def test_a_lone_record_does_not_wait_for_company_longer_than_the_delay():
    world = World()
    async with world.sealer("a", seal_interval_ms=60_000, seal_delay_ms=10).running():
        world.publish()
        await world.all_sealed(timeout_s=5)


async def test_a_sealer_whose_term_is_over_proposes_nothing():
    world = World()

    def change(document):
        document["sealers"][0]["until"] = 2
        document["sealers"].append({"name": "b", **world.simulated._key("sealer/b"), "from": 2, "until": None})

    world.network = world.simulated.network(change)
    async with world.sealer("a").running(), world.sealer("b").running():
        for _ in range(4):
            world.publish()
            await world.all_sealed()
    blocks, dropped, _ = world.chain()
    assert [block.note.split(b"/sealer/")[1][:1] for block in blocks] == [b"a", b"a", b"b", b"b"]
    assert not dropped, "b knows when its term begins, a when its own is over"


async def test_a_block_over_records_that_do_not_exist_is_got_rid_of_by_filling_the_partition():
    """A stolen sealer's key can delay, and no more."""
    world = World()
    simulated = world.simulated
    ghosts = [simulated.record(b"ghost", partition=0, offset=offset) for offset in range(3)]
    world.put_block(simulated.block_note(simulated.block(0, world.network.digest, ghosts)))
    async with world.sealer("b").running():
        world.publish(2)
        await asyncio.sleep(0.05)
        assert world.sealed() == 0
        world.publish(1)
        await world.all_sealed()
    assert [one.reason for one in world.chain()[1]] == [Dropped.DIGEST]
