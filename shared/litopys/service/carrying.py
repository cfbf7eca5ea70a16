"""Carrying objects through their courses: commands on other streams that follow by themselves, each in its turn.

A step is an ordinary command, and is taken only once the latest event of every stream that takes part is final: so
nothing ever rests on what the ledger might refuse. Two processes that carry the same object do no harm, since one of
two appends to a stream fails.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Conflict, LitopysError, RuleViolated
from litopys.postgres.pool import failures
from litopys.postgres.sector_append import StreamStopped
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_streams
from litopys.postgres.sector_search import find_by_terms
from litopys.postgres.sector_verdicts import State, load_statuses
from litopys.service.commands import Desk
from litopys.service.logs import get_log
from litopys.service.problems import NotFound
from litopys.service.search.indexing import format_term
from litopys.service.settling import ACTOR
from litopys.service.writing import Stream, format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from litopys.postgres.pool import Pool
    from litopys.service.gate import Gate
    from litopys.service.sector import AggregateType, Course, Sector, Step
    from litopys.service.sse import Feed
    from litopys.service.writing import Writer

_LOOK_ANYWAY_S = 5.0
_AFTER_REJECTION_S = 60.0

_log = get_log("carrying")


class Hindrance(NamedTuple):
    """A step that a rule refuses for now."""

    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an object's course has come.

    `waits_for`: events that have to be final first; `steps`: what can follow then. With neither, the course is over or
    waits for a person. `is_refused`: the ledger rejected the latest event of a stream, and will hardly take the next.
    """

    streams: Mapping[str, Stream]
    waits_for: Sequence[Address]
    steps: Sequence[Step]
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Carrier:
    """Looks how objects of one sector stand, and takes the steps that follow."""

    sector: Sector
    desk: Desk

    async def look(self, aggregate: AggregateType, subject: str) -> Standing:
        """Tell how far a course has come. Raises NotFound; StreamStopped while a rejection is being settled."""
        course = _course(aggregate)
        stream = (await self._load([subject]))[subject]
        if stream.state is None:
            raise NotFound("there is no such object")
        streams = {subject: stream, **await self._load(course.others(stream.state))}
        states_of = await self._statuses(streams)
        waits_for = [one for one, state in states_of.items() if state not in (State.FINAL, State.REJECTED)]
        now = format_time(self.desk.writer.now())
        states = {one.subject: one.state for one in streams.values()}
        steps = course.next_steps(subject, stream.state, states, now=now)
        return Standing(streams, waits_for, steps, is_refused=State.REJECTED in states_of.values())

    async def step(self, aggregate: AggregateType, subject: str) -> tuple[Standing, list[Hindrance]]:
        """Take every step that may be taken now; tells how it stood before, and which steps a rule refused."""
        standing = await self.look(aggregate, subject)
        hindered = []
        for step in () if standing.waits_for else standing.steps:
            try:
                await self._take(step, standing.streams[step.subject].version)
            except RuleViolated as refusal:
                hindered.append(Hindrance(step, str(refusal)))
            except Conflict:
                # Somebody was faster: the next look sees what came of it.
                continue
        return standing, hindered

    async def _take(self, step: Step, version: int) -> None:
        aggregate = self.sector.aggregate(step.subject.partition(":")[0])
        command = next(one for one in aggregate.commands if one.name == step.command)
        body = command.wire.model_validate(dict(step.body))
        expected = None if command.begins else version
        await self.desk.execute(
            command, body, subject=step.subject, actor=ACTOR, expected_version=expected, request=None
        )

    async def _load(self, subjects: Sequence[str]) -> dict[str, Stream]:
        with failures():
            stored = await load_streams(self.desk.pool, subjects)
        if any(one.stopped is not None for one in stored.values()):
            raise StreamStopped("a rejection of a stream that takes part is being settled")
        decode = self.desk.writer.decode
        found = {one.subject: decode(one.subject, version=one.version, state=one.state) for one in stored.values()}
        return {subject: found.get(subject, Stream(subject, 0, None)) for subject in subjects}

    async def _statuses(self, streams: Mapping[str, Stream]) -> dict[Address, State]:
        """Tell what became of the latest event of each stream that there is."""
        latest = [Address(one.subject, one.version) for one in streams.values() if one.version]
        with failures():
            statuses = await load_statuses(self.desk.pool, latest)
        return {Address(one.subject, one.version): one.state for one in statuses}


