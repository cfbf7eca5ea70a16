"""Header names that are not text: librdkafka writes them, its Python client chokes on them, our readers must not."""

import asyncio
import ctypes
from pathlib import Path

import confluent_kafka
import pytest

from litopys.kafka.follower import Follower
from litopys.kafka.topics import create_topics

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


class Memory(ctypes.Structure):
    _fields_ = (("address", ctypes.c_void_p), ("size", ctypes.c_size_t))


class Value(ctypes.Union):
    _fields_ = (
        ("text", ctypes.c_char_p),
        ("number", ctypes.c_int32),
        ("memory", Memory),
        ("pointer", ctypes.c_void_p),
        ("padding", ctypes.c_char * 64),
    )


class Argument(ctypes.Structure):
    """rd_kafka_vu_t of librdkafka's rdkafka.h."""

    _fields_ = (("kind", ctypes.c_int), ("value", Value))


TOPIC, PARTITION, VALUE, HEADERS = 1, 3, 4, 10
HARMLESS = 40


class RawProducer:
    """The few calls of librdkafka that write a record with any bytes as a header's name."""

    def __init__(self, bootstrap):
        libraries = Path(confluent_kafka.__file__).parent.with_name("confluent_kafka.libs")
        found = sorted(libraries.glob("librdkafka*"))
        if not found:
            pytest.skip("this build of confluent-kafka hides its librdkafka")
        self.library = ctypes.CDLL(str(found[0]))
        for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_headers_new", "rd_kafka_produceva"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.library.rd_kafka_header_add.argtypes = [
            *(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ssize_t, ctypes.c_char_p, ctypes.c_ssize_t)
        ]
        settings = ctypes.c_void_p(self.library.rd_kafka_conf_new())
        error = ctypes.create_string_buffer(512)
        self.library.rd_kafka_conf_set(settings, b"bootstrap.servers", bootstrap.encode(), error, 512)
        self.handle = ctypes.c_void_p(self.library.rd_kafka_new(0, settings, error, 512))

    def produce(self, topic, value, headers):
        held = ctypes.create_string_buffer(value)
        made = self.library.rd_kafka_headers_new(len(headers))
        for name, content in headers:
            self.library.rd_kafka_header_add(made, name, len(name), content, len(content))
        arguments = (Argument * 4)()
        arguments[0].kind, arguments[0].value.text = TOPIC, topic.encode()
        arguments[1].kind, arguments[1].value.number = PARTITION, 0
        arguments[2].kind, arguments[2].value.memory = VALUE, Memory(ctypes.addressof(held), len(value))
        arguments[3].kind, arguments[3].value.pointer = HEADERS, made
        assert not self.library.rd_kafka_produceva(self.handle, arguments, ctypes.c_size_t(4))
        self.library.rd_kafka_flush(self.handle, 10_000)

    def close(self):
        self.library.rd_kafka_destroy(self.handle)


async def test_a_header_name_that_is_not_text_stops_no_reader(kafka, topics_prefix):
    topic = f"{topics_prefix}.a"
    await create_topics(kafka, {topic: 1})
    poisoner = RawProducer(kafka.bootstrap)
    # Python specialises a call after a few rounds, and what it no longer checks then must not end the process.
    for _ in range(HARMLESS):
        poisoner.produce(topic, b"harmless", [(b"signature", b"line")])
    poisoner.produce(topic, b"0", [(b"\xff\xfe", b"x"), (b"signature", b"line")])
    poisoner.produce(topic, b"1", [(b"signature", b"line"), (b"\xc3", b"x"), (b"\xff", b"y")])
    poisoner.produce(topic, b"2", [(b"signature\xff", b"line")])
    poisoner.produce(topic, b"3", [(b"\xff", b"x"), (b"signature", b"line"), (b"signature", b"line")])
    poisoner.produce(topic, b"4", [(b"signature", b"line")])
    await asyncio.to_thread(poisoner.close)
    records = []
    async with Follower(kafka, "test", {(topic, 0): 0}) as follower:
        while len(records) < HARMLESS + 5:
            records += await follower.read(5)
    del records[:HARMLESS]
    assert [record.value for record in records] == [b"0", b"1", b"2", b"3", b"4"]
    assert [record.signature for record in records] == [b"line", b"line", b"", b"", b"line"]
