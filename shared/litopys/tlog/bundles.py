"""Entry bundles of C2SP tlog-tiles: up to 256 entries, each after its length as a big-endian u16."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from litopys.errors import Malformed
from litopys.tlog.tiles import TILE_WIDTH

MAX_ENTRY_BYTES: Final = 65_535
_LENGTH_BYTES: Final = 2


def format_bundle(entries: Sequence[bytes]) -> bytes:
    """Format 1 to 256 entries; raises Malformed where there are more, or one is too long."""
    if not 1 <= len(entries) <= TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise Malformed("a bundle has 1 to 256 entries of at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Parse exactly `width` entries, 1 to 256; raises Malformed."""
    if not 1 <= width <= TILE_WIDTH:
        raise Malformed("a bundle has 1 to 256 entries")
    entries: list[bytes] = []
    place = 0
    while place < len(data) and len(entries) < width:
        start = place + _LENGTH_BYTES
        place = start + int.from_bytes(data[place:start], "big")
        entries.append(data[start:place])
    if place != len(data) or len(entries) != width:
        raise Malformed("a bundle that does not hold exactly its entries")
    return entries
