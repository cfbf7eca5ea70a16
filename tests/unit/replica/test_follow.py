"""Windows of records, and a follower that pauses what is full unless the next block waits for it."""

import pytest

from litopys.kafka.records import RawRecord
from litopys.kafka.topics import blocks_topic, events_topic
from litopys.ledger.chain import genesis
from litopys.ledger.records import Record
from litopys.replica.follow import ChainFollower, RecordWindow, chain_positions
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio


def record(offset, value=b"v"):
    return Record("registers", 0, offset, b"s", value)


def window(first, end):
    filled = RecordWindow(first)
    for offset in range(first, end):
        filled.append(record(offset))
    return filled


class FakeFollower:
    """Hands out what the test has put into it, partition by partition, and honours pauses."""

    def __init__(self):
        self.waiting = []
        self.paused = set()

    async def read(self, _timeout_s):
        here = [raw for raw in self.waiting if (raw.topic, raw.partition) not in self.paused]
        self.waiting = [raw for raw in self.waiting if raw not in here]
        return here

    def pause(self, places):
        self.paused |= set(places)

    def resume(self, places):
        self.paused -= set(places)


class Scene:
    def __init__(self, **limits):
        self.simulated = Simulated(partitions=2)
        self.network = self.simulated.network()
        self.kafka = FakeFollower()
        self.follower = ChainFollower(network=self.network, follower=self.kafka, head=genesis(self.network), **limits)

    def put(self, record, trace=b""):
        topic = events_topic(self.network.topics, record.sector)
        place = (topic, record.partition, record.offset)
        self.kafka.waiting.append(RawRecord(*place, record.value, record.signature, record.offset, trace))

    def seal(self, records, offset=0, **changes):
        block = self.simulated.block(self.follower.head.height + 1, self.follower.head.hash, records)
        note = self.simulated.block_note(block._replace(**changes) if changes else block)
        self.kafka.waiting.append(RawRecord(blocks_topic(self.network.topics), 0, offset, note, b"", 0))
        return block


def events(partition, count, first=0, sector="registers"):
    return [Record(sector, partition, offset, b"line", b"value %d" % offset) for offset in range(first, first + count)]


def test_a_window_hands_out_what_it_has_and_nothing_less():
    filled = window(10, 15)
    assert (filled.first, filled.end, len(filled)) == (10, 15, 5)
    assert [one.offset for one in filled.take(11, 14)] == [11, 12, 13]
    assert filled.take(9, 12) is None
    assert filled.take(12, 16) is None


def test_a_window_forgets_and_goes_on():
    filled = window(0, 10)
    for end in (3, 4, 9):
        filled.drop_to(end)
        assert (filled.first, len(filled)) == (end, 10 - end)
        assert filled.size_bytes == 2 * (10 - end)
        assert filled.take(0, 1) is None
    filled.append(record(10))
    assert [one.offset for one in filled.take(9, 11)] == [9, 10]


async def test_a_block_comes_when_all_its_records_have():
    scene = Scene()
    first, second = events(0, 3), events(1, 2)
    block = scene.seal(first + second)
    for one in first:
        scene.put(one)
    assert await scene.follower.read(0) == 4
    assert scene.follower.take_block() is None
    assert scene.follower.pending_records == 3
    for one in second:
        scene.put(one)
    counted = await scene.follower.next_block()
    assert counted.block == block
    assert counted.records == first + second
    assert scene.follower.head.hash == block.hash
    assert scene.follower.pending_records == 0


async def test_records_beyond_the_block_stay_pending():
    scene = Scene()
    for one in events(0, 5):
        scene.put(one)
    scene.seal(events(0, 3))
    await scene.follower.next_block()
    pending = scene.follower.pending["registers", 0]
    assert (pending.first, pending.end, pending.arrived_at_ms) == (3, 5, 4)


@pytest.mark.parametrize("limits", [{"buffer_records": 40}, {"buffer_bytes": 40}])
async def test_a_full_partition_is_paused_until_there_is_room(limits):
    scene = Scene(**limits)
    for one in events(0, 12):
        scene.put(one)
    await scene.follower.read(0)
    place = (events_topic(scene.network.topics, "registers"), 0)
    assert scene.kafka.paused == {place}
    scene.seal(events(0, 12))
    await scene.follower.next_block()
    assert scene.kafka.paused == set()


async def test_a_paused_partition_goes_on_when_the_next_block_waits_for_it():
    scene = Scene(buffer_records=4)
    records = events(0, 30)
    for one in records[:10]:
        scene.put(one)
    await scene.follower.read(0)
    assert scene.kafka.paused
    scene.seal(records)
    for one in records[10:]:
        scene.put(one)
    counted = await scene.follower.next_block()
    assert counted.records == records


async def test_what_does_not_count_is_told_once():
    scene = Scene()
    scene.kafka.waiting.append(RawRecord(blocks_topic(scene.network.topics), 0, 0, b"poison", b"", 0))
    await scene.follower.read(0)
    assert scene.follower.take_block() is None
    assert [dropped.reason for dropped in scene.follower.take_dropped()] == ["malformed"]
    assert scene.follower.take_dropped() == []


def test_positions_begin_at_the_heads_ends():
    simulated = Simulated(partitions=2)
    network = simulated.network()
    head = genesis(network)
    at = chain_positions(network, head, blocks_offset=7)
    assert at[blocks_topic(network.topics), 0] == 7
    assert set(at.values()) == {0, 7}
    assert len(at) == 5


async def test_a_block_comes_with_the_traces_of_its_records_and_is_the_same_without():
    traced, plain = Scene(), Scene()
    for nth, one in enumerate(events(0, 4)):
        traced.put(one, b"trace %d" % nth if nth != 1 else b"")
        plain.put(one)
    for scene in (traced, plain):
        scene.seal(events(0, 3))
    counted = await traced.follower.next_block()
    assert traced.follower.traces == [b"trace 0", b"trace 2"]
    assert counted == await plain.follower.next_block()
    assert plain.follower.traces == []
    assert traced.follower.pending["registers", 0].traces == {3: b"trace 3"}


async def test_how_long_a_block_waited_is_known_when_it_is_handed_out():
    scene = Scene()
    scene.seal(events(0, 1))
    await scene.follower.read(0)
    assert scene.follower.take_block() is None
    scene.put(events(0, 1)[0])
    await scene.follower.next_block()
    assert scene.follower.waited_s > 0
    assert scene.follower._arrived == {}
