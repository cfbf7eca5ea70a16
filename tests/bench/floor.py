"""What Kafka and Postgres alone cost on this machine: the floor under every figure of the ledger.

One producer sends records of a typical event's size with a typical signature header. One reader follows (as a
sealer does) and several readers follow and COPY each record into a table of their own database (as validators do),
with the indexes a store cannot do without. Nothing is signed, hashed into a tree, checked or voted on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import time
from dataclasses import asdict, dataclass
from multiprocessing.queues import SimpleQueue
from urllib.parse import urlsplit

import asyncpg
import uvloop
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

TABLE = """CREATE TABLE entry (
    index bigint PRIMARY KEY, hash bytea NOT NULL UNIQUE, body bytea NOT NULL,
    subject text NOT NULL, version int NOT NULL
)"""
COLUMNS = ["index", "hash", "body", "subject", "version"]
Row = tuple[int, bytes, bytes, str, int]


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent and who reads it; sizes in bytes."""

    events: int = 200_000
    value_size: int = 700
    header_size: int = 390
    partitions: int = 8
    readers_storing: int = 4
    batch: int = 2_000


@dataclass(frozen=True, slots=True)
class Floor:
    """Rates in records a second; CPU of the slowest reader in microseconds a record."""

    produced_per_s: int
    floor_per_s: int
    reader_cpu_us: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reader ``number`` reads from and, if it stores, what it stores into."""

    bootstrap: str
    topic: str
    number: int
    dsn: str | None


def measure_floor(*, bootstrap: str, postgres: str, load: Load) -> Floor:
    """Run the load once and return the rates. Makes and removes its own topic and databases."""
    asyncio.run(_make_databases(postgres, load.readers_storing))
    topic = f"floor.{time.time_ns()}"
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, load.partitions, 1)])[topic].result()
    try:
        return _run(bootstrap, postgres, topic, load)
    finally:
        admin.delete_topics([topic])[topic].result()
        asyncio.run(_drop_databases(postgres, load.readers_storing))


def _run(bootstrap: str, postgres: str, topic: str, load: Load) -> Floor:
    context = multiprocessing.get_context("spawn")
    reports: SimpleQueue[tuple[float, float] | None] = context.SimpleQueue()
    places = [
        Place(bootstrap, topic, n, _database(postgres, n) if n < load.readers_storing else None)
        for n in range(load.readers_storing + 1)
    ]
    readers = [context.Process(target=_read, args=(place, load, reports)) for place in places]
    for reader in readers:
        reader.start()
    for _ in readers:
        reports.get()
    started = time.time()
    _produce(bootstrap, topic, load)
    produced = time.time()
    ends = [report for _ in readers if (report := reports.get()) is not None]
    for reader in readers:
        reader.join()
    return Floor(
        produced_per_s=round(load.events / (produced - started)),
        floor_per_s=round(load.events / (max(end for end, _ in ends) - started)),
        reader_cpu_us=round(1e6 * max(cpu for _, cpu in ends) / load.events, 1),
    )


def _produce(bootstrap: str, topic: str, load: Load) -> None:
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 5,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    value = os.urandom(load.value_size // 2).hex().encode()
    headers: list[tuple[str, str | bytes | None]] = [
        ("signature", os.urandom(load.header_size // 2).hex().encode()),
        ("content-type", b"application/cloudevents+json"),
    ]
    for number in range(load.events):
        while True:
            try:
                producer.produce(topic, value, partition=number % load.partitions, headers=headers)
                break
            except BufferError:
                producer.poll(0.05)
        if number % 1_000 == 0:
            producer.poll(0)
    producer.flush()


def _read(place: Place, load: Load, reports: SimpleQueue[tuple[float, float] | None]) -> None:
    uvloop.run(_follow(place, load, reports))


async def _follow(place: Place, load: Load, reports: SimpleQueue[tuple[float, float] | None]) -> None:
    connection = await asyncpg.connect(place.dsn) if place.dsn else None
    consumer = Consumer(
        {
            "bootstrap.servers": place.bootstrap,
            "group.id": f"{place.topic}.{place.number}",
            "enable.auto.commit": False,
            "queued.min.messages": 20_000,
        }
    )
    consumer.assign([TopicPartition(place.topic, partition, 0) for partition in range(load.partitions)])
    reports.put(None)
    count = 0
    while count < load.events:
        messages = consumer.consume(load.batch, 0.2)
        bodies = [(message.value() or b"") + _signature(message.headers()) for message in messages]
        if connection and bodies:
            rows: list[Row] = [
                (n, n.to_bytes(32, "big"), body, f"land_parcel:{n % 10_000}", n // 10_000)
                for n, body in enumerate(bodies, start=count)
            ]
            await connection.copy_records_to_table("entry", records=rows, columns=COLUMNS)
        count += len(bodies)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    reports.put((time.time(), usage.ru_utime + usage.ru_stime))
    consumer.close()
    if connection:
        await connection.close()


def _signature(headers: object) -> bytes:
    match headers:
        case [(_, bytes(signature)), *_]:
            return signature
        case _:
            message = "a record of the floor came back without its header"
            raise ValueError(message)


def _database(postgres: str, number: int) -> str:
    return urlsplit(postgres)._replace(path=f"/floor_{number}").geturl()


async def _make_databases(postgres: str, count: int) -> None:
    await _drop_databases(postgres, count)
    connection = await asyncpg.connect(postgres)
    for number in range(count):
        await connection.execute(f"CREATE DATABASE floor_{number}")
        store = await asyncpg.connect(_database(postgres, number))
        await store.execute(TABLE)
        await store.close()
    await connection.close()


async def _drop_databases(postgres: str, count: int) -> None:
    connection = await asyncpg.connect(postgres)
    for number in range(count):
        await connection.execute(f"DROP DATABASE IF EXISTS floor_{number}")
    await connection.close()


def main() -> None:
    """Measure the floor of a given Kafka and Postgres and print one JSON line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--postgres", required=True, help="DSN of a database that may create others")
    parser.add_argument("--events", type=int, default=Load().events)
    arguments = parser.parse_args()
    load = Load(events=arguments.events)
    floor = measure_floor(bootstrap=arguments.bootstrap, postgres=arguments.postgres, load=load)
    print(json.dumps(asdict(load) | asdict(floor)))


if __name__ == "__main__":
    main()
