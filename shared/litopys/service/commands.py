"""One command, from its wire form to the commit that acknowledges it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import RuleViolated, Unavailable
from litopys.event.cloudevents import parse_event
from litopys.postgres.pool import failures
from litopys.postgres.sector_append import StreamMoved, StreamStopped
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_events
from litopys.service import metrics
from litopys.service.acknowledging import Acknowledging, Deed
from litopys.service.citing import check_cited
from litopys.service.gathering import StoreGathering
from litopys.service.logs import get_log
from litopys.service.problems import KeyReused, NotFound, PreconditionFailed, PreconditionMissing
from litopys.service.writing import Stream, format_time
from litopys.sourcing.context import Context
from litopys.steps import pass_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_changes import StreamChange
    from litopys.postgres.sector_requests import Request
    from litopys.service.sector import CommandType
    from litopys.service.writing import Writer
    from litopys.sourcing.facts import Decided, Fact
    from litopys.steps import Passing

_log = get_log("commands")


class Acknowledged(NamedTuple):
    """What a command amounts to: the address of its last event. `is_replay`: it had been acknowledged before."""

    address: Address
    is_replay: bool


@dataclass(slots=True)
class Desk:
    """Where commands of one sector are decided and acknowledged.

    `check_open` raises Unavailable while the store may lack what its topic has (see `litopys.service.gate`). `told`
    hears of every stream to which a command did something, `failed` of every commit that the database did not make.
    """

    pool: Pool
    writer: Writer
    check_open: Callable[[], Awaitable[None]]
    told: Callable[[str], None] = lambda _subject: None
    passing: Passing = pass_on
    failed: Callable[[], None] = lambda: None
    _store: Acknowledging = field(init=False)

    def __post_init__(self) -> None:
        """Ask and commit together with every other command of this desk."""
        self._store = Acknowledging(self.pool, self.passing)

    async def execute(
        self,
        command_type: CommandType,
        body: BaseModel,
        *,
        subject: str,
        actor: str,
        expected_version: int | None,
        request: Request | None,
    ) -> Acknowledged:
        """Decide and commit one command; the commit is the acknowledgement.

        `expected_version` is that of If-Match, None without one. Raises RuleViolated (refused), PreconditionFailed,
        PreconditionMissing, NotFound, KeyReused, Conflict, Unavailable; then nothing was recorded.
        """
        await self.check_open()
        if (answered := await self._answered(request)) is not None:
            return answered
        stream = await self.load(subject)
        try:
            _check_expected(command_type, stream, expected_version)
            change, decided = await self._decide(command_type, body, stream=stream, actor=actor)
        except (RuleViolated, PreconditionFailed):
            # The same request may have been acknowledged since it was looked for: then it is what hinders itself.
            if (answered := await self._answered(request)) is not None:
                return answered
            raise
        guard = None if command_type.guard is None else partial(command_type.guard, subject=subject, decided=decided)
        await self._commit(Deed(change, request, guard), is_conditional=expected_version is not None)
        self.told(subject)
        return Acknowledged(Address(subject, change.version), is_replay=False)

    async def _answered(self, request: Request | None) -> Acknowledged | None:
        """Return what this request came to before, None where it is new. Raises KeyReused for another payload."""
        if request is None:
            return None
        answered = await self._store.answer(request)
        if answered is None:
            return None
        if answered.payload_digest != request.payload_digest:
            raise KeyReused("this Idempotency-Key came with another payload before")
        return Acknowledged(Address(answered.subject, answered.version), is_replay=True)

    async def load(self, subject: str) -> Stream:
        """Return a stream as acknowledged; version 0 where there is none. Raises StreamStopped."""
        stored = await self._store.stream(subject)
        if stored is None:
            return Stream(subject, 0, None)
        if stored.stopped is not None:
            raise StreamStopped("a rejection of this stream is being settled")
        return self.writer.decode(subject, version=stored.version, state=stored.state)

    async def _decide(
        self, command_type: CommandType, body: BaseModel, *, stream: Stream, actor: str
    ) -> tuple[StreamChange, Sequence[Decided]]:
        sealing = self.writer.sealing()
        command = command_type.prepare(body, sealing)
        if command_type.gather is not None:
            gathering = StoreGathering(self.pool, self.writer, stream.subject, sealing)
            command = await command_type.gather(command, gathering)
        context = Context(
            subject=stream.subject,
            version=stream.version,
            actor=actor,
            time=format_time(self.writer.now()),
            facts=await self._facts(stream.subject, command_type.needs(command)),
        )
        decided = command_type.decide(command, stream.state, context)
        change, _ = self.writer.change(stream, decided, actor=actor, sealing=sealing)
        await check_cited(self.pool, change, self.writer.domain)
        return change, decided

    async def _facts(self, subject: str, versions: Iterable[int]) -> dict[int, Fact]:
        wanted = [Address(subject, version) for version in versions]
        if not wanted:
            return {}
        with failures():
            found = await load_events(self.pool, wanted)
        return {a.version: self.writer.domain.fact(parse_event(stored.value)) for a, stored in found.items()}

    async def _commit(self, deed: Deed, *, is_conditional: bool) -> None:
        try:
            await self._store.commit(deed)
        except Unavailable:
            self.failed()
            raise
        except StreamMoved as error:
            if is_conditional:
                raise PreconditionFailed("the stream has moved on") from error
            raise
        metrics.EVENTS_ACCEPTED.labels(self.writer.sector).inc(len(deed.change.events))
        _log.debug("acknowledged", subject=deed.change.subject, version=deed.change.version)


def _check_expected(command_type: CommandType, stream: Stream, expected_version: int | None) -> None:
    if expected_version is not None and expected_version != stream.version:
        raise PreconditionFailed("the stream has moved on")
    if expected_version is None and not command_type.begins:
        if stream.version == 0:
            raise NotFound("there is no such object")
        raise PreconditionMissing("If-Match must name the version that this command was decided upon")
