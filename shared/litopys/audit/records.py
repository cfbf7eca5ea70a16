"""Putting a block's records together again: the admitted ones out of entries, the refused ones as they were kept.

Where each offset's record is either an entry or a refused record, the digests of the sealer's ranges bind every byte
of both, and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.event.entries import parse_entry
from litopys.ledger.records import Record, range_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.ledger.blocks import Block

Place = tuple[str, int, int]
"""Sector, partition, offset."""


class Signed(NamedTuple):
    """The two parts of a record that the ledger takes."""

    signature: bytes
    value: bytes


def rebuild_records(block: Block, bodies: Sequence[bytes], refused: Mapping[Place, Signed]) -> list[Record]:
    """Return the block's records in order; `bodies` are the entries of its events.

    Raises VerificationFailed where entries and refused records are not exactly as many as the ranges say, where one
    of them has no place, or where an entry is none; not yet where a digest differs (`check_digests`).
    """
    left = iter(bodies)
    records: list[Record] = []
    used = 0
    for part in block.ranges:
        for offset in range(part.first, part.end):
            kept = refused.get((part.sector, part.partition, offset))
            used += kept is not None
            signature, value = kept or _next(left)
            records.append(Record(part.sector, part.partition, offset, signature, value))
    if used != len(refused):
        raise VerificationFailed("a refused record stands outside the block's ranges")
    if next(left, None) is not None:
        raise VerificationFailed("more entries than the block has records")
    return records


def check_digests(block: Block, records: Sequence[Record]) -> None:
    """Check the digest of every range; raises VerificationFailed and names the first that differs."""
    start = 0
    for part in block.ranges:
        end = start + part.end - part.first
        if range_digest(records[start:end]) != part.digest:
            raise VerificationFailed(
                f"entries and refused records of {part.sector} {part.partition}, offsets {part.first} to {part.end}, "
                "do not come to the digest that the sealer signed"
            )
        start = end


def _next(bodies: object) -> Signed:
    body = next(bodies, None)  # type: ignore[call-overload]
    if body is None:
        raise VerificationFailed("fewer entries than the block has admitted records")
    try:
        value, line = parse_entry(body)
    except Malformed as error:
        raise VerificationFailed(f"one of its entries is no event's entry: {error}") from error
    return Signed(line, value)
