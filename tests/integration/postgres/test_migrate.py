"""Migrations on a real server: once, together, and never over an edited file."""

import asyncio
import sys

import pytest

from litopys.errors import Conflict
from litopys.postgres import migrations
from litopys.postgres.migrations import MigrationDrift, SchemaAhead, SchemaBehind, check_schema, migrate
from litopys.postgres.pool import connect, open_pool, transaction
from tests.support.databases import tampering
from tests.support.waiting import until

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
    with pytest.raises(SchemaAhead, match="knows 0"):
        await migrate(connection, "some_migrations", "some")
    await connection.close()


async def test_a_process_is_told_which_command_to_run(database, package):
    connection = await connect(database)
    with pytest.raises(SchemaBehind, match=r"lacks 001_first.sql: run `litopys migrate some` as its owner"):
        await check_schema(connection, "some_migrations", "some")
    await migrate(connection, "some_migrations", "some")
    await check_schema(connection, "some_migrations", "some")
    (package / "002_from_001_second.sql").write_text("create table second (x int)")
    with pytest.raises(SchemaBehind, match=r"lacks 002_from_001_second.sql"):
        await check_schema(connection, "some_migrations", "some")
    assert await connection.fetchval("select to_regclass('second')") is None, "a check changes nothing"
    await connection.close()


async def test_a_build_runs_on_newer_layouts_that_say_so_and_on_no_others(database, package):
    connection = await connect(database)
    newer = {name: package / name for name in ("002_from_001_second.sql", "003_third.sql")}

    async def migrated_by_a_newer_build(name: str) -> None:
        newer[name].write_text("select 1")
        await migrate(connection, "some_migrations", "some")

    await migrated_by_a_newer_build("002_from_001_second.sql")
    newer["002_from_001_second.sql"].unlink()
    await check_schema(connection, "some_migrations", "some")
    assert await migrate(connection, "some_migrations", "some") == []
    newer["002_from_001_second.sql"].write_text("select 1")
    await migrated_by_a_newer_build("003_third.sql")
    for file in newer.values():
        file.unlink()
    for refused in (check_schema, migrate):
        with pytest.raises(
            SchemaAhead, match=r"003_third.sql, beside which builds run that know 3 .*; this one knows 1"
        ):
            await refused(connection, "some_migrations", "some")
    await connection.close()


async def test_a_migration_waits_for_a_table_without_holding_up_whoever_comes_after(database, package, monkeypatch):
    monkeypatch.setattr(migrations, "_LOCK_TIMEOUT", "set local lock_timeout = '50ms'")
    monkeypatch.setattr(migrations, "_PAUSE_S", 0.05)
    connection, reader, another = [await connect(database) for _ in range(3)]
    await migrate(connection, "some_migrations", "some")
    (package / "002_from_001_second.sql").write_text("alter table first add column y int")
    reading = reader.transaction()
    await reading.start()
    await reader.fetch("select x from first")
    migrating = asyncio.create_task(migrate(connection, "some_migrations", "some"))
    for _ in range(20):  # reads go on, although a migration waits for who began before
        await asyncio.wait_for(another.fetch("select x from first"), 5)
    assert not migrating.done()
    await reading.rollback()
    assert await migrating == ["002_from_001_second.sql"]
    monkeypatch.setattr(migrations, "_TRIES", 2)
    (package / "003_third.sql").write_text("alter table first add column z int")
    reading = reader.transaction()
    await reading.start()
    await reader.fetch("select x from first")
    with pytest.raises(Conflict, match=r"003_third.sql found no moment"):
        await migrate(connection, "some_migrations", "some")
    for one in (connection, reader, another):
        await one.close()


async def test_a_migration_gives_way_to_who_waits_for_its_tables_and_tries_again(database, package, monkeypatch):
    monkeypatch.setattr(migrations, "_PAUSE_S", 0.05)
    connection, onlooker = await connect(database), await connect(database)
    await connection.execute("create table second (x int)")
    await migrate(connection, "some_migrations", "some")
    (package / "002_from_001_both.sql").write_text("alter table first add y int; alter table second add y int")
    async with tampering(database) as worker:
        await worker.execute("set deadlock_timeout = '20s'")  # or the server might choose the worker
        async with worker.transaction():
            await worker.execute("insert into second values (1)")
            migrating = asyncio.create_task(migrate(connection, "some_migrations", "some"))
            await until(lambda: onlooker.fetchval("select exists (select from pg_locks where not granted)"))
            await worker.execute("insert into first values (2)")
    assert await migrating == ["002_from_001_both.sql"]
    assert await connection.fetchval("select count(y is null) from first") == 2
    for one in (connection, onlooker):
        await one.close()


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
