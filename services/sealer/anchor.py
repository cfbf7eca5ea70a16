"""Where a sealer without a database begins: after the newest final block, or at genesis (docs/adr/0006).

A validator names the newest final block, by a receipt that verifies under the network's policy. The blocks topic is
then read backwards until that block's text is found; from there each block names the one before it by hash, so that
the records of the topic need no trust, and the newest range of every partition says how far it was sealed.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Protocol

from litopys.errors import Malformed, Unavailable, VerificationFailed
from litopys.ledger.block_entries import parse_block_entry
from litopys.ledger.blocks import parse_block
from litopys.ledger.chain import ChainHead, genesis
from litopys.note.notes import Note, parse_note, plain_checks, verify_note

if TYPE_CHECKING:
    from collections.abc import Collection

    from litopys.ledger.blocks import Block
    from litopys.ledger.network import Network
    from litopys.service.validators import Validators

Partition = tuple[str, int]

CHUNK_RECORDS = 512
OVERLAP_BLOCKS = 16
"""How many blocks further back copies of the newest final block are looked for: two sealers may have published it."""


class BlocksTopic(Protocol):
    """The blocks topic, read where one likes."""

    async def end(self) -> int:
        """Return the offset after the last record. Raises Unavailable."""

    async def values(self, first: int, end: int) -> list[bytes]:
        """Return the values of the records from `first` to `end` (excluded). Raises Unavailable, Halted."""


class Anchor(NamedTuple):
    """A head to go on from, and the offset of the blocks topic at which to go on."""

    head: ChainHead
    blocks_offset: int


class AnchorLost(Unavailable):
    """The blocks topic does not hold the newest final block: it is another topic, or not all of it is here."""


def beginning(network: Network) -> Anchor:
    """Return the anchor of a sealer that reads the whole chain."""
    return Anchor(genesis(network), 0)


async def newest_final_block(validators: Validators) -> Block:
    """Ask for the newest final block and verify what is answered. Raises Unavailable where nobody has one."""
    size = await validators.newest_size()
    receipt = await validators.receipt(size - 1)
    return parse_block_entry(receipt.verified.entry).block


async def find_anchor(final: Block, topic: BlocksTopic, *, network: Network, used: Collection[Partition]) -> Anchor:
    """Find a final block on the topic, and how far each partition was sealed at it.

    `used` are the partitions that hold records at all: the others need not be looked for. Raises AnchorLost.
    """
    walk = _Walk(final, network, used)
    first = await topic.end()
    while first and not walk.is_done:
        end, first = first, max(0, first - CHUNK_RECORDS)
        values = await topic.values(first, end)
        for offset in reversed(range(first, end)):
            walk.look(offset, values[offset - first])
    return walk.anchor()


class _Walk:
    """Goes back along the chain as the topic's records are shown to it, the last one first."""

    def __init__(self, final: Block, network: Network, used: Collection[Partition]) -> None:
        self._final = final
        self._final_hash = final.hash
        self._keys = plain_checks(*network.sealer_keys(final.height))
        self._missing = set(used)
        self._ends: dict[Partition, int] = {}
        self._wanted = self._final_hash
        self._height = final.height
        self._offset: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether all is known, and all copies of the final block that honest sealers may have published were seen."""
        return self._height < 0 or (not self._missing and self._final.height - self._height > OVERLAP_BLOCKS)

    def look(self, offset: int, value: bytes) -> None:
        """Take in the record before the one that was shown last."""
        try:
            note = parse_note(value)
        except Malformed:
            return
        found = sha256(note.text).digest()
        if found == self._final_hash and self._is_signed(note):
            self._offset = offset  # of several copies the first is the one that counted
        if found == self._wanted:
            self._take(parse_block(note.text))

    def anchor(self) -> Anchor:
        """Return what was found."""
        if self._offset is None or not (self.is_done or self._height < 0):
            raise AnchorLost("the blocks topic does not hold the chain up to the newest final block")
        return Anchor(ChainHead(self._final.height, self._final_hash, self._ends), self._offset + 1)

    def _take(self, block: Block) -> None:
        for part in block.ranges:
            self._ends.setdefault((part.sector, part.partition), part.end)
        self._missing -= self._ends.keys()
        self._wanted, self._height = block.previous, block.height - 1

    def _is_signed(self, note: Note) -> bool:
        try:
            return bool(verify_note(note, self._keys))
        except VerificationFailed:
            return False
