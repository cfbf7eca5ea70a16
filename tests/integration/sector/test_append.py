"""Acknowledged means committed, once, at the version that was expected."""

import asyncio

import pytest

from litopys.errors import RuleViolated
from litopys.event.cloudevents import parse_event
from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import StreamMoved, StreamStopped, append
from litopys.postgres.sector_outbox import first_held, hold, load_backlog, load_held, release, take_waiting
from litopys.postgres.sector_reading import list_streams, load_disclosures, load_history, load_stream
from litopys.postgres.sector_settling import stop_stream
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.sector import OpenBox, seal_open

pytestmark = pytest.mark.anyio


def opened(label: str = "shoes") -> Decided:
    return Decided("box_opened", 1, toy.BoxOpened(label, None, "sha-256", None))


def added(count: int) -> Decided:
    return Decided("items_added", 1, toy.ItemsAdded(count, "2026"))


def begin(writer, subject: str, *decided: Decided):
    return writer.change(Stream(subject, 0, None), [opened(), *decided], actor="o:1")


async def put(pool, *changes):
    async with transaction(pool) as connection:
        return await append(connection, changes)


async def test_what_is_appended_is_found_again_in_order(pool, writer):
    change, stream = begin(writer, "box:b1", added(3))
    appended = await put(pool, change)
    assert appended.events == 2
    assert appended.last_position == appended.first_position + 1
    stored = await load_stream(pool, "box:b1")
    assert (stored.version, writer.decode("box:b1", version=2, state=stored.state)) == (2, stream)
    history = await load_history(pool, "box:b1")
    assert [e.value for e in history] == [e.value for e in change.events]
    assert [parse_event(e.value).streamversion for e in history] == [1, 2]
    assert [w.value for w in await take_waiting(pool, 10)] == [e.value for e in history]
    assert (await load_backlog(pool)).events == 2


async def test_a_bulk_append_keeps_the_order_of_each_stream(pool, writer):
    changes = [begin(writer, f"box:b{n}", added(1), added(2))[0] for n in range(300)]
    await put(pool, *changes)
    waiting = await take_waiting(pool, 1_000)
    assert len(waiting) == 900
    versions: dict[str, list[int]] = {}
    for one in waiting:
        versions.setdefault(one.subject, []).append(one.version)
    assert set(map(tuple, versions.values())) == {(1, 2, 3)}
    assert [w.position for w in waiting] == sorted(w.position for w in waiting)


@pytest.mark.parametrize("expected", [1, 3, 0])
async def test_another_version_than_expected_writes_nothing(pool, writer, expected):
    first, stream = begin(writer, "box:b1", added(3))
    await put(pool, first)
    late, _ = writer.change(stream._replace(version=expected), [added(1)], actor="o:1")
    other, _ = begin(writer, "box:other")
    with pytest.raises(StreamMoved):
        await put(pool, other, late)
    assert await load_stream(pool, "box:other") is None
    assert (await load_stream(pool, "box:b1")).version == 2
    assert len(await take_waiting(pool, 10)) == 2


async def test_of_many_at_once_exactly_one_succeeds_for_each_version(pool, writer):
    change, stream = begin(writer, "box:b1")
    await put(pool, change)
    rivals = [writer.change(stream, [added(n)], actor="o:1")[0] for n in range(1, 9)]
    results = await asyncio.gather(*(put(pool, rival) for rival in rivals), return_exceptions=True)
    assert sum(isinstance(r, StreamMoved) for r in results) == 7
    stored = await load_stream(pool, "box:b1")
    (winner,) = [r for r, result in zip(rivals, results, strict=True) if not isinstance(result, Exception)]
    assert (stored.version, stored.state) == (2, winner.state)


async def test_appends_of_the_same_streams_in_other_orders_do_not_deadlock(pool, writer):
    begun = [begin(writer, f"box:b{n}") for n in range(50)]
    await put(pool, *(change for change, _ in begun))
    one = [writer.change(stream, [added(1)], actor="o:1")[0] for _, stream in begun]
    other = [writer.change(stream, [added(2)], actor="o:1")[0] for _, stream in reversed(begun)]
    results = await asyncio.gather(put(pool, *one), put(pool, *other), return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["Appended", "StreamMoved"]


async def test_a_stopped_stream_takes_nothing(pool, writer):
    change, stream = begin(writer, "box:b1")
    await put(pool, change)
    async with transaction(pool) as connection:
        await stop_stream(connection, "box:b1", "rule")
    late, _ = writer.change(stream, [added(1)], actor="o:1")
    with pytest.raises(StreamStopped):
        await put(pool, late)


async def test_a_ledger_rule_refuses_before_anything_is_written(writer):
    _, stream = begin(writer, "box:b1", added(3))
    taken = Decided("items_taken", 1, toy.ItemsTaken(4, "2026"))
    with pytest.raises(RuleViolated, match="too-few"):
        writer.change(stream, [taken], actor="o:1")


async def test_disclosures_are_kept_for_the_digests_that_stand_in_an_event(pool, writer):
    sealing = writer.sealing()
    wire = OpenBox.model_validate({"label": "shoes", "keeper": {"name": "Оля", "phone": None}})
    command = seal_open(wire, sealing)
    sealing.seal_person(closed={"name": "nobody's"})
    change, _ = writer.change(
        Stream("box:b1", 0, None), [Decided("box_opened", 1, command)], actor="o:1", sealing=sealing
    )
    await put(pool, change)
    (kept,) = await load_disclosures(pool, "box:b1", up_to=1)
    assert (kept.name, kept.is_open, kept.person) == ("name", True, command.keeper.id)
    assert kept.digest in command.keeper.sd
    assert len(command.keeper.sd) == 2
    assert "Оля".encode() not in change.events[0].value


async def test_lists_end_with_the_aggregate(pool, writer):
    await put(pool, *(begin(writer, subject)[0] for subject in ("box:b", "box:a", "box:a/1")))
    found = await list_streams(pool, "box", after="", limit=10)
    assert [s.subject for s in found] == ["box:a", "box:a/1", "box:b"]
    assert [s.subject for s in await list_streams(pool, "box", after="box:a", limit=1)] == ["box:a/1"]
    assert await list_streams(pool, "bo", after="", limit=10) == []


async def test_held_events_wait_until_they_are_released(pool, writer):
    await put(pool, begin(writer, "box:b1", added(1))[0], begin(writer, "box:b2")[0])
    first, second, _ = sorted(await take_waiting(pool, 10))
    async with transaction(pool) as connection:
        await hold(connection, [first.position, second.position])
    assert [w.subject for w in await take_waiting(pool, 10)] == ["box:b2"]
    assert await first_held(pool, ["box:b1", "box:b2"]) == {"box:b1": first.position}
    assert [h.position for h in await load_held(pool, after=0, limit=10)] == [first.position, second.position]
    async with transaction(pool) as connection:
        await release(connection, [first.position])
    assert await first_held(pool, ["box:b1"]) == {"box:b1": second.position}
    assert [w.version for w in await take_waiting(pool, 10) if w.subject == "box:b1"] == [1]
