"""Migrations on a real server: once, together, and never over an edited file."""

import asyncio
import sys

import pytest

from litopys.postgres.migrations import MigrationDrift, migrate
from litopys.postgres.pool import connect, open_pool, transaction

pytestmark = pytest.mark.anyio


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "some_migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "001_first.sql").write_text("create table first (x int); insert into first values (1);")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sys.modules.pop("some_migrations", None)


async def test_applies_each_file_once(database, package):
    connection = await connect(database)
    assert await migrate(connection, "some_migrations", "some") == ["001_first.sql"]
    assert await migrate(connection, "some_migrations", "some") == []
    (package / "002_second.sql").write_text("insert into first values (2)")
    assert await migrate(connection, "some_migrations", "some") == ["002_second.sql"]
    assert await connection.fetchval("select sum(x) from first") == 3
    await connection.close()


async def test_many_processes_at_once_apply_it_once(database, package):
    connections = [await connect(database) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(one, "some_migrations", "some") for one in connections))
    assert sorted(len(files) for files in applied) == [0, 0, 0, 1]
    for one in connections:
        await one.close()


async def test_an_edited_or_missing_file_stops(database, package):
    connection = await connect(database)
    await migrate(connection, "some_migrations", "some")
    (package / "001_first.sql").write_text("create table other (x int)")
    with pytest.raises(MigrationDrift, match="001_first"):
        await migrate(connection, "some_migrations", "some")
    (package / "001_first.sql").unlink()
    with pytest.raises(MigrationDrift, match="knows 0"):
        await migrate(connection, "some_migrations", "some")
    await connection.close()


async def test_a_wrong_file_leaves_nothing(database, package):
    connection = await connect(database)
    (package / "002_second.sql").write_text("create table second (x int); select nonsense")
    with pytest.raises(Exception, match="nonsense"):
        await migrate(connection, "some_migrations", "some")
    assert await connection.fetchval("select to_regclass('second')") is None
    assert await connection.fetchval("select count(*) from schema_migration") == 1
    await connection.close()


async def insert_and_fail(pool):
    async with transaction(pool) as connection:
        await connection.execute("insert into kept values (1)")
        raise KeyError("ours")


async def test_transaction_rolls_back_on_an_error(database):
    pool = await open_pool(database)
    async with transaction(pool) as connection:
        await connection.execute("create table kept (x int)")
    with pytest.raises(KeyError, match="ours"):
        await insert_and_fail(pool)
    assert await pool.fetchval("select count(*) from kept") == 0
    assert await pool.fetchval("show synchronous_commit") == "on"
    await pool.close()
