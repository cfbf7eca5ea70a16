"""Connections to Postgres, and the one place where its failures become ours (retry, or stop)."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from litopys.cancellation import heed_cancellation
from litopys.errors import Conflict, Unavailable
from litopys.steps import Moment, tell_duration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from asyncpg.pool import PoolConnectionProxy

    from litopys.steps import Passing, Step

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

COMMAND_TIMEOUT_S = 60.0
CONNECT_TIMEOUT_S = 10.0

# `jit` costs milliseconds on every first query of a plan and never pays at our sizes of query.
# `synchronous_commit` is said here once more: an acknowledgement or a vote must never rest on a server's default.
SERVER_SETTINGS = {"jit": "off", "synchronous_commit": "on", "timezone": "UTC"}
# All that a reading pool asks goes by keys, whatever the values: a plan made anew for each of them would cost as much
# as carrying it out.
_READING_SETTINGS = {"default_transaction_read_only": "on", "plan_cache_mode": "force_generic_plan"}

# Classes of SQLSTATE after which the same work may succeed later: connection, resources, operator intervention,
# system error (disk full among them).
_RETRY_CLASSES = frozenset({"08", "53", "57", "58"})
# A server that is read-only for a while; time limits of the server on idle and on whole transactions; a database that
# is not there, or takes no connections, while it is restored.
_RETRY_STATES = frozenset({"25006", "25P03", "25P04", "3D000", "55000"})
# What the driver says, without a class of its own, of a connection that went away under us.
# The last two are a connection that the server ended with words of its own before our next query was sent, and one
# that the pool has given up because it was lost while we had it.
_CLOSED_WORDS = (
    *("is closed", "is closing", "connection was closed", "connection lost", "unexpected connection_lost"),
    "cannot switch to state",
    "been released back to the pool",
)
_CONFLICT_STATES = frozenset({"40001", "40P01", "55P03"})

_pools: list[Pool] = []


class PoolUse(NamedTuple):
    """Connections of the open pools of this process: lent at the moment, and how many there may be at most."""

    used: int
    limit: int


async def open_pool(dsn: str, *, name: str = "litopys", min_size: int = 0, max_size: int = 4) -> Pool:
    """Open a pool on `dsn`; `name` is shown in pg_stat_activity. The caller closes it. Raises Unavailable."""
    with failures():
        pool = await asyncpg.create_pool(
            dsn,
            min_size=min_size,
            max_size=max_size,
            command_timeout=COMMAND_TIMEOUT_S,
            timeout=CONNECT_TIMEOUT_S,
            connection_class=_Session,
            reset=_leave,
            server_settings={**SERVER_SETTINGS, "application_name": name},
        )
    return _watched(pool)


async def open_reading_pool(dsn: str, *, name: str, max_size: int) -> Pool:
    """Open a pool whose sessions read by keys and change nothing, themselves included. Raises Unavailable.

    So none has to be set back when it returns to the pool, which would be a second round trip for each reading.
    """
    with failures():
        pool = await asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=max_size,
            connection_class=_Session,
            reset=_leave,
            command_timeout=COMMAND_TIMEOUT_S,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={**SERVER_SETTINGS, **_READING_SETTINGS, "application_name": name},
        )
    return _watched(pool)


def read_pool_use() -> PoolUse:
    """Return how the open pools of this process are used."""
    pools = [pool for pool in _pools if not pool.is_closing()]
    used = sum(pool.get_size() - pool.get_idle_size() for pool in pools)
    return PoolUse(used, sum(pool.get_max_size() for pool in pools))


def _watched(pool: Pool) -> Pool:
    _pools[:] = [*(one for one in _pools if not one.is_closing()), pool]
    return pool


class _Session(asyncpg.Connection):
    """A pooled session that knows whether somebody was interrupted in it.

    The driver makes a statement ready without ending the exchange. Who is cancelled between that and carrying it out
    leaves the server in the midst of it, holding the locks of its tables, in what the driver counts as no transaction.
    """

    was_interrupted = False

    async def _execute(self, *given: object, **named: object) -> object:
        with self._interruption_noticed():
            return await super()._execute(*given, **named)  # type: ignore[misc]

    async def _executemany(self, *given: object, **named: object) -> object:
        with self._interruption_noticed():
            return await super()._executemany(*given, **named)  # type: ignore[misc]

    @contextmanager
    def _interruption_noticed(self) -> Iterator[None]:
        try:
            yield
        except (asyncio.CancelledError, TimeoutError):
            self.was_interrupted = True
            raise


async def _leave(connection: Connection) -> None:
    """Hand a connection back as it is: what nobody changes need not be reset, by one more query after each.

    On pooled connections every setting and lock belongs to a transaction; a lock of the session is taken in `locking`.
    """
    if isinstance(connection, _Session) and connection.was_interrupted:
        connection.was_interrupted = False
        await connection.execute("select")  # ends the exchange


async def connect(
    dsn: str, *, name: str = "litopys", command_timeout_s: float | None = COMMAND_TIMEOUT_S
) -> Connection:
    """Open one connection on `dsn` for work that needs a session (advisory locks, LISTEN). Raises Unavailable."""
    with failures():
        return await asyncpg.connect(
            dsn,
            command_timeout=command_timeout_s,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={**SERVER_SETTINGS, "application_name": name},
        )


@contextmanager
def failures() -> Iterator[None]:
    """Turn what the driver raises into Unavailable or Conflict by what can be done; a defect of ours passes.

    In a task that was asked to end, nothing can be done: there it becomes CancelledError.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        fate = _fate(error)
        if fate is None:
            raise
        heed_cancellation()
        raise fate from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if not any(word in str(error) for word in _CLOSED_WORDS):
            raise
        heed_cancellation()
        raise Unavailable(f"postgres: {error}") from error
    except (OSError, TimeoutError) as error:
        heed_cancellation()
        raise Unavailable(f"postgres: {type(error).__name__} {error}") from error


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """One transaction on a connection of `pool`, failures translated; commits on leaving, rolls back on any error."""
    with failures():
        async with pool.acquire() as connection, connection.transaction():
            yield connection


