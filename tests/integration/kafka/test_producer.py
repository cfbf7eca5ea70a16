"""Writing to a real Kafka: acknowledged means there, once, in order, whatever happens to the broker meanwhile."""

import asyncio
from collections import Counter

import pytest

from litopys.errors import Unavailable
from litopys.kafka import producer as module
from litopys.kafka.address import KafkaAddress
from litopys.kafka.faults import RecordTooLarge
from litopys.kafka.follower import Follower
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing, signed_headers
from litopys.kafka.topics import create_topics

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
async def topic(kafka, topics_prefix):
    name = f"{topics_prefix}.events.x"
    await create_topics(kafka, {name: 2})
    return name


def outgoing(topic, partition, value):
    return Outgoing(topic, partition, value, signed_headers(b"line"))


async def read_to_end(kafka, topic):
    async with Follower(kafka, "test", {(topic, 0): 0, (topic, 1): 0}) as follower:
        ends = {key: high for key, (_, high) in (await follower.watermarks()).items()}
        records = []
        while dict(follower.positions) != ends:
            records += await follower.read(0.5)
        return records


async def test_offsets_are_answered_in_the_order_of_the_records(kafka, topic):
    async with Publisher(kafka, "test") as publisher:
        assert await publisher.publish([]) == []
        assert await publisher.publish([outgoing(topic, n % 2, b"%d" % n) for n in range(6)]) == [0, 0, 1, 1, 2, 2]
        assert await publisher.publish([outgoing(topic, 1, b"next")]) == [3]


async def test_a_broker_killed_and_started_again_under_load_loses_and_doubles_nothing(kafka_server, kafka, topic):
    acknowledged, sent = [], 0

    async def load(publisher, is_over):
        nonlocal sent
        while not is_over.is_set():
            values = [b"%d" % (sent + n) for n in range(500)]
            sent += 500
            await publisher.publish([outgoing(topic, int(v) % 2, v) for v in values])
            acknowledged.extend(values)

    async with Publisher(kafka, "test") as publisher:
        is_over = asyncio.Event()
        writing = asyncio.create_task(load(publisher, is_over))
        for _ in range(2):
            seen = len(acknowledged)
            while len(acknowledged) < seen + 5_000:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(kafka_server.kill)
            await asyncio.to_thread(kafka_server.start)
        seen = len(acknowledged)
        while len(acknowledged) < seen + 5_000:
            await asyncio.sleep(0.01)
        is_over.set()
        await writing
    records = await read_to_end(kafka, topic)
    assert Counter(record.value for record in records) == Counter(acknowledged)
    for partition in (0, 1):
        numbers = [int(record.value) for record in records if record.partition == partition]
        assert numbers == sorted(numbers), "written out of order"


async def test_a_reader_rides_out_the_death_of_the_broker(kafka_server, kafka, topic):
    async with (
        Publisher(kafka, "test") as publisher,
        Follower(kafka, "test", {(topic, 0): 0, (topic, 1): 0}) as follower,
    ):
        await publisher.publish([outgoing(topic, 0, b"before")])
        records = []
        while not records:
            records += await follower.read(0.5)
        await asyncio.to_thread(kafka_server.kill)
        for _ in range(3):
            assert await follower.read(0.1) == []
        await asyncio.to_thread(kafka_server.start)
        await publisher.publish([outgoing(topic, 0, b"after")])
        while len(records) < 2:
            records += await follower.read(0.5)
    assert [record.value for record in records] == [b"before", b"after"]


async def test_a_record_too_large_is_refused_and_the_producer_goes_on(kafka, topic):
    async with Publisher(kafka, "test") as publisher:
        with pytest.raises(RecordTooLarge):
            await publisher.publish([outgoing(topic, 0, bytes(1_100_000))])
        assert await publisher.publish([outgoing(topic, 0, b"small")]) == [0]


async def test_a_full_queue_takes_nothing_of_the_list(kafka, topic, monkeypatch):
    monkeypatch.setattr(module, "MAX_QUEUED_RECORDS", 10)
    async with Publisher(kafka, "test") as publisher:
        with pytest.raises(Unavailable):
            await publisher.publish([outgoing(topic, 0, b"x")] * 11)
        assert await publisher.publish([outgoing(topic, 0, b"x")] * 10) == list(range(10))


async def test_who_waits_hears_that_the_publisher_was_closed():
    publisher = Publisher(KafkaAddress("127.0.0.1:1"), "test")
    waiting = asyncio.create_task(publisher.publish([outgoing("nowhere", 0, b"x")]))
    await asyncio.sleep(0)
    await publisher.close()
    with pytest.raises(Unavailable):
        await waiting


async def test_a_broken_producer_is_replaced(kafka, topic):
    async with Publisher(kafka, "test") as publisher:
        assert await publisher.publish([outgoing(topic, 0, b"a")]) == [0]
        publisher._line.is_broken = True
        assert await publisher.publish([outgoing(topic, 0, b"b")]) == [1]
