"""Where a sealer without memory begins: at a final block that validators show and a quorum vouches for (ADR 0006)."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple, Protocol

from litopys.errors import Unavailable
from litopys.kafka.follower import Follower
from litopys.kafka.topics import blocks_topic
from litopys.ledger.block_entries import BlockEntry, parse_block_entry
from litopys.ledger.chain import ChainHead, genesis
from litopys.ledger.network import Network
from litopys.note.notes import parse_note
from litopys.service.logs import get_log
from litopys.service.validators import Receipt

_WAIT_S = 10.0
_log = get_log("anchor")


class Anchor(NamedTuple):
    """A head of the chain, and the offset on the blocks topic from which to read on."""

    head: ChainHead
    blocks_offset: int


class Source(Protocol):
    """What is asked of validators; every receipt comes back verified."""

    async def newest_size(self) -> int:
        """Return the size of the newest final checkpoint; raises Unavailable."""

    async def receipt(self, index: int) -> Receipt:
        """Return a verified receipt; raises Unavailable."""

    async def blocks_offset(self, height: int) -> int:
        """Return where a block stands on the blocks topic, as a validator says; raises Unavailable."""


async def find_anchor(source: Source, network: Network, *, bootstrap: str, client_id: str) -> Anchor:
    """Find the newest final block, or the genesis where no validator has one that can be verified."""
    try:
        size = await source.newest_size()
        entry = await _block_entry(source, size - 1)
        offset = await source.blocks_offset(entry.block.height)
        await _check_offset(network, entry, offset, bootstrap=bootstrap, client_id=client_id)
        head = ChainHead(entry.block.height, entry.block.hash, await _ends(source, network, entry))
    except Unavailable as error:
        _log.warning("no final block to begin from; reading all blocks", reason=str(error))
        return Anchor(genesis(network), 0)
    return Anchor(head, offset + 1)


async def _block_entry(source: Source, index: int) -> BlockEntry:
    return parse_block_entry((await source.receipt(index)).verified.entry)


async def _ends(source: Source, network: Network, entry: BlockEntry) -> dict[tuple[str, int], int]:
    """Walk back until every partition's newest end is known, or all blocks have been seen."""
    wanted = sum(network.partitions(sector) for sector in network.sector_names)
    ends: dict[tuple[str, int], int] = {}
    while True:
        for part in entry.block.ranges:
            ends.setdefault((part.sector, part.partition), part.end)
        if len(ends) == wanted or not entry.first_index:
            return ends
        entry = await _block_entry(source, entry.first_index - 1)


async def _check_offset(network: Network, entry: BlockEntry, offset: int, *, bootstrap: str, client_id: str) -> None:
    """Check that the block stands where a validator says; raises Unavailable, for another place may still be right."""
    positions = {(blocks_topic(network.topics), 0): offset}
    async with Follower(bootstrap, client_id, positions) as follower:
        records = await follower.read(_WAIT_S)
    if not records or sha256(parse_note(records[0].value).text).digest() != entry.block.hash:
        raise Unavailable("a block does not stand at the offset that a validator names")
