"""What goes into the next block: whose turn it is, and how much of each partition. Pure: no clock, no Kafka.

The partition that was sealed longest ago comes first, so that none starves, whichever sealer proposes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from litopys.ledger.blocks import BLOCK_HEADER, MAX_BLOCK_BYTES, MAX_RANGE_RECORDS, Block, Range
from litopys.ledger.records import range_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from litopys.ledger.chain import ChainHead
    from litopys.ledger.network import Network
    from litopys.ledger.records import Record
    from litopys.replica.follow import RecordWindow

Partition = tuple[str, int]

_DIGEST_CHARACTERS: Final = 44
_DECIMAL_CHARACTERS: Final = 19


class Limits(NamedTuple):
    """The most that a block may hold: records, their bytes, and the bytes of its own text."""

    records: int
    bytes: int
    text_bytes: int = MAX_BLOCK_BYTES


class Turns:
    """The height at which each partition was last sealed, as far as this sealer has followed."""

    def __init__(self) -> None:
        self._last: dict[Partition, int] = {}

    def count(self, block: Block) -> None:
        """Take in a block that counts."""
        self._last.update({(part.sector, part.partition): block.height for part in block.ranges})

    def order(self, places: Iterable[Partition]) -> list[Partition]:
        """Order partitions by who has waited longest, those not seen yet before all others."""
        return sorted(places, key=lambda place: (self._last.get(place, -1), place))


def compose(
    *, network: Network, head: ChainHead, pending: Mapping[Partition, RecordWindow], turns: Turns, limits: Limits
) -> Block | None:
    """Make the block after `head` out of the records beyond it; None where there are none."""
    amendment = network.amendment(head.height + 1)
    room = _Room(limits.records, limits.bytes, limits.text_bytes - _text_bytes(network.origin))
    parts = []
    for place in turns.order(place for place, window in pending.items() if len(window)):
        records = room.take(place, pending[place])
        if records:
            first = records[0].offset
            parts.append(Range(*place, first, first + len(records), range_digest(records)))
    return Block(network.origin, head.height + 1, head.hash, tuple(sorted(parts)), amendment) if parts else None


class _Room:
    """What a block under way still has room for."""

    def __init__(self, records: int, size_bytes: int, text_bytes: int) -> None:
        self._records = records
        self._bytes = size_bytes
        self._text_bytes = text_bytes
        self._is_empty = True

    def take(self, place: Partition, window: RecordWindow) -> Sequence[Record]:
        """Take as many records of a partition as fit; the first record of a block always does."""
        line_bytes = _range_bytes(place)
        if not self._records or line_bytes > self._text_bytes:
            return ()
        most = min(MAX_RANGE_RECORDS, self._records, len(window))
        records = self._fitting(window.take(window.first, window.first + most) or ())
        if records:
            self._is_empty = False
            self._records -= len(records)
            self._text_bytes -= line_bytes
        return records

    def _fitting(self, records: Sequence[Record]) -> Sequence[Record]:
        for count, record in enumerate(records):
            size = len(record.value) + len(record.signature)
            if size > self._bytes and not (self._is_empty and count == 0):
                return records[:count]
            self._bytes -= size
        return records


def _text_bytes(origin: str) -> int:
    """The most that the lines before the ranges take."""
    header = f"{BLOCK_HEADER}\n{origin}\nheight \nprevious \namendment \n"
    return len(header) + _DECIMAL_CHARACTERS + 2 * _DIGEST_CHARACTERS


def _range_bytes(place: Partition) -> int:
    """The most that a range's line takes."""
    return len(f"range {place[0]} {place[1]}   \n") + 2 * _DECIMAL_CHARACTERS + _DIGEST_CHARACTERS
