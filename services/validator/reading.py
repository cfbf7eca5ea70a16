"""What a validator can show of its database: the log's files, receipts, blocks. No clock, no key, no Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from litopys.ledger.finality import format_final_checkpoint, format_receipt_checkpoint
from litopys.ledger.receipts import make_receipt
from litopys.ledger.rejections import Reason, Rejection, format_rejected_list
from litopys.postgres import ledger_reading as rows
from litopys.postgres.pool import failures
from litopys.service.problems import NotFound
from litopys.tlog.bundles import format_bundle
from litopys.tlog.proofs import prove_inclusion, tiles_for_inclusion
from services.validator.views import final_head

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection, Pool
    from litopys.tlog.tiles import TilePath

TILE_WIDTH = 256
_T = TypeVar("_T")


class LedgerReader:
    """Reads one validator's database for one network. Every method raises NotFound or Unavailable."""

    def __init__(self, *, pool: Pool, network: Network) -> None:
        self._pool = pool
        self._network = network

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection for several reads that belong together."""
        return self._pool.acquire()

    async def checkpoint(self) -> bytes:
        """Return the newest final checkpoint: the log's line, then every known validator's in the file's order."""
        with failures():
            async with self.connection() as connection:
                row = _found(await rows.read_checkpoint(connection))
        return format_final_checkpoint(final_head(row, self._network))

    async def tile(self, path: TilePath) -> bytes:
        """Return a tile of the tree, exactly as wide as asked."""
        with failures():
            async with self.connection() as connection:
                return _found(await rows.read_tile(connection, level=path.level, index=path.index, width=path.width))

    async def bundle(self, path: TilePath) -> bytes:
        """Return an entry bundle, exactly as wide as asked."""
        with failures():
            async with self.connection() as connection:
                found = await rows.read_entries(connection, first=path.index * TILE_WIDTH, count=path.width)
        if len(found) != path.width:
            raise NotFound("no such bundle")
        return format_bundle([entry.body for entry in found])

    async def receipt(self, index: int) -> bytes:
        """Return the receipt of an entry under the newest final checkpoint."""
        with failures():
            async with self.connection() as connection:
                return await self._receipt(connection, index)

    async def _receipt(self, connection: Connection, index: int) -> bytes:
        head = _found(await rows.read_checkpoint(connection))
        if index >= head.size:
            raise NotFound("no final checkpoint covers this index")
        needed = [(tile.level, tile.index) for tile in tiles_for_inclusion(index, head.size)]
        entry, tiles = await rows.read_leaf_and_tiles(connection, index, needed)
        proof = prove_inclusion(index, head.size, lambda level, number, width: tiles[level, number][: width * 32])
        note = format_receipt_checkpoint(final_head(head, self._network), self._network.quorum)
        return make_receipt(entry=_found(entry), index=index, proof=proof, checkpoint=note)

    async def block_note(self, height: int) -> bytes:
        """Return the sealer's note of a final block."""
        with failures():
            async with self.connection() as connection:
                await self._check_final(connection, height)
                return _found(await rows.read_block(connection, height)).note

    async def rejected_list(self, height: int) -> bytes:
        """Return the list of a final block's refused records, empty where there are none."""
        with failures():
            async with self.connection() as connection:
                await self._check_final(connection, height)
                refused = await rows.read_rejections(connection, height=height)
        return format_rejected_list([Rejection(r.sector, r.partition, r.offset, Reason(r.reason)) for r in refused])

    async def rejected_record(self, height: int, number: int) -> bytes:
        """Return a refused record of a final block: u32 ‖ signature ‖ u32 ‖ value, big-endian."""
        with failures():
            async with self.connection() as connection:
                await self._check_final(connection, height)
                row = _found(await rows.read_rejection(connection, height=height, number=number))
        return b"".join(len(part).to_bytes(4, "big") + part for part in (row.signature, row.value))

    async def _check_final(self, connection: Connection, height: int) -> None:
        if height > await rows.read_final_height(connection):
            raise NotFound("no final block has this height")


def _found(value: _T | None) -> _T:
    if value is None:
        raise NotFound("not here")
    return value
