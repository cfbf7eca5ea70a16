"""Locks of a pooled session, however the work under them ends."""

import asyncio

import pytest

from litopys.errors import Unavailable
from litopys.postgres.pool import failures, locking

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

LOCK = "select pg_advisory_lock(7)"
TRY = "select pg_try_advisory_lock(7)"
ENDED = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where pid = $1"


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
