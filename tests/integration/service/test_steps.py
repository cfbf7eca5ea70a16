"""A sector service cut off and killed at every durable step, before it and after it: nothing lost, nothing doubled.

The steps of imports have their tests beside the other tests of imports, ON_RECORD beside those of accesses, INDEXED
beside those of search entries.
"""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from litopys.errors import Unavailable
from litopys.event.cloudevents import parse_event
from litopys.event.streams import Citation, partition_of
from litopys.ledger.rejections import Reason
from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_outbox import load_backlog
from litopys.postgres.sector_reading import load_history
from litopys.postgres.sector_requests import Request
from litopys.postgres.sector_verdicts import State
from litopys.service import relay
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from litopys.steps import RELAY, Step, steps_of
from tests.support.cutting import CutOff, Killed, moments, name_of
from tests.support.toy_sector.domain import BoxOpened
from tests.support.toy_sector.sector import TOY, OpenBox
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

# What was done and only its reply lost finds nothing left to do.
ONCE = {Step.SETTLED, Step.SET_BACK, Step.RELEASED}


@pytest.fixture
def cut(toy, monkeypatch):
    """`cut(moment, …)` makes the toy's relay fail there."""
    monkeypatch.setattr(relay, "_NEXT_TERM_S", 0.05)

    def cut_off(moment, **how):
        cut_off = CutOff(moment, **how)
        toy.world = replace(toy.world, passing=cut_off)
        return cut_off

    return cut_off


@pytest.fixture
def one_refused(toy):
    """The ledger refuses the event that adds 13, and what stands on it; the others become final."""
    toy.ledger.fault = lambda record: Reason.RULE if b'"count":13' in record.value else None


async def acknowledge(toy):
    """Four boxes, before any relay runs: three settle well, one loses its second event and its third to a rule.

    The fourth cites the third, and has to wait for it. Of an answer that is eight days old nothing shall be left.
    """

    async def at_once():
        return None

    toy.desk = replace(toy.desk, check_open=at_once)
    addresses = [await toy.open_box(f"b{n}") for n in range(3)]
    addresses += [await toy.add("b1", 13, version=1), await toy.add("b1", 1, version=2)]
    await toy.world.pool.execute(
        "insert into idempotency values ('o:1', 'old', 'digest', 'box:b0', 1, now() - interval '8 days')"
    )
    return [*addresses, await toy.add("b2", 1, version=1), await cite(toy, "b2", version=2)]


async def cite(toy, key, *, version):
    """Another box that cites one."""
    opened = BoxOpened("hats", None, "sha-256", None)
    decided = Decided("box_opened", 1, opened, (Citation(f"box:{key}", version),))
    change, _ = toy.world.writer.change(Stream(f"box:after{key}", 0, None), [decided], actor="o:1")
    async with transaction(toy.world.pool) as connection:
        await append(connection, [change])
    return Address(change.subject, 1)


async def check_settled(toy, addresses):
    """Every address has its verdict, every stream its events in order, and the ledger has seen none twice."""
    statuses = [await toy.settled(address) for address in addresses]
    final, rejected = State.FINAL, State.REJECTED
    assert [s.state for s in statuses] == [final, final, final, rejected, rejected, final, final]
    cited, citing = statuses[-2:]
    assert cited.index < citing.index
    after = await toy.add("b1", 2, version=3)
    assert (await toy.settled(after)).state is final
    names = [parse_event(e.value).name for e in await load_history(toy.world.pool, "box:b1")]
    assert names == ["box_opened", "voided", "voided", "items_added"]
    refused = Counter(toy.ledger.reasons)
    assert refused == {Reason.RULE: 1, Reason.STREAM_VERSION: 1}, "nothing was published more often than it must"
    await until(lambda: is_all_read_back(toy))


async def is_all_read_back(toy):
    """Every admitted record is known by its place once; nothing waits, nothing old is kept, one topic is pinned."""
    pool = toy.world.pool
    counts = await pool.fetchrow(
        """select (select count(*) from publication), (select count(distinct position) from publication),
            (select count(*) from idempotency), (select count(*) from follow_identity)"""
    )
    events = await pool.fetchval("select (select count(*) from event) + (select count(*) from rejected_event)")
    backlog = await load_backlog(pool)
    return backlog.events == 0 and tuple(counts) == (sum(toy.ledger.positions.values()), events, 0, 1)


async def check_named(toy, cut_off):
    """What a block that comes later names is shown, whatever was lost before."""
    partition = partition_of("box:b1", 2)
    is_last = False
    while not is_last:
        is_last = cut_off.left == 0  # where two blocks were read at once, it takes another to be cut off again
        version = (await load_history(toy.world.pool, "box:b1"))[-1].version
        await toy.settled(await toy.add("b1", 1, version=version))

    async def is_named():
        named = await toy.world.pool.fetchval('select "offset" from sealed_end where partition = $1', partition)
        return named == toy.ledger.positions[toy.world.topic, partition]

    await until(is_named)


@pytest.mark.parametrize("moment", moments(steps_of(RELAY)), ids=name_of)
async def test_a_relay_cut_off_twice_at(toy, cut, one_refused, moment):
    cut_off = cut(moment, times=1 if moment.is_done and moment.step in ONCE else 2)
    addresses = await acknowledge(toy)
    async with toy.life():
        await check_settled(toy, addresses)
        assert cut_off.left == 0 or moment.step is Step.NAMED, "the step was passed"
        await check_named(toy, cut_off)


@pytest.mark.parametrize("moment", moments(steps_of(RELAY)), ids=name_of)
async def test_a_service_killed_at(toy, cut, one_refused, moment):
    cut_off = cut(moment, times=1, error=Killed)
    addresses = await acknowledge(toy)
    with pytest.raises(BaseExceptionGroup) as ended:
        async with toy.life():
            await asyncio.Event().wait()
    assert ended.group_contains(Killed)
    assert cut_off.left == 0
    async with toy.life():
        await check_settled(toy, addresses)
        await check_named(toy, cut_off)


@pytest.mark.parametrize("is_killed", [False, True], ids=["cut-off", "killed"])
@pytest.mark.parametrize("moment", moments([Step.ACKNOWLEDGED]), ids=name_of)
async def test_a_command_whose_reply_is_lost_has_effect_once(toy, moment, is_killed):
    """Said again to the same process, or to the one after it, which has nothing in memory."""
    desk = replace(toy.desk, passing=CutOff(moment, times=2))
    (command,) = [c for c in TOY.aggregate("box").commands if c.name == "open"]
    request = Request("o:1", "once", bytes(32))

    async def send(desk):
        body = OpenBox.model_validate({"label": "shoes"})
        return await desk.execute(command, body, subject="box:b1", actor="o:1", expected_version=None, request=request)

    async with toy.life():
        for _ in range(1 if moment.is_done else 2):
            with pytest.raises(Unavailable):
                await send(desk)
        done = await send(toy.desk if is_killed else desk)
        assert (await toy.settled(done.address)).state is State.FINAL
    assert len(await load_history(toy.world.pool, "box:b1")) == 1
    assert toy.ledger.reasons == []
