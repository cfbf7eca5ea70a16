"""Which objects are looked at when: what goes on at once, what rests, what is over."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from litopys.errors import RuleViolated
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_verdicts import State, Status
from litopys.service import carrying as room
from litopys.service.carrying import Carrier, Carrying
from litopys.service.commands import Desk
from litopys.service.problems import NotFound
from litopys.service.sector import Course, Step
from litopys.service.sse import Feed
from litopys.service.writing import Writer
from litopys.sourcing.common import Standing
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.sector import TOY

pytestmark = pytest.mark.anyio

LIVE, ENDED = Standing("live", (), ()), Standing("ended", (), ())
ONE, OTHER = "box:one", "box:other"


def box(content: int, standing: Standing = LIVE) -> toy.Box:
    fields = {field.name: None for field in dataclasses.fields(toy.Box)}
    return toy.Box(**{**fields, "standing": standing, "label": "shoes", "content": content})


def even_out(subject, state, others, *, now):
    """Fill the other box up to what is in this one, an item at a time; the day is what the wire wants."""
    lacking = others[OTHER] is not None and others[OTHER].content < state.content
    return (Step(OTHER, "add-items", {"count": 1, "valid_from": now[:7] + "-01"}),) if lacking else ()


class Store:
    """Streams, statuses and commands of a sector, without a database."""

    def __init__(self, monkeypatch) -> None:
        self.states = {ONE: box(3), OTHER: box(1)}
        self.pending: set[str] = set()
        self.rejected: set[str] = set()
        self.refusal: str | None = None
        self.looked, self.passed_s, self.now = 0, 0, datetime(2026, 11, 25, tzinfo=UTC)
        writer = Writer(origin="o", sector="toy", partitions=1, domain=toy.RULES, now=lambda: self.now)
        course = Course(others=lambda _state: [OTHER], next_steps=even_out, open_terms=(("label", "shoes"),))
        self.aggregate = dataclasses.replace(TOY.aggregate("box"), course=course)
        sector = dataclasses.replace(TOY, aggregates=(self.aggregate,))
        carrier = Carrier(sector, Desk(None, writer, None))
        self.carrying = Carrying(carrier, Feed(), clock=lambda: self.passed_s)
        monkeypatch.setattr(Desk, "execute", self.execute)
        monkeypatch.setattr(room, "find_by_terms", self.find)
        monkeypatch.setattr(room, "load_streams", self.load)
        monkeypatch.setattr(room, "load_statuses", self.statuses)

    async def find(self, _pool, terms):
        return {term: [ONE] for term in terms if self.states[ONE] is not None}

    async def load(self, _pool, subjects):
        self.looked += ONE in subjects
        encoded = {s: toy.RULES.encode_state(self.states[s]) for s in subjects}
        return {s: room_stream(s, state) for s, state in encoded.items()}

    async def statuses(self, _pool, addresses):
        return [Status(a.subject, a.version, self.state_of(a), None, None, None) for a in addresses]

    def state_of(self, address: Address) -> State:
        if address.subject in self.rejected:
            return State.REJECTED
        return State.PENDING if address.subject in self.pending else State.FINAL

    async def execute(self, command, body, *, subject, actor, expected_version, request):
        assert (command.name, actor, expected_version, request) == ("add-items", "service", 7, None)
        if self.refusal is not None:
            raise RuleViolated(self.refusal, "not now")
        self.states[subject] = box(self.states[subject].content + body.count)

    async def turn(self, *, seconds: int = 0) -> int:
        """Let time pass, look once; how much is in the other box then."""
        self.passed_s += seconds
        await self.carrying.carry_all(self.aggregate)
        return self.states[OTHER].content


def room_stream(subject, state):
    from litopys.postgres.sector_reading import StoredStream  # noqa: PLC0415

    return StoredStream(subject, 7, state, None)


@pytest.fixture
def store(monkeypatch) -> Store:
    return Store(monkeypatch)


async def test_steps_are_taken_one_after_another_until_nothing_follows(store):
    assert [await store.turn() for _ in range(4)] == [2, 3, 3, 3]
    assert store.looked == 3, "what waits for a person is left alone for a while"


async def test_nothing_rests_on_what_is_not_final(store):
    store.pending = {OTHER}
    assert await store.turn() == 1
    store.pending = set()
    assert await store.turn() == 2


async def test_a_clock_set_back_lets_nothing_rest_for_hours(store):
    store.refusal = "too-many"
    assert await store.turn() == 1
    store.refusal = None
    store.now -= timedelta(hours=20)
    assert await store.turn(seconds=60) == 2


async def test_what_a_rule_refuses_is_told_and_tried_again_later(store):
    store.refusal = "too-many"
    assert await store.turn() == 1
    (hindrance,) = store.carrying.hindrances(ONE)
    assert hindrance.reason == "too-many: not now"
    store.refusal = None
    assert await store.turn() == 1
    assert await store.turn(seconds=60) == 2
    assert not store.carrying.hindrances(ONE)


async def test_whoever_was_told_looks_at_once(store):
    store.refusal = "too-many"
    await store.turn()
    store.refusal = None
    store.carrying.wake(ONE)
    assert await store.turn() == 2


async def test_after_a_rejection_it_takes_its_time(store):
    store.rejected = {OTHER}
    assert await store.turn() == 2, "once"
    assert [await store.turn() for _ in range(3)] == [2] * 3
    assert await store.turn(seconds=60) == 3


async def test_what_has_ended_is_not_looked_at_again(store):
    store.states[ONE] = box(0, ENDED)
    for _ in range(3):
        await store.turn(seconds=60)
    assert store.looked == 1


async def test_nothing_is_kept_in_mind_of_what_is_open_no_more(store):
    store.refusal = "too-many"
    await store.turn()
    store.states[ONE] = None
    await store.turn()
    assert not store.carrying.hindrances(ONE)


async def test_an_object_without_a_course_has_none(store):
    with pytest.raises(NotFound):
        await store.carrying.carrier.look(TOY.aggregate("box"), ONE)
