"""Where a sealer without memory begins."""

import pytest

from litopys.kafka.topics import blocks_topic
from litopys.ledger.chain import genesis
from services.sealer import anchor as room
from services.sealer.anchor import AnchorLost, beginning, find_anchor
from tests.support.sealing import World

pytestmark = pytest.mark.anyio


class Topic:
    """The blocks topic as a list."""

    def __init__(self, values):
        self._values = values
        self.read = 0

    async def end(self):
        return len(self._values)

    async def values(self, first, end):
        self.read += end - first
        return self._values[first:end]


class Chained:
    """A world with a chain of blocks on its topic, made without a sealer."""

    def __init__(self, heights: int, *, busy: int = 0):
        self.world = World()
        self.blocks = []
        previous, simulated = self.world.network.digest, self.world.simulated
        for height in range(heights):
            partition = 1 if height == busy else 0
            self.world.publish(1, partition=partition)
            log = self.world.topics.logs[f"{self.world.network.topics}.events.registers", partition]
            record = simulated.record(b"", partition=partition, offset=len(log) - 1)
            record = record._replace(signature=b"s", value=b"xx")
            block = simulated.block(height, previous, [record])
            previous = block.hash
            self.blocks.append(block)

    def note(self, height: int, sealer: str = "a") -> bytes:
        return self.world.simulated.block_note(self.blocks[height], sealer)

    async def find(self, height: int, notes, *, used=(("registers", 0), ("registers", 1))):
        topic = Topic(notes)
        found = await find_anchor(self.blocks[height], topic, network=self.world.network, used=used)
        return found, topic


async def test_the_head_is_the_final_block_with_every_partition_end():
    chained = Chained(40, busy=3)
    found, _ = await chained.find(30, [chained.note(height) for height in range(40)])
    assert found.blocks_offset == 31
    assert (found.head.height, found.head.hash) == (30, chained.blocks[30].hash)
    assert found.head.ends == {("registers", 0): 30, ("registers", 1): 1}


async def test_only_as_much_is_read_as_is_needed(monkeypatch):
    monkeypatch.setattr(room, "CHUNK_RECORDS", 8)
    chained = Chained(200, busy=190)
    notes = [chained.note(height) for height in range(200)]
    found, topic = await chained.find(198, notes)
    assert found.head.ends == {("registers", 0): 198, ("registers", 1): 1}
    assert topic.read <= 32
    _, topic = await chained.find(180, notes, used=[("registers", 0)])
    assert topic.read <= 56, "a partition without records is not looked for"


async def test_a_partition_last_sealed_long_ago_is_walked_back_to(monkeypatch):
    monkeypatch.setattr(room, "CHUNK_RECORDS", 8)
    chained = Chained(100, busy=2)
    found, _ = await chained.find(99, [chained.note(height) for height in range(100)])
    assert found.head.ends["registers", 1] == 1


async def test_of_copies_the_first_is_where_it_counted():
    """Two sealers that lead at once publish the very same block; the one after it may stand between the copies."""
    chained = Chained(30)
    notes = [chained.note(height) for height in range(30)]
    doubled = [*notes[:26], chained.note(25, "b"), notes[26], chained.note(25, "b"), *notes[27:]]
    found, _ = await chained.find(25, doubled)
    assert found.blocks_offset == 26, "what follows the first copy must still be read"


async def test_noise_between_blocks_is_passed_over():
    chained = Chained(20)
    notes = [note for height in range(20) for note in (chained.note(height), b"", b"noise\n\xff")]
    found, _ = await chained.find(19, notes)
    assert found.blocks_offset == 58


async def test_a_copy_that_no_sealer_signed_is_not_the_block():
    chained = Chained(20)
    unsigned = chained.note(19).replace(b"sealer/a", b"sealer/x")
    found, _ = await chained.find(19, [*(chained.note(height) for height in range(19)), unsigned, chained.note(19)])
    assert found.blocks_offset == 21, "after the copy that is signed"


@pytest.mark.parametrize("missing", [range(5), range(19, 20), range(10, 11)])
async def test_another_topic_is_no_anchor(missing):
    chained = Chained(20, busy=1)
    notes = [chained.note(height) for height in range(20) if height not in missing]
    with pytest.raises(AnchorLost):
        await chained.find(19, notes)


def test_the_beginning_is_genesis():
    network = World().network
    assert beginning(network) == (genesis(network), 0)
    assert blocks_topic(network.topics)
