"""Reads the evidence: every topic from its first record to its last, every database in one snapshot."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import asyncpg
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from deploy.local.network import LocalNetwork
from tests.support.auditor.evidence import (
    Address,
    Block,
    Event,
    Evidence,
    Record,
    Rejected,
    SectorRows,
    Stream,
    ValidatorRows,
    Vote,
)

T = TypeVar("T")

KAFKA_TIMEOUT_S = 30.0
PAUSE_S = 0.2


@dataclass(frozen=True)
class Whereabouts:
    """Where the evidence is: the network's file, the brokers, and a DSN by name of validator and of sector."""

    network_file: bytes
    bootstrap: str
    validators: Mapping[str, str]
    sectors: Mapping[str, str]


def whereabouts_of(network: LocalNetwork) -> Whereabouts:
    """Where the evidence of a local network is."""
    return Whereabouts(
        network.layout.network_file.read_bytes(),
        network.kafka.bootstrap,
        {name: network.dsn(f"validator_{name}") for name in network.plan.validators},
        {name: network.dsn(f"sector_{name}") for name in network.ports.sectors},
    )


def read_at_rest(where: Whereabouts, timeout_s: float) -> Evidence:
    """Read everything, again and again until nothing is under way. Raises TimeoutError, saying what still is."""
    deadline = time.monotonic() + timeout_s
    while under_way := (found := read_evidence(where)).under_way():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not at rest after {timeout_s:.0f} s: {under_way}")
        time.sleep(PAUSE_S)
    return found


def read_evidence(where: Whereabouts) -> Evidence:
    """Read everything. First the databases: what they say must be on the topics, which only grow."""
    network = json.loads(where.network_file)
    validators, sectors = asyncio.run(_read_databases(where))
    prefix = network["topics"]
    names = {f"{prefix}.events.{sector['name']}": sector["name"] for sector in network["sectors"]}
    topics = _read_topics(where.bootstrap, [*names, f"{prefix}.blocks", f"{prefix}.cosignatures"])
    return Evidence(
        network_file=where.network_file,
        network=network,
        events={(names[topic], number): found for (topic, number), found in topics.items() if topic in names},
        blocks=topics[f"{prefix}.blocks", 0],
        cosignatures=topics[f"{prefix}.cosignatures", 0],
        validators=validators,
        sectors=sectors,
    )


def _read_topics(bootstrap: str, topics: list[str]) -> dict[tuple[str, int], list[Record]]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "auditor", "enable.auto.commit": False})
    try:
        listed = _patiently(lambda: consumer.list_topics(timeout=KAFKA_TIMEOUT_S).topics)
        places = [(topic, number) for topic in topics for number in listed[topic].partitions]
        ends = {place: _patiently(partial(_bounds, consumer, TopicPartition(*place))) for place in places}
        found: dict[tuple[str, int], list[Record]] = {place: [] for place in places}
        missing = {place for place, (first, end) in ends.items() if first < end}
        consumer.assign([TopicPartition(*place, ends[place][0]) for place in missing])
        deadline = time.monotonic() + KAFKA_TIMEOUT_S
        while missing:
            messages = consumer.consume(2_000, timeout=PAUSE_S)
            if not messages and time.monotonic() > deadline:
                raise TimeoutError(f"Kafka does not hand out {sorted(missing)}")
            for message in messages:
                if message.error():
                    continue
                place = (message.topic(), message.partition())
                if message.offset() != ends[place][0] + len(found[place]):
                    raise LookupError(f"a gap before {place} {message.offset()}")
                found[place].append(_record(message))
                if len(found[place]) == ends[place][1] - ends[place][0]:
                    missing.discard(place)
        return found
    finally:
        consumer.close()


def _bounds(consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
    return consumer.get_watermark_offsets(place, timeout=KAFKA_TIMEOUT_S)


def _patiently(ask: Callable[[], T]) -> T:
    """Ask again while a broker that has just come back leads nothing yet."""
    deadline = time.monotonic() + KAFKA_TIMEOUT_S
    while True:
        try:
            return ask()
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)


def _record(message: Message) -> Record:
    signatures = [value for name, value in message.headers() or () if name == "signature"]
    signature = (signatures[0] or b"") if len(signatures) == 1 else b""
    return Record(message.value() or b"", signature, message.timestamp()[1])


async def _read_databases(where: Whereabouts) -> tuple[dict[str, ValidatorRows], dict[str, SectorRows]]:
    validators = await asyncio.gather(*(_in_snapshot(dsn, _read_validator) for dsn in where.validators.values()))
    sectors = await asyncio.gather(*(_in_snapshot(dsn, _read_sector) for dsn in where.sectors.values()))
    return dict(zip(where.validators, validators, strict=True)), dict(zip(where.sectors, sectors, strict=True))


async def _in_snapshot(dsn: str, read: Any) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await read(connection)
    finally:
        await connection.close()


async def _read_validator(connection: asyncpg.Connection) -> ValidatorRows:
    rows = connection.fetch
    return ValidatorRows(
        blocks=[
            Block(*row)
            for row in await rows("select height, note, first_index, size, root, rejected from block order by height")
        ],
        entries=[row["body"] for row in await rows("select body from entry order by index")],
        streams=[
            Stream(*row) for row in await rows("select subject, version, last_index, state from stream order by 1")
        ],
        rejections=[
            Rejected(*row)
            for row in await rows(
                'select height, number, sector, partition, "offset", reason, signature, value'
                " from rejection order by height, number"
            )
        ],
        votes=[Vote(*row) for row in await rows("select size, root, line from vote order by size")],
        final={row["size"]: row["root"] for row in await rows("select size, root from final_checkpoint")},
    )


async def _read_sector(connection: asyncpg.Connection) -> SectorRows:
    rows = connection.fetch
    publications: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in await rows('select position, partition, "offset" from publication order by partition, "offset"'):
        publications[row["position"]].append((row["partition"], row["offset"]))
    waiting: set[Address] = set()
    for table in ("outbox", "signed"):
        waiting |= {(row["subject"], row["version"]) for row in await rows(f"select subject, version from {table}")}
    return SectorRows(
        events={
            (row["subject"], row["version"]): Event(row["position"], row["value"])
            for row in await rows("select subject, version, position, value from event")
        },
        rejected={
            (row["subject"], row["version"]): row["reason"]
            for row in await rows("select subject, version, reason from rejected_event")
        },
        waiting=waiting,
        publications=dict(publications),
        refused={
            (row["partition"], row["offset"]): row["reason"]
            for row in await rows('select partition, "offset", reason from rejection')
        },
        final_ranges=[
            tuple(row)
            for row in await rows("select partition, first_offset, end_offset, height, first_index from final_range")
        ],
        final_height=await connection.fetchval("select coalesce(max(height), -1) from final_block"),
    )
