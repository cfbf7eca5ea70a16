"""One vote a height: new ones are signed, found ones taken over, contradictions stop; nobody votes too far ahead."""

import asyncio

import pytest

from litopys.errors import Halted
from litopys.ledger.finality import SeenVote, read_cosignature
from litopys.postgres.ledger_store import BlockRow, VoteRow
from services.validator.voting import VoteGate, Voter, wait_at_most
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
ROOT, OTHER = bytes(32), bytes([1]) * 32


def block(height, *, size=None, first_index=0, root=ROOT):
    return BlockRow(height, b"", b"", None, first_index, size or 10 * (height + 1), root, 0)


def voter(*found):
    return Voter(network=NETWORK, signer=SIMULATED.signer("validator/kyiv"), found=found)


def test_a_new_vote_verifies_as_it_is_published():
    mine = voter()
    vote = mine.vote(block(3, size=40), now_s=1_700_000_000)
    assert (vote.size, vote.height, vote.root) == (40, 3, ROOT)
    seen = read_cosignature(mine.note(vote), NETWORK)
    assert isinstance(seen, SeenVote)
    assert (seen.vote.validator, seen.vote.timestamp_s, seen.checkpoint.size) == ("kyiv", 1_700_000_000, 40)


def test_a_found_vote_is_taken_over_once():
    mine = voter(VoteRow(40, None, ROOT, "— found"))
    assert mine.is_voted(block(3, size=40))
    assert mine.vote(block(3, size=40), now_s=1) == VoteRow(40, 3, ROOT, "— found")
    assert not mine.is_voted(block(3, size=40))


@pytest.mark.parametrize("found", [VoteRow(40, None, OTHER, "— found"), VoteRow(35, None, ROOT, "— found")])
def test_a_found_vote_for_something_else_stops(found):
    with pytest.raises(Halted, match="our key"):
        voter(found).vote(block(3, size=40, first_index=30), now_s=1)


@pytest.mark.parametrize("size", [30, 41])
def test_found_votes_of_other_blocks_are_no_matter(size):
    voter(VoteRow(size, None, OTHER, "— found")).vote(block(3, size=40, first_index=30), now_s=1)


class FakeStore:
    def __init__(self):
        self.quorum_to = 0

    async def is_quorum_from(self, size):
        return size <= self.quorum_to


async def is_open(gate, height):
    try:
        async with asyncio.timeout(0.05):
            await gate.wait(block(height))
    except TimeoutError:
        return False
    return True


async def test_the_gate_opens_when_16_below_is_final():
    gate = VoteGate(store=FakeStore(), sizes={}, final_size=0)
    for height in range(16):
        assert await is_open(gate, height)
    waiting = asyncio.create_task(gate.wait(block(16)))
    await asyncio.sleep(0)
    gate.tell(9)
    assert not waiting.done()
    gate.tell(10)
    await asyncio.wait_for(waiting, 5)


async def test_the_gate_opens_for_a_quorum_that_is_ahead_of_us():
    store = FakeStore()
    gate = VoteGate(store=store, sizes={h: 10 * (h + 1) for h in range(16)}, final_size=0)
    waiting = asyncio.create_task(gate.wait(block(16)))
    await asyncio.sleep(0)
    assert not waiting.done()
    store.quorum_to = 500
    gate.tell()
    await asyncio.wait_for(waiting, 5)


async def test_a_restarted_gate_remembers():
    sizes = {h: 10 * (h + 1) for h in range(20, 37)}
    assert not await is_open(VoteGate(store=FakeStore(), sizes=dict(sizes), final_size=200), 37)
    assert await is_open(VoteGate(store=FakeStore(), sizes=dict(sizes), final_size=220), 37)


async def test_a_cancellation_together_with_the_event_is_not_lost():
    event = asyncio.Event()
    task = asyncio.create_task(wait_at_most(event, 5))
    await asyncio.sleep(0)
    event.set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
