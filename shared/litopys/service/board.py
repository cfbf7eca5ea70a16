"""Who waits for an event to become final, or asks once: one query for all of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from litopys.errors import LitopysError
from litopys.postgres.pool import failures
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_verdicts import State, load_statuses
from litopys.service.logs import get_log
from litopys.service.problems import NotFound
from litopys.service.together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_verdicts import Status
    from litopys.service.sse import Feed

_SETTLED = frozenset({State.FINAL, State.REJECTED})
_LOOK_ANYWAY_S = 2.0

_log = get_log("board")


class Board:
    """Tells those who wait, and answers for the status of any event."""

    def __init__(self, pool: Pool, feed: Feed) -> None:
        self._pool = pool
        self._feed = feed
        self._statuses = Together(self._load)
        self._waiting: dict[Address, set[asyncio.Future[Status]]] = defaultdict(set)

    async def status(self, address: Address) -> Status:
        """Return the status of the event acknowledged at an address. Raises NotFound."""
        found = await self._statuses.ask(address)
        if found is None:
            raise NotFound("no event was acknowledged at this address")
        return found

    async def _load(self, addresses: Sequence[Address]) -> list[Status | None]:
        with failures():
            statuses = await load_statuses(self._pool, list(dict.fromkeys(addresses)))
        found = {Address(one.subject, one.version): one for one in statuses}
        return [found.get(address) for address in addresses]

    async def wait(self, address: Address, timeout_s: float) -> Status:
        """Return the status once it is final or rejected, or whatever it is after `timeout_s`. Raises NotFound."""
        told: asyncio.Future[Status] = asyncio.get_running_loop().create_future()
        self._waiting[address].add(told)
        try:
            status = await self.status(address)
            if status.state in _SETTLED:
                return status
            async with asyncio.timeout(timeout_s):
                return await told
        except TimeoutError:
            return await self.status(address)
        finally:
            self._waiting[address].discard(told)
            if not self._waiting[address]:
                del self._waiting[address]

    async def watch(self) -> None:
        """Look whenever the feed wakes, and now and then anyway; runs until cancelled."""
        while True:
            await self._feed.wait(_LOOK_ANYWAY_S)
            try:
                await self._look()
            except LitopysError as error:
                _log.warning("statuses are not readable for now", error=type(error).__name__)

    async def _look(self) -> None:
        addresses = list(self._waiting)
        if not addresses:
            return
        with failures():
            statuses = await load_statuses(self._pool, addresses)
        for address, status in ((Address(s.subject, s.version), s) for s in statuses if s.state in _SETTLED):
            for told in self._waiting.get(address, ()):
                if not told.done():
                    told.set_result(status)