@asynccontextmanager
async def locking(pool: Pool) -> AsyncIterator[Connection]:
    """Give a connection of `pool` that may take locks of its session: none outlasts the block, however it is left.

    Only what the pool raises is translated. Raises Unavailable.
    """
    with failures():
        connection = await pool.acquire()
    try:
        yield connection
    finally:
        await _free(pool, connection)


@asynccontextmanager
async def durable_step(pool: Pool, step: Step, passing: Passing) -> AsyncIterator[Connection]:
    """One `transaction` that is a durable step: `passing` is told right before it is committed, and right after."""
    with failures():
        async with pool.acquire() as connection, durable_step_on(connection, step, passing):
            yield connection


@asynccontextmanager
async def durable_step_on(connection: Connection, step: Step, passing: Passing) -> AsyncIterator[None]:
    """`durable_step` on the session of a caller who holds a lock with it: whoever lost the lock writes no more."""
    with failures():
        async with connection.transaction():
            yield
            passing(Moment(step, is_done=False))
            began = time.perf_counter()
    tell_duration(step, time.perf_counter() - began)
    passing(Moment(step, is_done=True))


async def _free(pool: Pool, connection: PoolConnectionProxy[asyncpg.Record]) -> None:
    is_free = False
    try:
        with suppress(Unavailable), failures():
            await connection.execute("select pg_advisory_unlock_all()")
            is_free = True
    finally:
        if not is_free:
            with suppress(asyncpg.InterfaceError):  # raised where the session is lost, and its locks with it
                connection.terminate()
        await pool.release(connection)


def _fate(error: asyncpg.PostgresError) -> Conflict | Unavailable | None:
    state = error.sqlstate or ""
    if state in _CONFLICT_STATES:
        return Conflict(f"postgres: {error}")
    if state in _RETRY_STATES or state[:2] in _RETRY_CLASSES:
        return Unavailable(f"postgres: {error}")
    return None


async def read_relation_bytes(connection: Connection | Pool) -> dict[str, int]:
    """Return the size of each table with its indexes, its parts together, by the table's name."""
    rows = await connection.fetch(
        """select coalesce(whole.relname, part.relname)::text as name,
               sum(pg_total_relation_size(part.oid))::bigint as size
           from pg_class part
           left join pg_inherits of_ on of_.inhrelid = part.oid
           left join pg_class whole on whole.oid = of_.inhparent
           where part.relkind in ('r', 'p') and part.relnamespace = current_schema()::regnamespace
           group by 1"""
    )
    return {row["name"]: row["size"] for row in rows}


async def read_database_bytes(connection: Connection | Pool) -> int:
    """Return the size of the connection's database, as its files are."""
    return int(await connection.fetchval("select pg_database_size(current_database())"))
