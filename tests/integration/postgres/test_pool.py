"""Locks of a pooled session, however the work under them ends; what is measured of pools, tables and commits."""

import asyncio

import asyncpg
import pytest

from deploy.local.databases import OWNER, as_role
from litopys import steps
from litopys.errors import Unavailable
from litopys.postgres.pool import durable_step, failures, locking, open_pool, read_pool_use, read_relation_bytes
from litopys.steps import Step, pass_on

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

LOCK = "select pg_advisory_lock(7)"
TRY = "select pg_try_advisory_lock(7)"
ENDED = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where pid = $1"


@pytest.fixture
async def owned(database, pool):
    """A pool of the tables' owner, who may make more of them."""
    owners = await open_pool(as_role(database, OWNER))
    yield owners
    await owners.close()


async def is_free(pool):
    async with locking(pool) as connection:
        return await connection.fetchval(TRY)


async def end_session(pool, connection):
    """End it from another session, and wait until this side has seen it."""
    pid = connection.get_server_pid()
    async with pool.acquire() as other:
        assert await other.fetchval(ENDED, pid)
    with pytest.raises(Unavailable):
        while True:
            with failures():
                await connection.fetchval("select 1")


async def test_a_lock_is_free_after_its_block(pool):
    async with locking(pool) as connection:
        await connection.execute(LOCK)
        assert not await is_free(pool)
    assert await is_free(pool)


async def test_work_that_outlives_its_session_is_not_spoilt_by_giving_the_lock_back(pool):
    async with locking(pool) as connection:
        await connection.execute(LOCK)
        await end_session(pool, connection)
    assert await is_free(pool)


async def test_who_is_cancelled_while_waiting_for_a_lock_does_not_keep_it(pool):
    async with locking(pool) as holding:
        await holding.execute(LOCK)
        asked = asyncio.Event()

        async def wait_for_it():
            async with locking(pool) as connection:
                asked.set()
                await connection.execute(LOCK)

        waiting = asyncio.create_task(wait_for_it())
        await asked.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert await is_free(pool)
    assert await is_free(pool)


async def test_connections_that_are_lent_are_counted_and_those_of_a_closed_pool_are_not(pool):
    before = read_pool_use()
    async with pool.acquire(), pool.acquire():
        assert read_pool_use() == (before.used + 2, before.limit)
    assert read_pool_use() == before
    pool.terminate()
    assert read_pool_use() == (before.used, before.limit - pool.get_max_size())


async def test_tables_are_measured_with_their_indexes_and_parts(owned):
    await owned.execute(
        """create table one (n int primary key, t text);
           create table many (n int) partition by range (n);
           create table many_0 partition of many for values from (0) to (10);
           create table many_1 partition of many for values from (10) to (20);
           insert into many values (1), (11)"""
    )
    empty = await read_relation_bytes(owned)
    await owned.execute("insert into one select n, repeat('x', 100) from generate_series(1, 10000) n")
    full = await read_relation_bytes(owned)
    assert {"one", "many"} <= full.keys()
    assert not {"many_0", "many_1", "one_pkey"} & full.keys()
    assert full["many"] == empty["many"] == 2 * 8192
    assert full["one"] - empty["one"] > 10_000 * 100


async def test_a_commit_is_measured_and_one_that_fails_is_not(owned, monkeypatch):
    monkeypatch.setattr(steps, "_measuring", [*steps._measuring])
    told = []
    steps.measure_steps(lambda step, _: told.append(step))
    async with durable_step(owned, Step.BLOCK, pass_on) as connection:
        await connection.execute("create table three (n int primary key deferrable initially deferred)")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with durable_step(owned, Step.VOTE, pass_on) as connection:
            await connection.execute("insert into three values (1), (1)")
    assert told == [Step.BLOCK]


@pytest.mark.parametrize(("way", "given"), [("fetch", [1]), ("executemany", [[(1,)]])])
async def test_whoever_is_cancelled_before_a_statement_is_carried_out_leaves_no_lock(owned, monkeypatch, way, given):
    make_ready = asyncpg.Connection._get_statement

    async def and_be_cancelled(*given, **named):
        await make_ready(*given, **named)
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    async with owned.acquire() as onlooker:
        await onlooker.execute("create table numbers (x int)")
        with monkeypatch.context() as patched:
            patched.setattr(asyncpg.Connection, "_get_statement", and_be_cancelled)
            with pytest.raises(asyncio.CancelledError):
                await asyncio.create_task(getattr(owned, way)("delete from numbers where x = $1", *given))
        assert not await onlooker.fetch("select mode from pg_locks where relation = 'numbers'::regclass")
