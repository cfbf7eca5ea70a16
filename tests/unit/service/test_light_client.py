"""Indices by arithmetic, from block entries alone."""

from hashlib import sha256
from typing import NamedTuple

import pytest

from litopys.errors import VerificationFailed
from litopys.ledger.amending import amend_network
from litopys.ledger.block_entries import BlockEntry, format_block_entry
from litopys.ledger.blocks import Block, Range
from litopys.ledger.rejections import Reason, Rejection, rejected_digest
from litopys.postgres.sector_verdicts import FinalHead, FinalRange, Refused
from litopys.service.light_client import AmendmentUnknown, FinalityContradicted, load_verdicts, to_final_block
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

SIMULATED = Simulated(sectors=("toy",))
NETWORK = SIMULATED.network()


def entry(height: int, first_index: int, ranges, rejected=()) -> BlockEntry:
    digest = sha256(b"").digest()
    block = Block("simulated.example/one", height, digest, tuple(Range(*r, digest) for r in ranges))
    records = sum(end - first for _, _, first, end in ranges)
    return BlockEntry(block, first_index, records - len(rejected), len(rejected), rejected_digest(rejected))


class Verified(NamedTuple):
    entry: bytes


class Receipt(NamedTuple):
    verified: Verified


class Ledger:
    """Block entries by index, and how often each was asked for."""

    def __init__(self, *judged) -> None:
        self.entries = {e.index: e for e, _ in judged}
        self.lists = {e.rejected_digest: rejected for e, rejected in judged}
        self.asked: list[int] = []

    async def receipt(self, index):
        self.asked.append(index)
        return Receipt(Verified(format_block_entry(self.entries[index])))

    async def rejected(self, height, digest):
        return self.lists[digest]


def test_the_first_index_of_a_range_counts_what_was_admitted_before_it():
    rejected = (
        Rejection("aaa", 0, 1, Reason.RULE),
        Rejection("toy", 0, 5, Reason.KEY),
        Rejection("toy", 0, 6, Reason.RULE),
    )
    ranges = [("aaa", 0, 0, 3), ("toy", 0, 4, 8), ("toy", 1, 0, 2), ("zzz", 0, 0, 1)]
    final = to_final_block(entry(7, 100, ranges, rejected), rejected, sector="toy")
    assert final.ranges == [FinalRange(0, 4, 8, 7, 102), FinalRange(1, 0, 2, 7, 104)]
    assert final.refused == [Refused(0, 5, "key"), Refused(0, 6, "rule")]
    assert (final.height, final.block_index) == (7, 107)


def test_a_list_of_another_length_is_refused():
    with pytest.raises(VerificationFailed):
        to_final_block(entry(0, 0, [("toy", 0, 0, 2)], (Rejection("toy", 0, 0, Reason.KEY),)), (), sector="toy")


def test_refusals_outside_the_ranges_are_refused():
    rejected = (Rejection("toy", 1, 0, Reason.KEY),)
    with pytest.raises(VerificationFailed):
        to_final_block(entry(0, 0, [("toy", 0, 0, 2)], rejected), rejected, sector="toy")


def chain():
    first = entry(0, 0, [("toy", 0, 0, 3)])
    second = entry(1, 4, [("aaa", 0, 0, 2)])
    rejected = (Rejection("toy", 0, 3, Reason.RULE),)
    third = entry(2, 7, [("toy", 0, 3, 5)], rejected)
    return (first, ()), (second, ()), (third, rejected)


async def test_the_walk_goes_back_to_what_is_known_and_no_further():
    ledger = Ledger(*chain())
    blocks = await load_verdicts(ledger, network=NETWORK, sector="toy", head=FinalHead(0, 3), size=9)
    assert [b.height for b in blocks] == [1, 2]
    assert blocks[1].ranges == [FinalRange(0, 3, 5, 2, 7)]
    assert ledger.asked == [8, 6]
    everything = await load_verdicts(ledger, network=NETWORK, sector="toy", head=FinalHead(-1, -1), size=9)
    assert [b.height for b in everything] == [0, 1, 2]
    assert await load_verdicts(ledger, network=NETWORK, sector="toy", head=FinalHead(2, 8), size=9) == []


@pytest.mark.parametrize("head", [FinalHead(0, 2), FinalHead(1, 3), FinalHead(5, 3)])
async def test_what_does_not_continue_what_was_final_stops_everything(head):
    with pytest.raises(FinalityContradicted):
        await load_verdicts(Ledger(*chain()), network=NETWORK, sector="toy", head=head, size=9)


@pytest.mark.parametrize("first", [0, 1, 2])
async def test_blocks_under_an_amendment_that_is_not_known_here_stop_everything(first):
    amended = amend_network(NETWORK, [SIMULATED.amendment(NETWORK, first + 1, toy=2)])
    ledger = Ledger(*chain())
    if first < 2:
        with pytest.raises(AmendmentUnknown):
            await load_verdicts(ledger, network=amended, sector="toy", head=FinalHead(-1, -1), size=9)
    else:
        assert await load_verdicts(ledger, network=amended, sector="toy", head=FinalHead(-1, -1), size=9)
