"""From the commit to the verdict: published once, followed, judged, told."""

import pytest

from litopys.errors import Unavailable
from litopys.postgres.sector_outbox import load_backlog
from litopys.postgres.sector_verdicts import State
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def test_an_event_becomes_final_under_its_index(toy):
    async with toy.life():
        first = await toy.open_box("b1")
        status = await toy.settled(first)
        assert status.state is State.FINAL
        assert toy.ledger.entries[status.index].startswith(b'{"specversion"')
        second = await toy.add("b1", 3, version=1)
        status = await toy.settled(second)
        assert b'"count":3' in toy.ledger.entries[status.index]
        await until(lambda: outbox_is_empty(toy))
        assert toy.ledger.reasons == []


async def outbox_is_empty(toy) -> bool:
    return (await load_backlog(toy.world.pool)).events == 0


async def test_nothing_is_accepted_before_the_topic_was_read(toy):
    with pytest.raises(Unavailable):
        await toy.open_box("b1")


async def test_many_events_are_signed_in_batches_and_all_become_final(toy):
    async with toy.life(ledger=False):
        boxes = [await toy.open_box(f"b{n}") for n in range(200)]
    async with toy.life():
        statuses = [await toy.settled(box) for box in boxes]
    assert {s.state for s in statuses} == {State.FINAL}
    assert len({s.index for s in statuses}) == 200
    assert toy.ledger.reasons == []


async def test_every_index_is_that_of_the_event(toy):
    async with toy.life():
        boxes = [await toy.open_box(f"b{n}") for n in range(50)]
        for box in boxes:
            status = await toy.settled(box)
            assert f'"subject":"{box.subject}"'.encode() in toy.ledger.entries[status.index]
