"""Statuses are worked out from ranges and refusals, never written per event."""

import pytest

from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_outbox import Seen, load_positions, store_seen, take_waiting
from litopys.postgres.sector_reading import load_stream
from litopys.postgres.sector_settling import load_foreign_final, load_open_rejections, reject_events
from litopys.postgres.sector_verdicts import (
    FinalBlock,
    FinalHead,
    FinalRange,
    Refused,
    State,
    load_final_blocks,
    load_final_head,
    load_finality_samples,
    load_statuses,
    store_final,
    store_sealed,
)
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from tests.support.scans import nothing_read_through
from tests.support.toy_sector import domain as toy

pytestmark = pytest.mark.anyio


@pytest.fixture
async def placed(pool, writer):
    """Ten boxes, published at the offsets 0 to 9 of partition 0."""
    changes = []
    for n in range(10):
        opened = Decided("box_opened", 1, toy.BoxOpened("shoes", None, "sha-256", None))
        changes.append(writer.change(Stream(f"box:b{n}", 0, None), [opened], actor="o:1")[0])
    async with transaction(pool) as connection:
        await append(connection, changes)
    waiting = await take_waiting(pool, 100)
    order = sorted(waiting, key=lambda w: w.subject)
    seen = [Seen(0, offset, w.position) for offset, w in enumerate(order)]
    async with transaction(pool) as connection:
        await store_seen(connection, seen=seen, settled=[s.position for s in seen], foreign=[], ends={0: 10})
    return [Address(w.subject, 1) for w in order]


async def final(pool, *blocks):
    async with transaction(pool) as connection:
        await store_final(connection, blocks)


async def test_statuses_over_the_life_of_events(pool, placed):
    assert await take_waiting(pool, 10) == []
    assert await load_positions(pool) == {0: 10}
    assert {s.state for s in await load_statuses(pool, placed)} == {State.PENDING}
    for end in (4, 2):
        async with transaction(pool) as connection:
            await store_sealed(connection, {0: end})
    states = [s.state for s in await load_statuses(pool, placed)]
    assert states == [State.SEALED] * 4 + [State.PENDING] * 6


async def test_an_index_counts_what_was_admitted_before_it(pool, placed):
    blocks = [
        FinalBlock(0, 103, [FinalRange(0, 0, 4, 0, 100)], [Refused(0, 1, "stream-version")]),
        FinalBlock(1, 110, [], []),
        FinalBlock(2, 120, [FinalRange(0, 4, 9, 2, 115)], [Refused(0, 4, "key"), Refused(0, 6, "key")]),
    ]
    await final(pool, *blocks)
    found = await load_statuses(pool, placed)
    assert [s.index for s in found] == [100, None, 101, 102, None, 115, None, 116, 117, None]
    assert [s.height for s in found] == [0, None, 0, 0, None, 2, None, 2, 2, None]
    assert await load_final_head(pool) == FinalHead(2, 120)
    assert [b[:2] for b in await load_final_blocks(pool, after=0, limit=5)] == [(1, 110), (2, 120)]
    assert len(await load_finality_samples(pool, blocks)) == 4


async def test_an_edge_is_sampled_once_and_what_is_not_ours_not_at_all(pool, placed):
    one = FinalBlock(0, 3, [FinalRange(0, 2, 3, 0, 0)], [])
    await final(pool, one, FinalBlock(1, 5, [], []))
    assert len(await load_finality_samples(pool, [one])) == 1
    assert await load_finality_samples(pool, [FinalBlock(1, 5, [], [])]) == []


async def test_what_is_asked_at_every_block_reads_no_table_from_end_to_end(pool, database, placed):
    many = "insert into publication select 1, n, 1000 + n from generate_series(1, 20000) as n"
    ranges = "insert into final_range select 1, n + 1, n, n, n from generate_series(1, 20000) as n"
    blocks = "insert into final_block select n, n from generate_series(1, 20000) as n"
    for statement in (many, ranges, blocks):
        await pool.execute(statement)
    block = FinalBlock(30_000, 40_000, [FinalRange(0, 0, 10, 30_000, 39_990)], [])
    await final(pool, block)
    async with (
        pool.acquire() as connection,
        nothing_read_through(connection, database, "publication", "final_range", "final_block"),
    ):
        assert len(await load_finality_samples(connection, [block])) == 2
        assert (await load_final_head(connection)).height == 30_000
        await load_open_rejections(connection, 1_000)
        await load_foreign_final(connection, 1_000)


async def test_what_one_reader_asks_is_planned_once(pool, placed):
    async with pool.acquire() as connection:
        for _ in range(20):
            (status,) = await load_statuses(connection, [placed[3]])
            stream = await load_stream(connection, placed[3].subject)
        assert (status.subject, stream.version) == (placed[3].subject, 1)
        plans = await connection.fetch(
            "select custom_plans, generic_plans from pg_prepared_statements where custom_plans + generic_plans = 20"
        )
    assert sorted(tuple(row) for row in plans) == [(5, 15), (5, 15)], "planned anew for each value"


async def test_a_second_copy_that_was_admitted_counts(pool, placed):
    await final(pool, FinalBlock(0, 3, [FinalRange(0, 0, 4, 0, 0)], [Refused(0, 1, "signature")]))
    (position,) = [row["position"] for row in await pool.fetch("select position from event where subject = 'box:b1'")]
    async with transaction(pool) as connection:
        await store_seen(connection, seen=[Seen(0, 10, position)], settled=[], foreign=[], ends={0: 11})
    await final(pool, FinalBlock(1, 11, [FinalRange(0, 4, 11, 1, 4)], []))
    (status,) = await load_statuses(pool, [Address("box:b1", 1)])
    assert (status.state, status.index, status.height) == (State.FINAL, 10, 1)


async def test_a_rejected_event_keeps_its_reason(pool, placed):
    async with transaction(pool) as connection:
        await reject_events(connection, "box:b3", versions=[1], reason="rule")
    (status,) = await load_statuses(pool, [Address("box:b3", 1)])
    assert (status.state, status.reason, status.index) == (State.REJECTED, "rule", None)


async def test_what_was_never_acknowledged_has_no_status(pool, placed):
    assert await load_statuses(pool, [Address("box:b0", 2), Address("box:none", 1)]) == []
