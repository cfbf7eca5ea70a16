"""What commands come to at the same moment shares a transaction, and nobody fails by another's fault."""

import asyncio

import pytest

from litopys.errors import RuleViolated, Unavailable
from litopys.postgres.sector_append import StreamMoved, StreamStopped
from litopys.postgres.sector_reading import load_history
from litopys.postgres.sector_requests import Request, RequestInFlight
from litopys.postgres.sector_settling import stop_stream
from litopys.service.acknowledging import Acknowledging, Deed
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from litopys.steps import Moment, Step
from tests.support.toy_sector import domain as toy

pytestmark = pytest.mark.anyio

OPENED = Decided("box_opened", 1, toy.BoxOpened("shoes", None, "sha-256", None))


def deed(writer, key: str, *, request=None, guard=None) -> Deed:
    change, _ = writer.change(Stream(f"box:{key}", 0, None), [OPENED], actor="o:1")
    return Deed(change, request, guard)


class Passed(list):
    """Every commit of a group, as it passes."""

    def __call__(self, moment: Moment) -> None:
        if moment.is_done:
            self.append(moment.step)


async def commit_all(store, *deeds):
    return await asyncio.gather(*map(store.commit, deeds), return_exceptions=True)


async def versions(pool, key: str) -> list[int]:
    return [event.version for event in await load_history(pool, f"box:{key}")]


async def test_what_comes_at_once_is_one_commit(pool, writer):
    passed = Passed()
    store = Acknowledging(pool, passed)
    requests = [Request("o:1", f"k{n}", b"digest") for n in range(40)]
    deeds = [deed(writer, f"b{n}", request=request) for n, request in enumerate(requests)]
    assert await commit_all(store, *deeds) == [None] * 40
    assert passed == [Step.ACKNOWLEDGED]
    answers = await asyncio.gather(*map(store.answer, requests))
    assert [one.subject for one in answers] == [f"box:b{n}" for n in range(40)]
    streams = await asyncio.gather(*(store.stream(f"box:b{n}") for n in (3, 99)))
    assert [one and one.version for one in streams] == [1, None]


async def test_one_that_is_refused_takes_nobody_with_it(pool, writer):
    store = Acknowledging(pool, Passed())
    await store.commit(deed(writer, "b3"))
    await store.commit(deed(writer, "b5"))
    await stop_stream(pool, "box:b5", "any")
    taken = Request("o:1", "k", b"digest")
    await store.commit(deed(writer, "b7", request=taken))
    stopped, _ = writer.change(Stream("box:b5", 1, None), [OPENED], actor="o:1")
    deeds = [deed(writer, f"c{n}") for n in range(8)]
    deeds[2:2] = [deed(writer, "b3"), Deed(stopped), deed(writer, "b8", request=taken)]
    outcomes = await commit_all(store, *deeds)
    assert [type(one) for one in outcomes[2:5]] == [StreamMoved, StreamStopped, RequestInFlight]
    assert outcomes[:2] + outcomes[5:] == [None] * 8
    assert [await versions(pool, f"c{n}") for n in range(8)] == [[1]] * 8
    assert [await versions(pool, key) for key in ("b3", "b5", "b8")] == [[1], [1], []]


async def test_of_two_changes_of_one_stream_one_is_committed(pool, writer):
    store = Acknowledging(pool, Passed())
    outcomes = await commit_all(store, deed(writer, "b1"), deed(writer, "b2"), deed(writer, "b1"))
    assert outcomes[:2] == [None, None]
    assert type(outcomes[2]) is StreamMoved
    assert await versions(pool, "b1") == [1]


async def test_a_key_in_flight_is_refused_at_once(pool, writer):
    store = Acknowledging(pool, Passed())
    request = Request("o:1", "k", b"digest")
    outcomes = await commit_all(store, deed(writer, "b1", request=request), deed(writer, "b2", request=request))
    assert outcomes[0] is None
    assert type(outcomes[1]) is RequestInFlight
    assert await versions(pool, "b2") == []


async def test_who_has_a_guard_is_alone_with_it(pool, writer):
    passed = Passed()
    store = Acknowledging(pool, passed)
    seen = []

    async def refuse(_connection):
        raise RuleViolated("held", "not while it is held")

    async def look(connection):
        seen.append(await connection.fetchval("select count(*) from stream"))

    deeds = deed(writer, "b1"), deed(writer, "b2", guard=refuse), deed(writer, "b3", guard=look), deed(writer, "b4")
    outcomes = await commit_all(store, *deeds)
    assert [type(one) for one in outcomes] == [type(None), RuleViolated, type(None), type(None)]
    assert len(passed) == 2
    assert seen == [0]
    assert await versions(pool, "b2") == []


async def test_when_the_database_goes_away_nobody_is_told_of_success(pool, writer):
    def lose(moment: Moment) -> None:
        if not moment.is_done:
            raise Unavailable("lost")

    store = Acknowledging(pool, lose)
    outcomes = await commit_all(store, deed(writer, "b1"), deed(writer, "b2"))
    assert [type(one) for one in outcomes] == [Unavailable, Unavailable]
    assert await versions(pool, "b1") == []
