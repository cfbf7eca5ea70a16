"""A growing tree of which only the right edge is kept: the partial tile of each level (docs/spec/tree-and-tiles.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litopys.errors import Malformed
from litopys.tlog.hashing import EMPTY_ROOT, HASH_SIZE, node_hash, tree_root
from litopys.tlog.tiles import TILE_HEIGHT, TILE_WIDTH, ReadTile


@dataclass(frozen=True, slots=True)
class GrownTile:
    """A tile that an append made or widened: all its hashes so far, concatenated."""

    level: int
    index: int
    hashes: bytes


class TreeEdge:
    """The right edge of a tree: at most 255 hashes for each of its levels of tiles, whatever its size."""

    __slots__ = ("_partial", "size")

    def __init__(self) -> None:
        """Start with the empty tree."""
        self.size = 0
        self._partial: list[list[bytes]] = []

    @classmethod
    def load(cls, size: int, read_tile: ReadTile) -> TreeEdge:
        """Take up a tree where it was left, from its stored tiles; raises Malformed where one is too short."""
        edge = cls()
        edge.size = size
        level = 0
        while hashes := size >> (TILE_HEIGHT * level):
            index, width = divmod(hashes, TILE_WIDTH)
            stored = read_tile(level, index, width) if width else b""
            if len(stored) != width * HASH_SIZE:
                raise Malformed(f"tile {level}/{index} does not hold {width} hashes")
            edge._partial.append([stored[at : at + HASH_SIZE] for at in range(0, len(stored), HASH_SIZE)])
            level += 1
        return edge

    def copy(self) -> TreeEdge:
        """Return an edge of its own that grows without this one."""
        edge = TreeEdge()
        edge.size = self.size
        edge._partial = [list(level) for level in self._partial]
        return edge

    def append(self, leaf_hashes: Sequence[bytes]) -> list[GrownTile]:
        """Append leaves; returns every tile that is new or wider than before, as it stands now."""
        grown: list[GrownTile] = []
        level, first, added = 0, self.size, list(leaf_hashes)
        self.size += len(added)
        while added:
            added = self._grow(level, first // TILE_WIDTH, added, grown)
            level += 1
            first >>= TILE_HEIGHT
        return grown

    def root(self) -> bytes:
        """Compute the root of the tree as it stands."""
        perfect = [node for level in reversed(self._partial) for node in _perfect_roots(level)]
        if not perfect:
            return EMPTY_ROOT
        result = perfect.pop()
        while perfect:
            result = node_hash(perfect.pop(), result)
        return result

    def _grow(self, level: int, index: int, added: list[bytes], grown: list[GrownTile]) -> list[bytes]:
        """Add hashes to one level, noting its grown tiles; returns the roots of those that became full."""
        if level == len(self._partial):
            self._partial.append([])
        hashes = self._partial[level] + added
        full = len(hashes) // TILE_WIDTH
        above = []
        for number in range(full):
            tile = hashes[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]
            grown.append(GrownTile(level, index + number, b"".join(tile)))
            above.append(tree_root(tile))
        rest = hashes[full * TILE_WIDTH :]
        if rest:
            grown.append(GrownTile(level, index + full, b"".join(rest)))
        self._partial[level] = rest
        return above


def _perfect_roots(hashes: list[bytes]) -> list[bytes]:
    """Return the roots of the perfect subtrees that these hashes split into, largest first."""
    roots, start = [], 0
    while start < len(hashes):
        width = 1 << ((len(hashes) - start).bit_length() - 1)
        roots.append(tree_root(hashes[start : start + width]))
        start += width
    return roots
