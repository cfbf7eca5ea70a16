"""A sector service cut off and killed at every durable step, before it and after it: nothing lost, nothing doubled.

The step IMPORTED has its test beside the other tests of imports.
"""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from litopys.errors import Unavailable
from litopys.event.cloudevents import parse_event
from litopys.ledger.rejections import Reason
from litopys.postgres.sector_reading import load_history
from litopys.postgres.sector_requests import Request
from litopys.postgres.sector_verdicts import State
from litopys.service import relay
from litopys.steps import SECTOR, Step, steps_of
from tests.support.cutting import CutOff, Killed, moments, name_of
from tests.support.toy_sector.sector import TOY, OpenBox

pytestmark = pytest.mark.anyio

OF_THE_RELAY = [step for step in steps_of(SECTOR) if step not in {Step.ACKNOWLEDGED, Step.IMPORTED}]


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
    """Three boxes, before any relay runs: two settle well, one loses its second event and its third to a rule."""

    async def at_once():
        return None

    toy.desk = replace(toy.desk, check_open=at_once)
    addresses = [await toy.open_box(f"b{n}") for n in range(3)]
    addresses += [await toy.add("b1", 13, version=1), await toy.add("b1", 1, version=2)]
    return [*addresses, await toy.add("b2", 1, version=1)]


async def check_settled(toy, addresses):
    """Every address has its verdict, every stream its events in order, and the ledger has seen none twice."""
    statuses = [await toy.settled(address) for address in addresses]
    final, rejected = State.FINAL, State.REJECTED
    assert [s.state for s in statuses] == [final, final, final, rejected, rejected, final]
    after = await toy.add("b1", 2, version=3)
    assert (await toy.settled(after)).state is final
    names = [parse_event(e.value).name for e in await load_history(toy.world.pool, "box:b1")]
    assert names == ["box_opened", "voided", "voided", "items_added"]
    refused = Counter(toy.ledger.reasons)
    assert refused == {Reason.RULE: 1, Reason.STREAM_VERSION: 1}, "nothing was published more often than it must"


@pytest.mark.parametrize("moment", moments(OF_THE_RELAY), ids=name_of)
async def test_a_relay_cut_off_twice_at(toy, cut, one_refused, moment):
    # What was settled and only its reply lost is not settled a second time.
    is_once = moment.is_done and moment.step in {Step.SETTLED, Step.SET_BACK}
    cut_off = cut(moment, times=1 if is_once else 2)
    addresses = await acknowledge(toy)
    async with toy.life():
        await check_settled(toy, addresses)
    assert cut_off.left == 0, "the step was passed"


@pytest.mark.parametrize("moment", moments(OF_THE_RELAY), ids=name_of)
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


@pytest.mark.parametrize("moment", moments([Step.ACKNOWLEDGED]), ids=name_of)
async def test_a_command_whose_reply_is_lost_has_effect_once(toy, moment):
    cut_off = CutOff(moment, times=2)
    desk = replace(toy.desk, passing=cut_off)
    (command,) = [c for c in TOY.aggregate("box").commands if c.name == "open"]
    request = Request("o:1", "once", bytes(32))

    async def send():
        body = OpenBox.model_validate({"label": "shoes"})
        return await desk.execute(command, body, subject="box:b1", actor="o:1", expected_version=None, request=request)

    async with toy.life():
        for _ in range(1 if moment.is_done else 2):
            with pytest.raises(Unavailable):
                await send()
        done = await send()
        assert (await toy.settled(done.address)).state is State.FINAL
    assert len(await load_history(toy.world.pool, "box:b1")) == 1
    assert toy.ledger.reasons == []
