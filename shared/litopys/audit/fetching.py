"""Reading a ledger over HTTP as C2SP tlog-tiles and this ledger's own files name it; `fetch` is the caller's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from litopys.ledger.records import parse_record_bytes
from litopys.tlog.bundles import parse_bundle
from litopys.tlog.tiles import ENTRIES_LEVEL, TILE_WIDTH, TilePath, format_tile_path

if TYPE_CHECKING:
    from collections.abc import Iterator

Fetch = Callable[[str], bytes]
"""Returns what stands at a path such as `/checkpoint`; raises Unavailable."""


class LedgerFiles:
    """The files of one log, parsed but not verified."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    def checkpoint(self) -> bytes:
        """Return `/checkpoint`."""
        return self._fetch("/checkpoint")

    def entries(self, size: int) -> Iterator[bytes]:
        """Go through the first `size` entries, bundle by bundle. Raises Malformed."""
        for index in range(-(-size // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - index * TILE_WIDTH)
            data = self._fetch("/" + format_tile_path(TilePath(ENTRIES_LEVEL, index, width)))
            yield from parse_bundle(data, width)

    def tile(self, *, level: int, index: int, width: int) -> bytes:
        """Return the hashes of a tile."""
        return self._fetch("/" + format_tile_path(TilePath(level, index, width)))

    def block(self, height: int) -> bytes:
        """Return a block's note."""
        return self._fetch(f"/block/{height}")

    def rejected_list(self, height: int) -> bytes:
        """Return the list of a block's refused records."""
        return self._fetch(f"/rejected/{height}")

    def rejected_record(self, height: int, number: int) -> tuple[bytes, bytes]:
        """Return signature and value of a refused record. Raises Malformed."""
        return parse_record_bytes(self._fetch(f"/rejected/{height}/{number}"))
