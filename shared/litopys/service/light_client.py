"""Verdicts without being a validator: from block entries under final checkpoints, one receipt a block.

The last leaf under a final checkpoint of size n is the block entry at n − 1; the leaf before its first index is the
block entry before it. Walking back to what is known and adding up gives the index of every record of every range.
See docs/adr/0001.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from litopys.errors import Halted, VerificationFailed
from litopys.ledger.amending import check_amendment_of
from litopys.ledger.block_entries import parse_block_entry
from litopys.postgres.sector_verdicts import FinalBlock, FinalRange, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.ledger.block_entries import BlockEntry
    from litopys.ledger.network import Network
    from litopys.ledger.rejections import Rejection
    from litopys.postgres.sector_verdicts import FinalHead
    from litopys.service.validators import Receipt


class FinalityContradicted(Halted):
    """What is final now does not continue what was final before: no honest quorum signs that."""


class Source(Protocol):
    """Where verified block entries come from; `litopys.service.validators` asks the network."""

    async def receipt(self, index: int) -> Receipt:
        """Return a verified receipt of the entry at an index."""

    async def rejected(self, height: int, digest: bytes) -> tuple[Rejection, ...]:
        """Return the rejected list with this digest."""


class _Judged(NamedTuple):
    """A block entry with its rejected list, empty where nothing was refused."""

    entry: BlockEntry
    rejected: Sequence[Rejection]


class AmendmentUnknown(Halted):
    """The network was amended otherwise than this process knows: it would go by rules that are not in force."""


async def load_verdicts(
    source: Source, *, network: Network, sector: str, head: FinalHead, size: int
) -> list[FinalBlock]:
    """Return what the blocks after `head`, up to tree size `size`, mean for a sector; oldest first.

    Raises Unavailable (no validator answers), FinalityContradicted, AmendmentUnknown.
    """
    found: list[FinalBlock] = []
    index = size - 1
    while index > head.block_index:
        judged = await _load_judged(source, index)
        try:
            check_amendment_of(judged.entry.block, network)
        except VerificationFailed as error:
            raise AmendmentUnknown(str(error)) from error
        found.append(to_final_block(judged.entry, judged.rejected, sector=sector))
        index = judged.entry.first_index - 1
    found.reverse()
    _check_continues(found, head=head, index=index)
    return found


async def _load_judged(source: Source, index: int) -> _Judged:
    receipt = await source.receipt(index)
    entry = parse_block_entry(receipt.verified.entry)
    if entry.index != index:
        raise FinalityContradicted(f"the block entry at {index} says that it stands at {entry.index}")
    rejected: Sequence[Rejection] = ()
    if entry.rejected:
        rejected = await source.rejected(entry.block.height, entry.rejected_digest)
    return _Judged(entry, rejected)


def to_final_block(entry: BlockEntry, rejected: Sequence[Rejection], *, sector: str) -> FinalBlock:
    """Work out what a block entry means for one sector. Raises VerificationFailed if its numbers contradict."""
    if len(rejected) != entry.rejected:
        raise VerificationFailed("the rejected list has another length than the block entry says")
    refused_in = Counter((r.sector, r.partition) for r in rejected)
    ranges, index = [], entry.first_index
    for part in entry.block.ranges:
        if part.sector == sector:
            ranges.append(FinalRange(part.partition, part.first, part.end, entry.block.height, index))
        index += part.end - part.first - refused_in[part.sector, part.partition]
    if index != entry.index:
        raise VerificationFailed("ranges and refusals of a block entry do not add up")
    own = [Refused(r.partition, r.offset, r.reason.value) for r in rejected if r.sector == sector]
    return FinalBlock(entry.block.height, entry.index, ranges, own)


def _check_continues(found: Sequence[FinalBlock], *, head: FinalHead, index: int) -> None:
    heights = [block.height for block in found]
    if found and (index != head.block_index or heights != list(range(head.height + 1, head.height + 1 + len(found)))):
        raise FinalityContradicted(f"blocks {heights[:1]} to {heights[-1:]} do not continue height {head.height}")
