"""The store as commands use it: what many of them ask at once is one query, what they come to is one transaction.

Sharing a transaction changes nothing for a command: nobody is told of success before the commit that holds it, and if
one of several cannot be committed, the others are without it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Unavailable
from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_append import append
from litopys.postgres.sector_reading import load_streams
from litopys.postgres.sector_requests import RequestInFlight, load_answers, lock_requests, store_answers
from litopys.service.together import Together
from litopys.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import StreamChange
    from litopys.postgres.sector_reading import StoredStream
    from litopys.postgres.sector_requests import Answered, Request
    from litopys.steps import Passing

Guard = Callable[["Connection"], Awaitable[None]]


class Deed(NamedTuple):
    """What one command comes to: its change, what makes it take effect once, what must hold in its transaction."""

    change: StreamChange
    request: Request | None = None
    guard: Guard | None = None


class Acknowledging:
    """The store of one sector, for all commands of this process."""

    def __init__(self, pool: Pool, passing: Passing) -> None:
        self._pool = pool
        self._passing = passing
        self._streams = Together(self._load_streams)
        self._answers = Together(self._load_answers)
        self._commits = Together(self._commit_all)
        # Beside the lock in the database, which two requests that share a transaction would both hold.
        self._in_flight: set[tuple[str, str]] = set()

    async def stream(self, subject: str) -> StoredStream | None:
        """Return a stream as acknowledged, or None. Raises Unavailable."""
        return await self._streams.ask(subject)

    async def answer(self, request: Request) -> Answered | None:
        """Return what a request came to before, or None. Raises Unavailable."""
        return await self._answers.ask(request)

    async def commit(self, deed: Deed) -> None:
        """Commit what a command comes to; the return is the acknowledgement.

        Raises StreamMoved, StreamStopped, RequestInFlight, Unavailable, and what the guard raises.
        """
        if deed.request is None:
            await self._commits.ask(deed)
            return
        once = (deed.request.actor, deed.request.key)
        if once in self._in_flight:
            raise RequestInFlight("a request under this Idempotency-Key is in flight")
        self._in_flight.add(once)
        try:
            await self._commits.ask(deed)
        finally:
            self._in_flight.discard(once)

    async def _load_streams(self, subjects: Sequence[str]) -> list[StoredStream | None]:
        with failures():
            found = await load_streams(self._pool, subjects)
        return [found.get(subject) for subject in subjects]

    async def _load_answers(self, requests: Sequence[Request]) -> list[Answered | None]:
        with failures():
            return await load_answers(self._pool, requests)

    async def _commit_all(self, deeds: Sequence[Deed]) -> list[Exception | None]:
        outcomes: dict[int, Exception | None] = {}
        for group in _groups(deeds):
            outcomes |= zip(group, await self._commit_group([deeds[nth] for nth in group]), strict=True)
        return [outcomes[nth] for nth in range(len(deeds))]

    async def _commit_group(self, deeds: Sequence[Deed]) -> list[Exception | None]:
        """Commit several at once; if one of them hinders that, and not the world, find it by halves."""
        try:
            await self._commit(deeds)
        except Unavailable as error:
            return [error] * len(deeds)
        except Exception as error:  # noqa: BLE001 — told to whom it is due
            if len(deeds) == 1:
                return [error]
            half = len(deeds) // 2
            return [*await self._commit_group(deeds[:half]), *await self._commit_group(deeds[half:])]
        return [None] * len(deeds)

    async def _commit(self, deeds: Sequence[Deed]) -> None:
        requests = [deed.request for deed in deeds if deed.request is not None]
        async with durable_step(self._pool, Step.ACKNOWLEDGED, self._passing) as connection:
            if requests:
                await lock_requests(connection, requests)
            for deed in deeds:
                if deed.guard is not None:
                    await deed.guard(connection)
            await append(connection, [deed.change for deed in deeds])
            if requests:
                done = {d.request: (d.change.subject, d.change.version) for d in deeds if d.request is not None}
                await store_answers(connection, done)


def _groups(deeds: Sequence[Deed]) -> Iterable[Sequence[int]]:
    """Say which may share a transaction, by their places: one change a stream, and whoever has a guard is alone."""
    groups: list[dict[str, int]] = []
    for nth, deed in enumerate(deeds):
        subject = deed.change.subject
        if deed.guard is not None:
            yield [nth]
            continue
        group = next((one for one in groups if subject not in one), None)
        if group is None:
            groups.append(group := {})
        group[subject] = nth
    yield from (list(group.values()) for group in groups)
