"""Failures of the driver become ours by what can be done about them."""

import asyncio

import asyncpg
import pytest

from litopys.errors import Conflict, Unavailable
from litopys.postgres.pool import failures


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (asyncpg.TooManyConnectionsError("full"), Unavailable),
        (asyncpg.DiskFullError("full"), Unavailable),
        (asyncpg.AdminShutdownError("going down"), Unavailable),
        (asyncpg.CannotConnectNowError("starting"), Unavailable),
        (asyncpg.ConnectionDoesNotExistError("gone"), Unavailable),
        (asyncpg.ReadOnlySQLTransactionError("read-only"), Unavailable),
        (asyncpg.QueryCanceledError("statement timeout"), Unavailable),
        (asyncpg.IdleInTransactionSessionTimeoutError("idle for too long"), Unavailable),
        (asyncpg.InvalidCatalogNameError("being restored"), Unavailable),
        (asyncpg.ObjectNotInPrerequisiteStateError("not currently accepting connections"), Unavailable),
        (asyncpg.InterfaceError("connection is closed"), Unavailable),
        (asyncpg.InterfaceError("cannot call f(): connection has been released back to the pool"), Unavailable),
        (ConnectionRefusedError("no one there"), Unavailable),
        (TimeoutError(), Unavailable),
        (asyncpg.SerializationError("again"), Conflict),
        (asyncpg.DeadlockDetectedError("again"), Conflict),
        (asyncpg.UniqueViolationError("taken"), asyncpg.UniqueViolationError),
        (asyncpg.UndefinedTableError("none"), asyncpg.UndefinedTableError),
        (asyncpg.InterfaceError("another operation is in progress"), asyncpg.InterfaceError),
        (KeyError("ours"), KeyError),
    ],
)
def test_each_failure_has_its_fate(raised, expected):
    with pytest.raises(expected) as caught, failures():
        raise raised
    assert type(caught.value) is expected


@pytest.mark.anyio
async def test_a_failure_in_a_task_that_was_asked_to_end_ends_it():
    """As when a cancelled transaction is rolled back on a connection that is gone."""
    begun = asyncio.Event()

    async def work():
        while True:
            try:
                with failures():
                    try:
                        begun.set()
                        await asyncio.Event().wait()
                    finally:
                        raise asyncpg.ConnectionDoesNotExistError("gone")
            except Unavailable:
                continue

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done
    assert task.cancelled()
