"""One Kafka and one Postgres a session, started when the first test asks; a fresh database and topics for each test."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from deploy.local.kafka import Kafka
from deploy.local.postgres import GivenPostgres, OwnPostgres, find_postgres
from litopys.kafka.address import KafkaAddress
from tests.support.databases import Databases
from tests.support.small_disk import SmallDisk, create_on_disk, drop_from_disk, mounted
from tests.support.spreading import Spreading, longest_first
from tests.support.warden import warden

# How long an example takes, or drawing it, tells of the machine's other work.
settings.register_profile("litopys", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("litopys")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Spreading:
    """Several workers share the tests as `tests.support.spreading` says."""
    return Spreading(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A worker collects in the order in which work is given out; without workers, files keep their order."""
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The services run on asyncio, and so do the tests."""
    return "asyncio"


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A short path (sockets need one), gone with the session and with it whatever still runs there."""
    folder = Path(tempfile.mkdtemp(prefix="litopys-"))
    folder.chmod(0o755)
    with warden(folder):
        yield folder


@pytest.fixture(scope="session")
def kafka_server(server_folder: Path) -> Iterator[Kafka]:
    """The session's Kafka. Who kills it starts it again before the test ends."""
    server = Kafka(server_folder / "kafka", brief=True)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def kafka(kafka_server: Kafka) -> KafkaAddress:
    """A Kafka that answers."""
    return kafka_server.address


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[GivenPostgres | OwnPostgres]:
    """The session's Postgres, with fsync unless LITOPYS_TEST_FSYNC says off."""
    durable = os.environ.get("LITOPYS_TEST_FSYNC", "on") != "off"
    server = find_postgres(server_folder / "postgres", durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def spare_databases(postgres_server: GivenPostgres | OwnPostgres) -> Iterator[Databases]:
    """Empty databases, to be lent and taken back."""
    lent = Databases(postgres_server)
    yield lent
    asyncio.run(lent.close())


@pytest.fixture
def database(spare_databases: Databases) -> Iterator[str]:
    """The DSN of an empty database of this test's own."""
    dsn = asyncio.run(spare_databases.lend())
    yield dsn
    asyncio.run(spare_databases.take_back(dsn))


@pytest.fixture
def small_disk(postgres_server: GivenPostgres | OwnPostgres, server_folder: Path) -> Iterator[SmallDisk]:
    """A database on a disk of its own; its journal is not there: a server that cannot write that ends and starts anew.

    Where nothing may be mounted, the same refusals are tried by tests that let the server make them.
    """
    if not isinstance(postgres_server, OwnPostgres):
        pytest.skip("needs a server on this machine")
    name = f"small_{secrets.token_hex(6)}"
    with mounted(server_folder / name) as folder:
        dsn = asyncio.run(create_on_disk(postgres_server, name, folder))
        disk = SmallDisk(folder, dsn)
        yield disk
        disk.free()  # a database on a full disk cannot be dropped
        asyncio.run(drop_from_disk(postgres_server, name))


@pytest.fixture
def topics_prefix() -> str:
    """A prefix for topic names that no other test uses."""
    return f"test-{secrets.token_hex(4)}"
