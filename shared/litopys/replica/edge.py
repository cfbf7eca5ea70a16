"""Taking up the tree's right edge from the stored tiles: a few kilobytes, whatever the ledger's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.postgres.ledger_reading import read_tiles
from litopys.tlog.hashing import HASH_SIZE
from litopys.tlog.tiles import TILE_HEIGHT, TILE_WIDTH
from litopys.tlog.tree import TreeEdge

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection


async def load_edge(connection: Connection, size: int) -> TreeEdge:
    """Load the edge of the stored tree of `size` leaves. Raises Malformed where a stored tile is too short."""
    partial, level = [], 0
    while hashes := size >> (TILE_HEIGHT * level):
        if hashes % TILE_WIDTH:
            partial.append((level, hashes // TILE_WIDTH))
        level += 1
    stored = await read_tiles(connection, partial)
    return TreeEdge.load(size, lambda level, index, width: stored.get((level, index), b"")[: width * HASH_SIZE])
