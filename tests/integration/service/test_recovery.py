"""A store that was restored from a backup, a second writer, a producer that breaks: nothing acknowledged is lost."""

import asyncio
from dataclasses import replace

import httpx2
import pytest

from litopys.errors import Conflict, Halted, Unavailable
from litopys.event.cloudevents import parse_event
from litopys.kafka.producer import Publisher
from litopys.postgres.sector_outbox import load_backlog, load_positions
from litopys.postgres.sector_reading import load_history, load_stream
from litopys.postgres.sector_verdicts import State
from litopys.service import relay
from litopys.steps import Moment, Step
from tests.support.cutting import InMidst
from tests.support.databases import tampering
from tests.support.refusing import at_once, end_sessions, let_in, shut_out
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

TABLES = (
    "stream, event, rejected_event, outbox, signed, publication, foreign_record, follow_position, sealed_end,"
    " final_range, rejection, final_block, disclosure, idempotency"
)


async def dump(pool) -> dict[str, list]:
    """All rows of the store, as a backup would hold them."""
    return {name: await pool.fetch(f"select * from {name}") for name in TABLES.split(", ") for name in [name.strip()]}


async def restore(dsn, backup) -> None:
    async with tampering(dsn) as connection, connection.transaction():
        await connection.execute(f"truncate {TABLES}")
        for name, rows in backup.items():
            await connection.copy_records_to_table(name, records=[tuple(row) for row in rows])


async def set_back_to_a_backup(toy):
    """Restore a backup that lacks the last two final events; returns the histories that the store had."""
    pool = toy.world.pool
    async with toy.life():
        await toy.settled(await toy.open_box("b1"))
        backup = await dump(pool)
        await toy.settled(await toy.add("b1", 5, version=1))
        await toy.settled(await toy.open_box("b2"))
    before = [await load_history(pool, subject) for subject in ("box:b1", "box:b2")]
    await restore(toy.world.dsn, backup)
    return before


async def test_a_restored_store_takes_in_what_its_topic_has(toy):
    pool = toy.world.pool
    before = await set_back_to_a_backup(toy)
    assert await load_stream(pool, "box:b2") is None
    async with toy.life():
        after = [await load_history(pool, subject) for subject in ("box:b1", "box:b2")]
        assert [[e.value for e in h] for h in after] == [[e.value for e in h] for h in before]
        stored = await load_stream(pool, "box:b1")
        assert toy.world.writer.decode("box:b1", version=2, state=stored.state).state.content == 5
        statuses = [await toy.settled(a) for a in (await toy.add("b1", 1, version=2), await toy.open_box("b3"))]
        assert {s.state for s in statuses} == {State.FINAL}
    assert toy.ledger.reasons == []


async def test_postgres_goes_away_while_a_restored_store_reads_its_topic(toy, postgres_server):
    """Two faults, the second in the recovery from the first: the gate stays shut until all was read."""
    pool, dsn, admin = toy.world.pool, toy.world.dsn, postgres_server.admin_dsn
    before = await set_back_to_a_backup(toy)
    second = InMidst(Moment(Step.READ_BACK, is_done=False), lambda: at_once(shut_out(admin, dsn)))
    toy.world = replace(toy.world, passing=second)

    async def has_come():
        return second.is_done

    async def let_in_again():
        await until(has_come)
        assert not toy.gate.is_open
        await let_in(admin, dsn)

    letting_in = asyncio.create_task(let_in_again())
    async with toy.life():
        after = [await load_history(pool, subject) for subject in ("box:b1", "box:b2")]
        assert [[e.value for e in h] for h in after] == [[e.value for e in h] for h in before]
        assert (await toy.settled(await toy.add("b1", 1, version=2))).state is State.FINAL
    await letting_in
    assert toy.ledger.reasons == []


async def test_what_was_signed_and_never_left_is_published_at_the_next_start(toy, monkeypatch):
    """The process dies between storing the lines and handing the bytes to Kafka."""

    async def die(self, records):
        raise Unavailable("dead")

    with monkeypatch.context() as patched:
        patched.setattr(Publisher, "publish", die)
        async with toy.life(ledger=False):
            address = await toy.open_box("b1")
            await until(lambda: is_signed(toy))
    async with toy.life():
        assert (await toy.settled(address)).state is State.FINAL
    assert toy.ledger.reasons == []


