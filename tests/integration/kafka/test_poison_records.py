"""What a stolen producer's right can put on a topic: nothing of it may stop a reader, or fill its memory."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer

from litopys.kafka.follower import Follower
from litopys.kafka.topics import blocks_topic, cosignatures_topic, create_topics, events_topic

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ROOT = Path(__file__).parents[3]
BOMB_BYTES = 8 << 20
MOST_HEADERS = 100_000
FLOOD_RECORDS, FLOOD_HEADERS = 300, 10_000
FLOOD_MB = 140
# Reads a topic to its end in a process of its own and says what most it has weighed.
READ_ALL = """
import asyncio, sys
from pathlib import Path
from litopys.kafka.address import KafkaAddress
from litopys.kafka.follower import Follower
async def main():
    place, count = (sys.argv[2], 0), int(sys.argv[3])
    async with Follower(KafkaAddress(sys.argv[1]), "weighed", {place: 0}) as follower:
        while follower.positions[place] < count:
            await follower.read(1)
asyncio.run(main())
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""


@pytest.fixture
async def topic(kafka, topics_prefix):
    name = f"{topics_prefix}.a"
    await create_topics(kafka, {name: 1})
    return name


async def write(kafka, topic: str, records, **settings) -> list:
    """Write records as a producer of its own settings does; returns what it was told of each, None for success."""
    told: list = []
    producer = Producer(
        {"bootstrap.servers": kafka.bootstrap, "message.timeout.ms": 30_000, "log_level": 0, **settings}
    )
    for record in records:
        producer.produce(topic, partition=0, on_delivery=lambda error, _message: told.append(error), **record)
    await asyncio.to_thread(producer.flush, 60)
    return told


async def read(kafka, topic: str, count: int) -> list:
    records: list = []
    async with asyncio.timeout(30), Follower(kafka, "test", {(topic, 0): 0}) as follower:
        while len(records) < count:
            records += await follower.read(1)
    return records


@pytest.mark.parametrize("codec", ["zstd", "gzip", "lz4", "snappy"])
async def test_a_bomb_is_refused_by_every_topic_before_it_reaches_a_reader(kafka, topics_prefix, codec):
    """A few kilobytes that unpack to 8 MiB: the broker unpacks them first, and weighs what readers would hold."""
    names = [events_topic(topics_prefix, "x"), blocks_topic(topics_prefix), cosignatures_topic(topics_prefix)]
    await create_topics(kafka, dict.fromkeys(names, 1))
    large = {"message.max.bytes": 10**9, "compression.type": codec}
    for name in names:
        (error,) = await write(kafka, name, [{"value": bytes(BOMB_BYTES)}], **large)
        assert "too large" in str(error)
        assert await write(kafka, name, [{"value": b"honest"}], **large) == [None]
        (record,) = await read(kafka, name, 1)
        assert (record.offset, record.value) == (0, b"honest"), "nothing of the bomb stands before it"


async def test_key_null_and_time_are_nothing_to_the_ledger(kafka, topic):
    far = 253_402_300_799_000  # the last second of the year 9999
    odd = [
        {"key": b"k", "value": None},
        {"key": b"", "value": b"1"},
        {"value": b"2", "timestamp": 1},
        {"value": b"3", "timestamp": far},
        {"value": b"4", "headers": [("signature", None)]},
        {"value": b"5", "headers": [("", b""), ("signature", b"line"), ("", None)]},
    ]
    assert await write(kafka, topic, odd) == [None] * len(odd)
    records = await read(kafka, topic, len(odd))
    assert [record.value for record in records] == [b"", b"1", b"2", b"3", b"4", b"5"]
    assert [record.signature for record in records] == [b""] * 5 + [b"line"]
    assert all(abs(record.timestamp_ms / 1_000 - time.time()) < 600 for record in records), "the time is the broker's"


async def test_an_open_transaction_hides_nothing(kafka, topic):
    hanging = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": topic, "log_level": 0})
    await asyncio.to_thread(hanging.init_transactions, 30)
    hanging.begin_transaction()
    hanging.produce(topic, b"0", partition=0)
    await asyncio.to_thread(hanging.flush, 30)
    assert await write(kafka, topic, [{"value": b"1"}]) == [None]
    assert [record.value for record in await read(kafka, topic, 2)] == [b"0", b"1"]


async def test_beyond_a_hundred_thousand_headers_a_record_has_none(kafka, topic):
    """The client's own limit is part of the format: whoever reads with another client must keep it."""
    line = ("signature", b"line")
    counts = [MOST_HEADERS, MOST_HEADERS + 1]
    records = [{"value": b"%d" % count, "headers": [("", None)] * (count - 1) + [line]} for count in counts]
    assert await write(kafka, topic, records) == [None, None]
    assert [record.signature for record in await read(kafka, topic, 2)] == [b"line", b""]


async def test_floods_of_headers_do_not_fill_a_readers_memory(kafka, topic):
    flood = [{"value": b"x", "headers": [("", None)] * FLOOD_HEADERS}] * FLOOD_RECORDS
    assert set(await write(kafka, topic, flood)) == {None}
    command = (sys.executable, "-c", READ_ALL, kafka.bootstrap, topic, str(FLOOD_RECORDS))
    pipe = asyncio.subprocess.PIPE
    reader = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=_environment(), stdout=pipe)
    said, _ = await reader.communicate()
    assert int(said) < FLOOD_MB, "of the headers of a few records at a time"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}"}
