"""Which offsets go into the next block: no partition starves, no limit of the format is passed.

The limits: docs/spec/blocks-and-admission.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from litopys.ledger.blocks import MAX_RANGE_RECORDS, Block, Range
from litopys.ledger.chain import ChainHead
from litopys.ledger.records import Record, range_digest

Partition = tuple[str, int]

MAX_RANGES = 400
"""A line of a range is at most 160 bytes, and a block's text 65,000."""


class Window(Protocol):
    """The records of one partition that no block has yet."""

    @property
    def first(self) -> int:
        """The offset of the first of them."""

    @property
    def end(self) -> int:
        """The offset after the last of them."""

    def take(self, first: int, end: int) -> Sequence[Record] | None:
        """Return the records of these offsets, None while any is missing."""


class Limits(NamedTuple):
    """How much a block may hold: records, and bytes of their signatures and values together."""

    records: int
    size_bytes: int


class Composed(NamedTuple):
    """The next block, and where the one after it begins its round."""

    block: Block
    next_start: Partition | None


def compose_block(
    *,
    origin: str,
    head: ChainHead,
    pending: Mapping[Partition, Window],
    limits: Limits,
    start: Partition | None = None,
) -> Composed | None:
    """Compose the block after `head`, beginning the round of partitions at `start`; None where nothing is pending."""
    ranges: list[Range] = []
    records_left, bytes_left = limits
    next_start: Partition | None = None
    for place in _round(pending, start):
        taken = _take(pending[place], records_left, bytes_left, must_take=not ranges)
        if taken:
            first = taken[0].offset
            ranges.append(Range(*place, first, first + len(taken), range_digest(taken)))
            records_left -= len(taken)
            bytes_left -= sum(_weight(record) for record in taken)
        is_rest = pending[place].first + len(taken) < pending[place].end
        if is_rest and next_start is None:
            next_start = place
        if not records_left or bytes_left <= 0 or len(ranges) == MAX_RANGES:
            break
    if not ranges:
        return None
    block = Block(origin, head.height + 1, head.hash, tuple(sorted(ranges, key=lambda part: part[:2])))
    return Composed(block, next_start or _after(pending, ranges[-1]))


def _round(pending: Mapping[Partition, Window], start: Partition | None) -> list[Partition]:
    places = sorted(pending)
    begin = places.index(start) if start in places else 0
    return places[begin:] + places[:begin]


def _after(pending: Mapping[Partition, Window], last: Range) -> Partition:
    places = sorted(pending)
    return places[(places.index((last.sector, last.partition)) + 1) % len(places)]


def _take(window: Window, records_left: int, bytes_left: int, *, must_take: bool) -> Sequence[Record]:
    """Take as many records as fit; the first one of a block even if it alone is too large."""
    end = min(window.end, window.first + min(MAX_RANGE_RECORDS, records_left))
    records = window.take(window.first, end) or ()
    for count, record in enumerate(records):
        bytes_left -= _weight(record)
        if bytes_left < 0 and not (must_take and count == 0):
            return records[:count]
    return records


def _weight(record: Record) -> int:
    return len(record.signature) + len(record.value)
