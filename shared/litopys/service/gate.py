"""When commands may be accepted: once the relay has taken in what the own topic has and this store lacks.

The relay says so by an advisory lock that it holds while it lives. A process that serves commands asks for that lock
once per session of its database: a database can only be restored from a backup by ending all sessions, so after one
ends the question is asked anew; while it lasts, a relay that restarts does not close the gate.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from litopys.errors import Unavailable
from litopys.postgres.pool import connect, failures
from litopys.postgres.sector_verdicts import CHANNEL
from litopys.service.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from litopys.postgres.pool import Connection
    from litopys.service.sse import Feed

LOCKS = int.from_bytes(b"lito", "big")
RELAY_LOCK = 1
CAUGHT_UP_LOCK = 2

_TRY = "select pg_try_advisory_lock($1, $2)"
_IS_HELD = """
select exists (select from pg_locks l join pg_database d on d.oid = l.database
               where l.locktype = 'advisory' and d.datname = current_database()
                 and l.classid = $1 and l.objid = $2 and l.objsubid = 2 and l.granted)"""
_LOOK_AGAIN_S = 0.2
_CHECK_SESSION_S = 5.0
_NEXT_SESSION_S = 0.5
DOUBT_S = 10.0

_log = get_log("gate")


async def try_lock(connection: Connection, lock: int) -> bool:
    """Take one of the sector's locks for the session of `connection`; False when another session has it."""
    with failures():
        return bool(await connection.fetchval(_TRY, LOCKS, lock))


class Gate:
    """Knows whether commands may be accepted, and wakes `feed` when verdicts came in. `clock`: monotonic seconds."""

    def __init__(self, dsn: str, feed: Feed, clock: Callable[[], float] = time.monotonic) -> None:
        self._dsn = dsn
        self._feed = feed
        self._clock = clock
        self._opened = asyncio.Event()
        self._doubted_until = clock()

    @property
    def is_open(self) -> bool:
        """Answer whether commands may be accepted now."""
        return self._opened.is_set()

    @property
    def missing(self) -> str | None:
        """What stands against sending commands here; None where nothing does."""
        if not self.is_open:
            return "the store is catching up with its topic"
        if self._clock() < self._doubted_until:
            return "the database did not record the last command"
        return None

    def doubt(self) -> None:
        """Take note that the database did not record a command; who sends them may come back after `DOUBT_S`.

        A full disk answers every question and takes nothing: only writing finds it.
        """
        self._doubted_until = self._clock() + DOUBT_S

    async def check_open(self) -> None:
        """Raise Unavailable unless commands may be accepted."""
        if not self.is_open:
            raise Unavailable("the store is catching up with its topic")

    async def wait_open(self) -> None:
        """Wait until commands may be accepted."""
        await self._opened.wait()

    async def keep_watching(self) -> None:
        """Watch, session after session, until cancelled."""
        while True:
            try:
                await self.watch()
            except Unavailable as error:
                _log.warning("the gate closed", error=str(error))
            await asyncio.sleep(_NEXT_SESSION_S)

    async def watch(self) -> None:
        """Hold one session: listen for verdicts, and open the gate when the relay has caught up. Raises Unavailable."""
        connection = await connect(self._dsn, name="litopys-gate")
        try:
            with failures():
                await connection.add_listener(CHANNEL, lambda *_: self._feed.wake())
                while not await connection.fetchval(_IS_HELD, LOCKS, CAUGHT_UP_LOCK):  # noqa: ASYNC110 — a lock of another session
                    await asyncio.sleep(_LOOK_AGAIN_S)
                self._opened.set()
                self._feed.wake()
                while True:
                    await asyncio.sleep(_CHECK_SESSION_S)
                    await connection.execute("select 1")
        finally:
            self._opened.clear()
            connection.terminate()
