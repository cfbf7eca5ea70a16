"""An event's trace lies beside it until it is final; and how old the oldest event is that is not final is known."""

import pytest

from litopys.postgres.pool import read_database_bytes, transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_outbox import Seen, store_seen, take_waiting
from litopys.postgres.sector_traces import finish_traces, forget_traces, load_traces
from litopys.postgres.sector_verdicts import FinalBlock, FinalRange, load_unfinal_age_s, store_final
from litopys.service import writing
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from tests.support.databases import tampering
from tests.support.scans import nothing_read_through
from tests.support.toy_sector import domain as toy

pytestmark = pytest.mark.anyio

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACED, PLAIN = Address("box:b0", 1), Address("box:b1", 1)


def opened(writer, subject):
    fact = Decided("box_opened", 1, toy.BoxOpened("shoes", None, "sha-256", None))
    return writer.change(Stream(subject, 0, None), [fact], actor="o:1")[0]


@pytest.fixture
async def published(pool, writer, monkeypatch):
    """Two boxes at the offsets 0 and 1 of partition 0; the first belongs to a trace."""
    monkeypatch.setattr(writing, "current_traceparent", lambda: TRACE)
    changes = [opened(writer, TRACED.subject)]
    monkeypatch.setattr(writing, "current_traceparent", lambda: None)
    changes.append(opened(writer, PLAIN.subject))
    async with transaction(pool) as connection:
        await append(connection, changes)
    waiting = sorted(await take_waiting(pool, 10), key=lambda one: one.subject)
    seen = [Seen(0, offset, one.position) for offset, one in enumerate(waiting)]
    async with transaction(pool) as connection:
        await store_seen(connection, seen=seen, settled=[s.position for s in seen], foreign=[], ends={0: 2})
    return changes


def block(height, first, end):
    return FinalBlock(height, 10 + height, [FinalRange(0, first, end, height, first)], [])


async def finish(pool, one):
    async with transaction(pool) as connection:
        await store_final(connection, [one])
        return await finish_traces(connection, [one])


async def test_a_trace_is_no_part_of_the_events_bytes(published):
    assert TRACE.encode() not in published[0].events[0].value
    assert published[0].events[0].traceparent == TRACE


async def test_a_trace_is_found_until_its_event_is_final(pool, published):
    assert await load_traces(pool, [TRACED, PLAIN]) == {tuple(TRACED): TRACE}
    assert await finish(pool, block(7, 1, 2)) == []
    (done,) = await finish(pool, block(8, 0, 1))
    assert (done.traceparent, done.height) == (TRACE, 8)
    assert done.lasted_s > 0
    assert await load_traces(pool, [TRACED, PLAIN]) == {}


async def test_a_block_without_ranges_of_ours_ends_nothing(pool, published):
    assert await finish(pool, FinalBlock(7, 17, [], [])) == []
    assert await load_traces(pool, [TRACED]) == {tuple(TRACED): TRACE}


async def test_traces_of_another_day_are_forgotten(pool, published, database):
    async with transaction(pool) as connection:
        await forget_traces(connection)
    assert await load_traces(pool, [TRACED])
    async with tampering(database) as connection:
        await connection.execute("update event_trace set begun_at = begun_at - interval '25 hours'")
    async with transaction(pool) as connection:
        await forget_traces(connection)
    assert await load_traces(pool, [TRACED]) == {}


async def test_the_oldest_event_that_is_not_final_has_an_age(pool, published, database):
    async with tampering(database) as connection:
        for subject, age in ((TRACED.subject, "1 hour"), (PLAIN.subject, "1 minute")):
            await connection.execute(
                "update event set recorded_at = now() - $2::text::interval where subject = $1", subject, age
            )
    assert 3_590 < await load_unfinal_age_s(pool) < 3_700
    await finish(pool, block(7, 0, 1))
    assert 50 < await load_unfinal_age_s(pool) < 160
    await finish(pool, block(8, 1, 2))
    assert await load_unfinal_age_s(pool) == 0


async def test_that_age_costs_the_same_whatever_the_store_holds(pool, published, database):
    await pool.execute(
        """insert into publication (partition, "offset", position)
           select 0, n, 1000 + n from generate_series(2, 30000) n"""
    )
    await pool.execute(
        """insert into final_range (partition, end_offset, first_offset, height, first_index)
           select 0, n + 1, n, n, n from generate_series(0, 20000) n"""
    )
    async with pool.acquire() as connection, nothing_read_through(connection, database, "publication", "final_range"):
        await load_unfinal_age_s(connection)


async def test_a_database_has_a_size(pool):
    assert await read_database_bytes(pool) > 1_000_000