async def is_signed(toy) -> bool:
    return await toy.world.pool.fetchval("select count(*) from signed") == 1


async def test_bytes_that_left_unnoticed_are_not_published_twice(toy, monkeypatch):
    """Kafka took the bytes and the reply was lost: the topic is read before anything more is said."""
    publish = Publisher.publish
    failures = []

    async def lose_the_reply(self, records):
        await publish(self, records)
        if not failures:
            failures.append(len(records))
            raise Unavailable("no reply")
        return []

    monkeypatch.setattr(Publisher, "publish", lose_the_reply)
    async with toy.life():
        boxes = [await toy.open_box(f"b{n}") for n in range(5)]
        statuses = [await toy.settled(box) for box in boxes]
    assert failures
    assert {s.state for s in statuses} == {State.FINAL}
    assert toy.ledger.reasons == []


async def test_a_second_relay_waits_for_the_lock(toy):
    async with toy.life():
        second = asyncio.create_task(relay.run_relay(toy.world))
        boxes = [await toy.open_box(f"b{n}") for n in range(20)]
        assert {(await toy.settled(box)).state for box in boxes} == {State.FINAL}
        assert not second.done()
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
    assert toy.ledger.reasons == []


async def test_the_position_on_the_topic_is_kept_with_what_was_read(toy):
    async with toy.life():
        await toy.settled(await toy.open_box("b1"))
        await until(lambda: outbox_is_empty(toy))
    positions = await load_positions(toy.world.pool)
    assert sum(positions.values()) == 1


async def outbox_is_empty(toy) -> bool:
    return (await load_backlog(toy.world.pool)).events == 0


async def test_a_stale_second_store_loses_to_what_is_final(toy):
    """Two lives of one store diverge at the same address: the ledger's event stays, the other is rejected."""
    pool = toy.world.pool
    async with toy.life():
        await toy.settled(await toy.open_box("b1"))
    backup = await dump(pool)
    async with toy.life(ledger=False):
        await toy.add("b1", 5, version=1)
        await until(lambda: outbox_is_empty(toy))
    await restore(toy.world.dsn, backup)

    # The restored life acknowledges version 2 before it knows of the other (the gate would prevent it).
    async def open_at_once():
        return None

    object.__setattr__(toy.desk, "check_open", open_at_once)
    mine = await toy.add("b1", 7, version=1)
    async with toy.life():
        status = await toy.settled(mine)
        assert (status.state, status.reason) == (State.REJECTED, "stream-version")
        after = await toy.add("b1", 1, version=2)
        assert (await toy.settled(after)).state is State.FINAL
    history = await load_history(pool, "box:b1")
    assert [parse_event(e.value).data.get("count") for e in history] == [None, 5, 1]


async def test_another_topic_under_the_same_name_stops_the_relay(toy, kafka):
    async with toy.life():
        await toy.settled(await toy.open_box("b1"))
    async with tampering(toy.world.dsn) as connection:
        await connection.execute("update follow_identity set topic_id = 'another'")
    with pytest.raises(Halted, match="pinned"):
        await relay.run_relay(toy.world)


async def test_sessions_of_the_database_that_end_lose_nothing(toy):
    """As when Postgres is restarted: relay, gate and pool find their way back."""

    async def patient_open(key):
        while True:
            try:
                return await toy.open_box(key)
            except (Unavailable, Conflict):
                await asyncio.sleep(0.05)

    async with toy.life():
        boxes = [await patient_open(f"a{n}") for n in range(20)]
        for attempt in range(3):
            await end_sessions(toy.world.dsn)
            boxes += [await patient_open(f"b{attempt}x{n}") for n in range(5)]
        for box in boxes:
            await until(lambda box=box: is_final(toy, box))
    assert toy.ledger.reasons == []


async def is_final(toy, address) -> bool:
    try:
        return (await toy.board.status(address)).state is State.FINAL
    except Unavailable:
        return False


async def test_validators_that_lie_are_passed_over(toy):
    def corrupt(request, response):
        if request.url.host.startswith(("kyiv", "lviv")) and response.status_code == 200:
            return httpx2.Response(200, content=response.content.replace(b"index 0", b"index 1") + b"x")
        if request.url.host.startswith("odesa"):
            raise httpx2.ConnectError("down")
        return response

    toy.ledger.answers = corrupt
    async with toy.life():
        assert (await toy.settled(await toy.open_box("b1"))).state is State.FINAL
