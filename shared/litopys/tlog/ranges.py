"""Which nodes of the tree a proof is made of, and in which tiles they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from litopys.tlog.hashing import HASH_SIZE, node_hash, tree_root
from litopys.tlog.tiles import TILE_HEIGHT, TILE_WIDTH, ReadTile, TilePath, tile_width

_REMEMBERED: Final = 1_024  # of 4 KiB each at most


class LeafRange(NamedTuple):
    """The leaves from `first` up to `end`; in a proof, always a subtree of RFC 6962's recursion."""

    first: int
    end: int


class PerfectNode(NamedTuple):
    """The root of the 2^height leaves that begin at place · 2^height."""

    height: int
    place: int


def split_point(count: int) -> int:
    """Return the largest power of two smaller than `count` (RFC 6962, section 2.1); `count` is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def perfect_nodes(span: LeafRange) -> Iterator[PerfectNode]:
    """Split a subtree into perfect ones, from the left, largest first."""
    first = span.first
    while first < span.end:
        height = (span.end - first).bit_length() - 1
        yield PerfectNode(height, first >> height)
        first += 1 << height


def hash_of_range(span: LeafRange, *, size: int, read_tile: ReadTile) -> bytes:
    """Compute the hash of a subtree of a tree with `size` leaves."""
    *left, result = [_hash_of_node(node, size=size, read_tile=read_tile) for node in perfect_nodes(span)]
    for node in reversed(left):
        result = node_hash(node, result)
    return result


def tiles_of_ranges(ranges: Iterable[LeafRange], *, size: int) -> list[TilePath]:
    """List the tiles that `hash_of_range` reads for these subtrees, each once, in order."""
    tiles = {_tile_of(node, size=size): None for span in ranges for node in perfect_nodes(span)}
    return list(tiles)


def _tile_of(node: PerfectNode, *, size: int) -> TilePath:
    level, inner = divmod(node.height, TILE_HEIGHT)
    index = (node.place << inner) // TILE_WIDTH
    return TilePath(level, index, tile_width(level=level, index=index, size=size))


def _hash_of_node(node: PerfectNode, *, size: int, read_tile: ReadTile) -> bytes:
    tile = _tile_of(node, size=size)
    inner = node.height % TILE_HEIGHT
    start = (node.place << inner) % TILE_WIDTH
    hashes = read_tile(tile.level, tile.index, tile.width)
    return _perfect_root(hashes[start * HASH_SIZE : (start + (1 << inner)) * HASH_SIZE])


@lru_cache(maxsize=_REMEMBERED)
def _perfect_root(hashes: bytes) -> bytes:
    """Compute the root over equally large subtrees. Proofs of one tree share those of its upper levels."""
    return tree_root([hashes[place : place + HASH_SIZE] for place in range(0, len(hashes), HASH_SIZE)])
