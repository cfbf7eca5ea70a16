"""Catching up from another validator where Kafka no longer has the records: its word is taken for nothing.

The records of each block are put together again from its entries and its refused records; then the block goes through
the same chain rule and the same admission as one from Kafka, and must come to the same bytes. Nothing is stored before
a consistency proof ties the tree so far to a checkpoint that a quorum has cosigned. Such heights are not voted on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.event.entries import is_block_entry, parse_entry
from litopys.ledger.block_entries import BlockEntry, parse_block_entry
from litopys.ledger.chain import Chain, ChainHead, Counted
from litopys.ledger.records import Record
from litopys.ledger.rejections import parse_rejected_list
from litopys.tlog.proofs import prove_consistency, tiles_for_consistency, verify_consistency
from litopys.tlog.tiles import TILE_WIDTH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from litopys.ledger.blocks import Range
    from litopys.ledger.network import Network
    from litopys.note.checkpoints import Checkpoint
    from litopys.postgres.ledger_store import BlockWrite
    from litopys.replica.admit import Admission
    from litopys.replica.store import LedgerStore
    from litopys.replica.tiles_client import TilesClient

CHUNK_ENTRIES = 20_000
"""Entries that are judged before the tree so far is proved and stored."""


BlockStands = Callable[[int, bytes], Awaitable[None]]
"""Raises PeerDiffers where Kafka has another record of the blocks topic at that offset, or does not reach it yet."""


class PeerDiffers(VerificationFailed):
    """What a peer served does not come to the same ledger as its checkpoint says."""


class FetchedBlock(NamedTuple):
    """A block as a peer has it: its entries in order, the block entry last."""

    entries: list[bytes]
    block_entry: BlockEntry


class CatchUp:
    """Fetches, judges and stores what lies between our head and a peer's final checkpoint."""

    def __init__(
        self,
        *,
        network: Network,
        peer: TilesClient,
        store: LedgerStore,
        admission: Admission,
        head: ChainHead,
    ) -> None:
        self._network = network
        self._peer = peer
        self._store = store
        self._admission = admission
        self._chain = Chain(network, head)

    async def run(self, final: Checkpoint, block_stands: BlockStands) -> int:
        """Catch up to `final`, which is verified and larger than our tree; returns how many blocks were stored.

        `block_stands` checks the peer's hint where the newest block stands on Kafka: we shall read on from there.
        Raises VerificationFailed or Malformed where the peer lies, Unavailable where it does not answer; what was
        stored by then is proved.
        """
        stored = 0
        chunk: list[BlockWrite] = []
        async for fetched in self._blocks(final.size):
            chunk.append(await self._judge(fetched))
            if self._admission.size == final.size or sum(len(write.entries) for write in chunk) >= CHUNK_ENTRIES:
                await self._prove(final)
                if (offset := chunk[-1].block.blocks_offset) is not None:
                    await block_stands(offset, chunk[-1].block.note)
                await self._store.store_caught_up(chunk)
                for write in chunk:
                    self._admission.stored(write)
                stored += len(chunk)
                chunk = []
        if chunk:
            raise PeerDiffers("the final checkpoint does not stand after a block")
        return stored

    async def first(self, final: Checkpoint) -> Counted:
        """Return the next block with its records, proved to be the quorum's under `final`; stores nothing.

        Raises what `run` raises.
        """
        async for fetched in self._blocks(final.size):
            counted = await self._count(fetched)
            await self._admit(counted, fetched)
            await self._prove(final)
            return counted
        raise PeerDiffers("the final checkpoint does not stand after a block")

    async def _blocks(self, size: int) -> AsyncIterator[FetchedBlock]:
        """Fetch the entries up to a tree size, block by block."""
        entries: list[bytes] = []
        index = self._admission.size
        while index < size:
            number, skip = divmod(index, TILE_WIDTH)
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            for entry in (await self._peer.bundle(number, width))[skip:]:
                entries.append(entry)
                if is_block_entry(entry):
                    yield FetchedBlock(entries, parse_block_entry(entry))
                    entries = []
            index = number * TILE_WIDTH + width
        if entries:
            raise PeerDiffers("the final checkpoint does not stand after a block")

    async def _judge(self, fetched: FetchedBlock) -> BlockWrite:
        """Let chain and admission judge a block as if it came from Kafka."""
        return await self._admit(await self._count(fetched), fetched)

    async def _count(self, fetched: FetchedBlock) -> Counted:
        """Put a block's records together again, and see that it counts."""
        height = fetched.block_entry.block.height
        records = await self._records(fetched)
        offset = await self._peer.block_offset(height)
        self._chain.offer(-1 if offset is None else offset, await self._peer.block(height))
        counted = self._chain.next(lambda part: records.get((part.sector, part.partition)))
        if counted is None:
            raise PeerDiffers(f"block {height} does not count: {self._chain.take_dropped()[-1:]}")
        return counted

    async def _admit(self, counted: Counted, fetched: FetchedBlock) -> BlockWrite:
        async with self._store.reading() as connection:
            admitted = await self._admission.admit(counted, connection)
        if admitted.verdict.entries != fetched.entries:
            raise PeerDiffers(f"block {counted.block.height} comes to other entries than the peer's")
        return admitted.write

    async def _records(self, fetched: FetchedBlock) -> dict[tuple[str, int], Sequence[Record]]:
        block_entry = fetched.block_entry
        height = block_entry.block.height
        listed = await self._peer.rejected(height)
        if sha256(listed).digest() != block_entry.rejected_digest:
            raise PeerDiffers(f"block {height} names another list of refused records")
        refused: dict[tuple[str, int, int], Record] = {}
        for number, (sector, partition, offset, _) in enumerate(parse_rejected_list(listed)):
            raw = await self._peer.rejected_record(height, number)
            refused[sector, partition, offset] = Record(sector, partition, offset, raw.signature, raw.value)
        admitted = iter(fetched.entries[:-1])
        return {
            (part.sector, part.partition): [_record(part, offset, refused, admitted) for offset in range(*part[2:4])]
            for part in block_entry.block.ranges
        }

    async def _prove(self, final: Checkpoint) -> None:
        """Check that our tree so far is the beginning of the final one."""
        size, root = self._admission.size, self._admission.root
        paths = tiles_for_consistency(old_size=size, new_size=final.size)
        tiles = {(path.level, path.index): await self._peer.tile(path) for path in paths}
        proof = prove_consistency(
            old_size=size, new_size=final.size, read_tile=lambda level, index, width: tiles[level, index][: width * 32]
        )
        verify_consistency(old_size=size, new_size=final.size, old_root=root, new_root=final.root, proof=proof)


def _record(part: Range, offset: int, refused: dict[tuple[str, int, int], Record], admitted: Iterator[bytes]) -> Record:
    """Return the record at an offset: the refused one of the list, else the next admitted entry's."""
    found = refused.get((part.sector, part.partition, offset))
    if found is not None:
        return found
    entry = next(admitted, None)
    if entry is None:
        raise Malformed("fewer entries than the block admitted")
    signed = parse_entry(entry)
    return Record(part.sector, part.partition, offset, signed.line, signed.value)
