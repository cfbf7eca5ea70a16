"""Reading on a real Kafka: from a position, in order, and loudly stopped by whatever integrity forbids."""

import asyncio
import time

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from litopys.errors import Unavailable
from litopys.kafka import follower as module
from litopys.kafka.address import KafkaAddress
from litopys.kafka.faults import OffsetGap, RecordsGone, RecordsLost
from litopys.kafka.follower import Follower
from litopys.kafka.identity import ClusterChanged, ClusterIdentity, read_identity
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing, signed_headers
from litopys.kafka.topics import create_topics

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
async def topic(kafka, topics_prefix):
    name = f"{topics_prefix}.events.x"
    await create_topics(kafka, {name: 2})
    return name


async def publish(kafka, topic, partition, values):
    async with Publisher(kafka, "test-writer") as publisher:
        return await publisher.publish([Outgoing(topic, partition, v, signed_headers(b"s" + v)) for v in values])


async def read_count(follower, count, timeout_s=30):
    """Read until `count` records are there, or fail."""
    records = []
    deadline = time.monotonic() + timeout_s
    while len(records) < count:
        assert time.monotonic() < deadline, f"{len(records)} of {count} records"
        records += await follower.read(0.5)
    return records


async def read_until_raised(follower, expected, timeout_s=30):
    """Read until `expected` is raised; answer what came before."""
    records = []
    deadline = time.monotonic() + timeout_s
    with pytest.raises(expected):
        while time.monotonic() < deadline:
            records += await follower.read(0.2)
    return records


async def make_again(kafka, topic):
    """Delete the topic and create it under the same name."""
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    before = (await read_identity(kafka, [topic])).topic_ids
    await asyncio.to_thread(admin.delete_topics([topic])[topic].result)
    while True:
        try:
            await create_topics(kafka, {topic: 2})
            if (await read_identity(kafka, [topic])).topic_ids != before:
                return
        except (ClusterChanged, Unavailable):
            continue


async def test_reads_values_and_signatures_in_order_from_a_position(kafka, topic):
    values = [b"%d" % n for n in range(3_000)]
    assert await publish(kafka, topic, 0, values) == list(range(3_000))
    async with Follower(kafka, "test", {(topic, 0): 1_234, (topic, 1): 0}) as follower:
        records = await read_count(follower, 3_000 - 1_234)
        assert [record.offset for record in records] == list(range(1_234, 3_000))
        assert [record.value for record in records] == values[1_234:]
        assert all(record.signature == b"s" + record.value and record.timestamp_ms > 0 for record in records)
        assert follower.positions == {(topic, 0): 3_000, (topic, 1): 0}
        assert await follower.watermarks() == {(topic, 0): (0, 3_000), (topic, 1): (0, 0)}


async def test_a_lone_record_is_handed_out_at_once(kafka, topic):
    async with Follower(kafka, "test", {(topic, 0): 0}) as follower:
        assert await follower.read(0.5) == []
        reading = asyncio.create_task(follower.read(20))
        await publish(kafka, topic, 0, [b"one"])
        start = time.monotonic()
        assert [record.value for record in await reading] == [b"one"]
        assert time.monotonic() - start < 5, "the reader waited for company"


async def test_what_a_cancelled_read_fetched_is_kept(kafka, topic):
    async with Follower(kafka, "test", {(topic, 0): 0}) as follower:
        await follower.read(0.5)
        reading = asyncio.create_task(follower.read(10))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await publish(kafka, topic, 0, [b"a", b"b"])
        assert [record.value for record in await read_count(follower, 2)] == [b"a", b"b"]


async def test_seek_forgets_what_was_fetched_and_goes_there(kafka, topic):
    await publish(kafka, topic, 0, [b"a", b"b", b"c"])
    async with Follower(kafka, "test", {(topic, 0): 2}) as follower:
        assert [record.value for record in await read_count(follower, 1)] == [b"c"]
        await follower.seek({(topic, 0): 1})
        assert [record.value for record in await read_count(follower, 2)] == [b"b", b"c"]


