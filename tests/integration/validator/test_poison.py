"""Poison on every topic at once, as whoever has stolen a producer's right would put it there: all of it passed over."""

import asyncio
import secrets

import pytest
from confluent_kafka import Producer

from litopys.kafka.topics import blocks_topic, cosignatures_topic, events_topic
from litopys.ledger.records import Record
from tests.support.live_network import own_votes

pytestmark = pytest.mark.anyio

OTHERS = ("odesa", "dnipro", "log")


def poison(good: bytes) -> list[dict]:
    """Keys, values and headers of records that nobody may stumble over; `good` is what would be right there."""
    return [
        {"key": b"tombstone", "value": None},
        {"key": secrets.token_bytes(1_000), "value": b""},
        {"value": secrets.token_bytes(1_000_000)},
        {"value": b"\n" * 1_000_000},
        {"value": good[: len(good) // 2]},
        {"value": good + b"\n"},
        {"value": good[:-9] + bytes([good[-9] ^ 1]) + good[-8:]},
        {"value": b"x", "headers": [("a", b"")] * 5_000, "timestamp": 1},
    ]


async def put_all(kafka: str, topic: str, records: list[dict]) -> None:
    told: list = []
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "message.max.bytes": 1_048_576, "log_level": 0})
    for record in records:
        producer.produce(topic, partition=0, on_delivery=lambda error, _message: told.append(error), **record)
    await asyncio.to_thread(producer.flush, 60)
    assert told == [None] * len(records)


async def test_poison_on_every_topic_is_passed_over(live, kyiv, kafka):
    prefix = live.network.topics
    await live.publish("thing:0")
    first = live.next_block()
    await live.seal()
    vote = live.simulated.vote(await kyiv.finalise(height=0, names=OTHERS), "odesa")
    await kyiv.final(height=0)

    odd = poison(live.simulated.event("thing:9"))
    begun = sum(part.end for part in first.ranges if part.partition == 0)
    await put_all(kafka, events_topic(prefix, "registers"), odd)
    await put_all(kafka, blocks_topic(prefix), poison(live.simulated.block_note(first)))
    await put_all(kafka, cosignatures_topic(prefix), [*poison(vote), {"value": vote}, {"value": vote}])
    live.unsealed += [Record("registers", 0, begun + n, b"", one["value"] or b"") for n, one in enumerate(odd)]
    await live.publish("thing:0", 2)
    await live.seal()
    assert len(await kyiv.rejected(1)) == len(odd)
    await kyiv.finalise(height=1, names=OTHERS)
    await kyiv.final(height=1)
    assert [height for _, height in await own_votes(kyiv.pool)] == [0, 1]
    assert await kyiv.pool.fetchval("select count(*) from cosignature where validator = 'odesa'") == 2
    assert await kyiv.pool.fetchval("select count(*) from evidence") == 0, "nobody is accused of what others wrote"
    assert kyiv.standing.halted is None
