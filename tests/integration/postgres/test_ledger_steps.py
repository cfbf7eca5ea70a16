"""A position moves in the transaction of what was read up to it, or not at all."""

import pytest

from litopys.errors import Unavailable
from litopys.postgres import ledger_identity as identity
from litopys.postgres import ledger_store as store
from litopys.replica.store import LedgerStore, Seen
from litopys.steps import Moment, Step
from tests.support.cutting import CutOff
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

POSITION = store.PositionRow("p", 0, 8)
BLOCK = store.BlockRow(0, b"note", bytes(32), 0, 0, 1, bytes(32), 0)
WRITE = store.BlockWrite(BLOCK, [store.EntryRow(0, b"block entry", None)], [], [], [], [], [POSITION], None)


def cut_off_before(pool, step):
    passing = CutOff(Moment(step, is_done=False), times=1)
    return LedgerStore(pool=pool, network=Simulated().network(), validator="kyiv", passing=passing)


async def positions(pool):
    async with pool.acquire() as connection:
        return await identity.read_positions(connection)


async def test_a_block_that_is_cut_off_leaves_nothing(pool):
    with pytest.raises(Unavailable):
        await cut_off_before(pool, Step.BLOCK).store_block(WRITE)
    assert await positions(pool) == {}
    await cut_off_before(pool, Step.EVIDENCE).store_block(WRITE)
    assert await positions(pool) == {("p", 0): 8}


async def test_cosignatures_that_are_cut_off_are_read_again(pool):
    seen = Seen([], [], [], [POSITION])
    with pytest.raises(Unavailable):
        await cut_off_before(pool, Step.COSIGNATURES).store_seen(seen)
    assert await positions(pool) == {}
    await cut_off_before(pool, Step.EVIDENCE).store_seen(seen)
    assert await positions(pool) == {("p", 0): 8}
