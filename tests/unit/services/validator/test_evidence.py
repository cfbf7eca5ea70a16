"""What was passed over waits for the next block that counts after it, however far ahead of the database it was read."""

import dataclasses

import pytest

from litopys.ledger.chain import Dropped, DroppedBlock, Offered
from litopys.postgres.ledger_store import BlockRow
from services.validator.evidence import MAX_SUSPECTS, Suspects, judge_suspects
from tests.support.council import WithSealers

pytestmark = pytest.mark.anyio

SIMULATED = WithSealers()
NETWORK = SIMULATED.network()
BLOCK = SIMULATED.block(0, NETWORK.digest, [SIMULATED.record_of("thing:1", offset=0)])
ROW = BlockRow(0, SIMULATED.block_note(BLOCK), BLOCK.hash, 3, 0, 2, bytes(32), 0)


def dropped(offset, reason=Dropped.DIGEST, *, sealer="b", **changes):
    return DroppedBlock(Offered(offset, SIMULATED.block_note(dataclasses.replace(BLOCK, **changes), sealer)), reason)


def test_what_stands_after_a_block_is_kept_for_the_next():
    suspects = Suspects(NETWORK)
    early, late = dropped(2, previous=bytes(32)), dropped(4, height=1)
    suspects.add(early)
    suspects.add(late)
    assert suspects.take_before(3) == [early]
    assert suspects.take_before(3) == []
    assert suspects.notes() == [late.offered.note]
    assert suspects.take_before(5) == [late]


def test_a_flood_of_strangers_pushes_no_sealer_out():
    suspects = Suspects(NETWORK)
    listed = [dropped(offset, height=offset) for offset in range(3)]
    stranger = WithSealers(signers={"sealer/b": SIMULATED.signer("sealer/z")})
    for one in listed:
        suspects.add(one)
    for offset in range(3, 3 + MAX_SUSPECTS):
        suspects.add(DroppedBlock(Offered(offset, stranger.block_note(BLOCK, "b")), Dropped.SIGNATURE))
        suspects.add(DroppedBlock(Offered(offset, b"poison"), Dropped.MALFORMED))
    assert suspects.take_before(3) == listed


class Connection:
    """A database that holds no block yet, and these rows of evidence."""

    def __init__(self, *firsts):
        self.firsts = firsts

    async def fetchrow(self, *_query):
        return None

    async def fetch(self, *_query):
        return [{"first": first} for first in self.firsts]


async def judged(*suspects, kept=()):
    rows = await judge_suspects(list(suspects), ROW, connection=Connection(*kept), network=NETWORK)
    return [(row.kind, row.who.rpartition("/")[2]) for row in rows]


async def test_a_lie_at_the_height_of_the_block_that_comes():
    assert await judged(dropped(2, Dropped.PREVIOUS, previous=bytes(32))) == [("broken-block", "b")]


async def test_two_losers_of_one_key_whether_they_come_together_or_not():
    one = dropped(4, Dropped.HEIGHT, ranges=(BLOCK.ranges[0]._replace(digest=bytes(32)),))
    other = dropped(5, Dropped.HEIGHT, ranges=(BLOCK.ranges[0]._replace(digest=b"1" * 32),))
    assert await judged(one) == [("lost-race", "b")]
    assert await judged(one, other) == [("lost-race", "b"), ("lost-race", "b"), ("two-blocks", "b")]
    assert await judged(one, kept=[other.offered.note]) == [("lost-race", "b"), ("two-blocks", "b")]
    assert await judged(one, kept=[one.offered.note]) == [("lost-race", "b")]
