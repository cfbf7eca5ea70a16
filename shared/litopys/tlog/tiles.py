"""Tiles and their paths (C2SP tlog-tiles): 256 hashes of perfect subtrees of 256^level leaves each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from litopys.errors import Malformed

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
MAX_LEVEL: Final = 63
ENTRIES_LEVEL: Final = -1
"""In a `TilePath`, the level of entry bundles."""

_INDEX_LIMIT: Final = 1 << 55  # 2^63 entries lie in 2^55 bundles
_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
)

ReadTile = Callable[[int, int, int], bytes]
"""Returns the first `width` hashes of the tile (level, index), concatenated: `read(level, index, width)`."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """A tile, or the entry bundle (level −1), of a width from 1 to 256."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def is_bundle(self) -> bool:
        """Whether this is a bundle of entries."""
        return self.level == ENTRIES_LEVEL


def parse_tile_path(path: str) -> TilePath:
    """Parse `tile/<level>/<index>[.p/<width>]` or `tile/entries/…`, without leading slash; raises Malformed."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise Malformed("not the path of a tile")
    level = ENTRIES_LEVEL if match[1] == "entries" else int(match[1])
    index = int(match[2].replace("x", "").replace("/", ""))
    tile = TilePath(level, index, int(match[3]) if match[3] else TILE_WIDTH)
    if level > MAX_LEVEL or index >= _INDEX_LIMIT or tile.width > TILE_WIDTH or format_tile_path(tile) != path:
        raise Malformed("not the one path of a tile")
    return tile


def format_tile_path(tile: TilePath) -> str:
    """Format a tile's path: the index in groups of three digits, all but the last with an `x`."""
    last, *groups = _groups(tile.index)
    index = "".join(f"x{group:03}/" for group in reversed(groups)) + f"{last:03}"
    level = "entries" if tile.is_bundle else str(tile.level)
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{index}{partial}"


def tile_width(*, level: int, index: int, size: int) -> int:
    """Compute how many hashes the tile (level, index) has in a tree of `size` leaves: 0 where it is not there."""
    hashes = size >> (TILE_HEIGHT * level)
    return max(0, min(TILE_WIDTH, hashes - index * TILE_WIDTH))


def tiles_for_size(size: int) -> list[TilePath]:
    """List all tiles of a tree, level by level from the leaves up, each as wide as the tree makes it."""
    tiles = []
    for level in range(MAX_LEVEL + 1):
        hashes = size >> (TILE_HEIGHT * level)
        if not hashes:
            break
        full, rest = divmod(hashes, TILE_WIDTH)
        tiles += [TilePath(level, index) for index in range(full)]
        tiles += [TilePath(level, full, rest)] if rest else []
    return tiles


def bundles_for_size(size: int) -> list[TilePath]:
    """List all entry bundles of a tree, in order."""
    full, rest = divmod(size, TILE_WIDTH)
    bundles = [TilePath(ENTRIES_LEVEL, index) for index in range(full)]
    return bundles + ([TilePath(ENTRIES_LEVEL, full, rest)] if rest else [])


def _groups(index: int) -> list[int]:
    groups = [index % 1000]
    while index := index // 1000:
        groups.append(index % 1000)
    return groups