async def test_a_paused_partition_rests_and_goes_on_without_loss(kafka, topic):
    async with Follower(kafka, "test", {(topic, 0): 0, (topic, 1): 0}) as follower:
        await publish(kafka, topic, 0, [b"a"])
        await read_count(follower, 1)
        follower.pause([(topic, 0)])
        await publish(kafka, topic, 0, [b"b"])
        await publish(kafka, topic, 1, [b"other"])
        assert [record.value for record in await read_count(follower, 1)] == [b"other"]
        assert await follower.read(0.5) == []
        follower.resume([(topic, 0)])
        assert [record.value for record in await read_count(follower, 1)] == [b"b"]


async def test_a_gap_stops_the_reader_after_what_stands_before_it(kafka, topic):
    """A committed transaction leaves its marker at an offset: the only way to make a gap with a live broker."""
    await publish(kafka, topic, 0, [b"a", b"b"])
    writer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": topic})
    writer.init_transactions(20)
    writer.begin_transaction()
    writer.produce(topic, b"c", partition=0)
    writer.commit_transaction(20)
    await publish(kafka, topic, 0, [b"e"])
    async with Follower(kafka, "test", {(topic, 0): 0}) as follower:
        records = await read_until_raised(follower, OffsetGap)
        assert [record.offset for record in records] == [0, 1, 2]
        assert follower.positions == {(topic, 0): 3}


async def test_a_low_watermark_past_us_stops_the_reader(kafka, topic):
    await publish(kafka, topic, 0, [b"a", b"b", b"c"])
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    [deleted] = admin.delete_records([TopicPartition(topic, 0, 2)]).values()
    await asyncio.to_thread(deleted.result)
    async with Follower(kafka, "test", {(topic, 0): 1}) as follower:
        await read_until_raised(follower, RecordsGone)
    async with Follower(kafka, "test", {(topic, 0): 2}) as follower:
        assert [record.value for record in await read_count(follower, 1)] == [b"c"]


async def test_a_topic_that_ends_before_us_stops_the_reader(kafka, topic):
    await publish(kafka, topic, 0, [b"a"])
    async with Follower(kafka, "test", {(topic, 0): 2}) as follower:
        await read_until_raised(follower, RecordsLost)


async def test_a_topic_made_again_stops_the_reader(kafka, topic, monkeypatch):
    monkeypatch.setattr(module, "IDENTITY_EVERY_S", 0.2)
    await publish(kafka, topic, 0, [b"a", b"b"])
    async with Follower(kafka, "test", {(topic, 0): 0}) as follower:
        await read_count(follower, 2)
        await make_again(kafka, topic)
        await publish(kafka, topic, 0, [b"x", b"y", b"z"])
        assert await read_until_raised(follower, ClusterChanged) == [], "a record of the new topic was handed out"


async def test_a_pinned_topic_made_again_while_we_were_away_stops_the_reader(kafka, topic):
    pinned = await read_identity(kafka, [topic])
    await make_again(kafka, topic)
    await publish(kafka, topic, 0, [b"x"])
    async with Follower(kafka, "test", {(topic, 0): 0}, pinned=pinned) as follower:
        assert await read_until_raised(follower, ClusterChanged) == []


async def test_another_cluster_stops_the_reader(kafka, topic):
    found = await read_identity(kafka, [topic])
    other = ClusterIdentity("another", found.topic_ids)
    async with Follower(kafka, "test", {(topic, 0): 0}, pinned=other) as follower:
        await read_until_raised(follower, ClusterChanged)


async def test_a_kafka_that_never_answered_is_unavailable():
    async with Follower(KafkaAddress("127.0.0.1:1"), "test", {("t", 0): 0}) as follower:
        with pytest.raises(Unavailable):
            await follower.read(0.1)
