"""The local servers keep what they acknowledged, through a kill and through a restart."""

import asyncio
import secrets

import asyncpg
import pytest

from deploy.local.kafka import Kafka
from deploy.local.postgres import OwnPostgres, create_database, drop_database
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing
from litopys.kafka.topics import create_topics

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def execute(dsn, statement):
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


@pytest.fixture
def own_postgres(server_folder):
    """A server that may be killed without harm to other tests."""
    server = OwnPostgres(server_folder / secrets.token_hex(3))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_postgres_keeps_what_was_committed(own_postgres, end):
    dsn = await create_database(own_postgres, "kept")
    assert await create_database(own_postgres, "kept") == dsn
    await execute(dsn, "create table t as select 7 as n")
    getattr(own_postgres, end)()
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await execute(dsn, "select 1")
    await asyncio.to_thread(own_postgres.start)
    await asyncio.to_thread(own_postgres.start)
    assert [row["n"] for row in await execute(dsn, "select n from t")] == [7]


async def test_our_postgres_is_durable_and_checks_its_pages(own_postgres):
    for setting, value in {"fsync": "on", "synchronous_commit": "on", "data_checksums": "on"}.items():
        [row] = await execute(own_postgres.admin_dsn, f"show {setting}")
        assert row[0] == value


async def test_a_dropped_database_is_gone(own_postgres):
    dsn = await create_database(own_postgres, "gone")
    await drop_database(own_postgres, "gone")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await execute(dsn, "select 1")


@pytest.mark.timeout(300)
async def test_three_nodes_go_on_without_one(server_folder, topics_prefix):
    cluster = Kafka(server_folder / "three", nodes=3, heap_mb=256, brief=True)
    try:
        await asyncio.to_thread(cluster.start)
        topic = f"{topics_prefix}.a"
        await create_topics(cluster.address, {topic: 3}, replication=cluster.replication)
        async with Publisher(cluster.address, "test") as publisher:
            records = [Outgoing(topic, partition, b"x") for partition in range(3)]
            assert await publisher.publish(records) == [0, 0, 0]
            await asyncio.to_thread(cluster.kill, 1)
            assert await publisher.publish(records) == [1, 1, 1], "two of three are enough"
            await asyncio.to_thread(cluster.start_node, 1)
            await asyncio.to_thread(cluster.wait_ready)
            assert await publisher.publish(records) == [2, 2, 2]
    finally:
        await asyncio.to_thread(cluster.stop)
