"""Topics on a real Kafka: how they are set, and what that keeps out."""

import asyncio
import subprocess
import sys

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from litopys.errors import Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.follower import Follower
from litopys.kafka.identity import ClusterChanged, read_identity
from litopys.kafka.topics import TopicRefused, blocks_topic, cosignatures_topic, create_topics, events_topic
from tests.support.fenced_broker import Broker

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


def test_names():
    assert events_topic("litopys", "energy") == "litopys.events.energy"
    assert blocks_topic("litopys") == "litopys.blocks"
    assert cosignatures_topic("litopys") == "litopys.cosignatures"


async def test_creating_twice_creates_once(kafka, topics_prefix):
    topics = {f"{topics_prefix}.a": 1, f"{topics_prefix}.b": 8}
    assert await create_topics(kafka, topics) == list(topics)
    assert await create_topics(kafka, topics) == []


async def test_creating_at_the_same_time_creates_once(kafka, topics_prefix):
    topics = {f"{topics_prefix}.a": 1}
    await asyncio.gather(*(create_topics(kafka, topics) for _ in range(4)))
    assert await create_topics(kafka, topics) == []


async def test_other_partitions_are_refused(kafka, topics_prefix):
    await create_topics(kafka, {f"{topics_prefix}.a": 2})
    with pytest.raises(TopicRefused, match="2 partitions"):
        await create_topics(kafka, {f"{topics_prefix}.a": 3})


async def test_other_settings_are_refused(kafka, topics_prefix):
    name = f"{topics_prefix}.a"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    await asyncio.to_thread(admin.create_topics([NewTopic(name, 1, 1)])[name].result)
    with pytest.raises(TopicRefused, match="compression"):
        await create_topics(kafka, {name: 1})


# In a process of its own: librdkafka's assertions abort whoever asks.
ASK = """
import sys
from confluent_kafka.admin import AdminClient
from litopys.errors import Unavailable
from litopys.kafka.identity import ask_identity
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
print(len(admin.list_topics(timeout=10).brokers), flush=True)
sys.stdin.readline()
try:
    ask_identity(admin, ["t"])
except Unavailable:
    print("unavailable", flush=True)
"""


def test_a_broker_that_was_just_fenced_ends_nobody():
    command = (sys.executable, "-c", ASK)
    with (
        Broker.serve() as broker,
        subprocess.Popen(
            (*command, broker.bootstrap), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as asking,
    ):
        assert asking.stdout.readline() == "1\n"
        broker.is_fenced.set()
        told, _ = asking.communicate("go on\n", timeout=60)
    assert (asking.returncode, told) == (0, "unavailable\n")


async def test_a_missing_topic_and_a_missing_kafka_are_told_apart(kafka, topics_prefix):
    with pytest.raises(ClusterChanged):
        await read_identity(kafka, [f"{topics_prefix}.never"])
    with pytest.raises(Unavailable):
        await read_identity(KafkaAddress("127.0.0.1:1"), [f"{topics_prefix}.never"])


@pytest.mark.parametrize(
    ("codec", "size", "codes"),
    [
        ("zstd", 2_000_000, {KafkaError.MSG_SIZE_TOO_LARGE}),
        ("gzip", 20_000_000, {KafkaError.MSG_SIZE_TOO_LARGE}),
        # A broker with half a gigabyte of heap runs out of it while it unpacks this, refuses it for that, and lives.
        ("zstd", 150_000_000, {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.UNKNOWN}),
    ],
)
async def test_a_decompression_bomb_is_kept_out_and_harms_no_reader(kafka, topics_prefix, codec, size, codes):
    """5 KB that unpack to 150 MB: on a topic that kept them packed they would stop every reader for good."""
    name = f"{topics_prefix}.a"
    await create_topics(kafka, {name: 1})
    settings = {"bootstrap.servers": kafka.bootstrap, "message.max.bytes": 1_000_000_000, "compression.type": codec}
    bomber, outcome = Producer(settings), []
    bomber.produce(name, bytes(size), on_delivery=lambda error, _: outcome.append(error))
    await asyncio.to_thread(bomber.flush, 60)
    assert outcome[0].code() in codes
    bomber.produce(name, b"a" * 900_000, on_delivery=lambda error, _: outcome.append(error))
    await asyncio.to_thread(bomber.flush, 60)
    assert outcome[1] is None, "what is within the limit is taken, unpacked"
    async with Follower(kafka, "test", {(name, 0): 0}) as follower:
        records = await follower.read(20)
    assert [len(record.value) for record in records] == [900_000]


async def test_a_record_that_is_too_large_on_its_own_is_kept_out(kafka, topics_prefix):
    name = f"{topics_prefix}.a"
    await create_topics(kafka, {name: 1})
    with pytest.raises(KafkaException):
        Producer({"bootstrap.servers": kafka.bootstrap}).produce(name, bytes(2_000_000))