@dataclass(slots=True)
class Carrying:
    """Keeps all open courses of a sector going: whenever verdicts come in, and now and then anyway.

    What waits for a person is looked at only now and then; `wake` says that something happened to it. `clock` gives
    monotonic seconds: after the wall clock was set back, what rests by it would rest for hours.
    """

    carrier: Carrier
    feed: Feed
    clock: Callable[[], float] = time.monotonic
    _resting: dict[str, float] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)
    _hindered: dict[str, list[Hindrance]] = field(default_factory=dict)

    def wake(self, subject: str) -> None:
        """Look at an object again as soon as what happened to it is final."""
        self._resting.pop(subject, None)
        self._over.discard(subject)

    def hindrances(self, subject: str) -> Sequence[Hindrance]:
        """Tell which steps of an object's course a rule refused when they were tried last."""
        return self._hindered.get(subject, ())

    async def run(self) -> None:
        """Carry on until cancelled."""
        courses = [one for one in self.carrier.sector.aggregates if one.course is not None]
        while courses:
            await self.feed.wait(_LOOK_ANYWAY_S)
            for aggregate in courses:
                try:
                    await self.carry_all(aggregate)
                except LitopysError as error:
                    _log.warning("courses are interrupted", aggregate=aggregate.name, error=type(error).__name__)

    async def carry_all(self, aggregate: AggregateType) -> None:
        """Carry every open object of an aggregate one step further. Raises Unavailable."""
        terms = [format_term(aggregate.name, name, value) for name, value in _course(aggregate).open_terms]
        with failures():
            found = await find_by_terms(self.carrier.desk.pool, terms)
        now = self.clock()
        subjects = dict.fromkeys(subject for subjects in found.values() for subject in subjects)
        self._forget_others(aggregate, subjects)
        for subject in subjects:
            if subject not in self._over and self._resting.get(subject, 0.0) <= now:
                await self._carry(aggregate, subject, now)

    def _forget_others(self, aggregate: AggregateType, subjects: Mapping[str, None]) -> None:
        """Keep nothing in mind of objects whose course is not open any more."""
        prefix = f"{aggregate.name}:"
        gone = {one for one in (*self._resting, *self._over, *self._hindered) if one.startswith(prefix)} - set(subjects)
        for subject in gone:
            self._resting.pop(subject, None)
            self._hindered.pop(subject, None)
            self._over.discard(subject)

    async def _carry(self, aggregate: AggregateType, subject: str, now: float) -> None:
        try:
            standing, hindered = await self.carrier.step(aggregate, subject)
        except (Conflict, NotFound) as error:
            _log.info("a course rests", subject=subject, reason=str(error))
            self._resting[subject] = now + _LOOK_ANYWAY_S
            return
        self._hindered[subject] = hindered
        if not hindered:
            del self._hindered[subject]
        for one in hindered:
            _log.warning("a step is refused", subject=one.step.subject, step=one.step.command, reason=one.reason)
        if standing.is_refused:
            self._resting[subject] = now + _AFTER_REJECTION_S
            return
        if standing.waits_for or len(hindered) < len(standing.steps):
            return
        if not standing.steps and standing.streams[subject].state.standing.status != "live":
            self._over.add(subject)
        else:
            self._resting[subject] = now + _LOOK_ANYWAY_S


def open_carrying(
    sector: Sector, *, pool: Pool, writer: Writer, gate: Gate, feed: Feed, acknowledged: Feed | None = None
) -> Carrying:
    """Make the desk of a sector and what carries on from its commands; `acknowledged` wakes after each."""

    async def check_open() -> None:
        await gate.check_open()
        await writer.follow(pool)

    def told(subject: str) -> None:
        carrying.wake(subject)
        if acknowledged is not None:
            acknowledged.wake()

    carrying = Carrying(Carrier(sector, Desk(pool, writer, check_open, told, failed=gate.doubt)), feed)
    return carrying


def _course(aggregate: AggregateType) -> Course:
    if aggregate.course is None:
        raise NotFound("nothing follows by itself from such objects")
    return aggregate.course
