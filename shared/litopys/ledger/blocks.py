"""The text of a block: which records it orders, and the hash of the block before (docs/spec/blocks-and-admission.md).

A block is a signed note by a sealer; here is its text, `ledger.chain` says which block counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.ledger.words import (
    NAME_PATTERN,
    ORIGIN_PATTERN,
    check_decimal,
    format_hash,
    parse_ascii_lines,
    parse_decimal,
    parse_hash,
)

BLOCK_HEADER: Final = "litopys.block.v1"
AMENDED_BLOCK_HEADER: Final = "litopys.block.v2"
MAX_RANGE_RECORDS: Final = 2_048
MAX_BLOCK_RECORDS: Final = 8_192
MAX_BLOCK_BYTES: Final = 65_000

_HASH_BYTES: Final = 32
_NAME: Final = re.compile(NAME_PATTERN)
_ORIGIN: Final = re.compile(ORIGIN_PATTERN)


class Range(NamedTuple):
    """Offsets `first` to `end` (exclusive) of one partition, with the digest of the records that stand there."""

    sector: str
    partition: int
    first: int
    end: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """What a sealer signs: `previous` is the hash of the block before, in block 0 that of the network file.

    `amendment` is the hash of the newest amendment of the network in force at this height; None while there is none.
    """

    origin: str
    height: int
    previous: bytes
    ranges: tuple[Range, ...]
    amendment: bytes | None = None

    @property
    def hash(self) -> bytes:
        """SHA-256 of the text: the `previous` of the next block."""
        return sha256(format_block(self)).digest()


def parse_block(text: bytes) -> Block:
    """Parse the text of a block; raises Malformed for whatever any network would refuse."""
    if len(text) > MAX_BLOCK_BYTES:
        raise Malformed("a block of more than 65,000 bytes")
    lines = parse_ascii_lines(text)
    if len(lines) < 5 or lines[0] not in {BLOCK_HEADER, AMENDED_BLOCK_HEADER}:
        raise Malformed("not a block")
    is_amended = lines[0] == AMENDED_BLOCK_HEADER
    block = Block(
        origin=lines[1],
        height=parse_decimal(_after("height ", lines[2])),
        previous=parse_hash(_after("previous ", lines[3])),
        ranges=tuple(_parse_range(line) for line in lines[4 + is_amended :]),
        amendment=parse_hash(_after("amendment ", lines[4])) if is_amended else None,
    )
    _check_block(block)
    return block


def format_block(block: Block) -> bytes:
    """Format the text of a block; raises Malformed where it breaks a limit or an order."""
    _check_block(block)
    lines = [
        BLOCK_HEADER if block.amendment is None else AMENDED_BLOCK_HEADER,
        block.origin,
        f"height {block.height}",
        f"previous {format_hash(block.previous)}",
        *(() if block.amendment is None else (f"amendment {format_hash(block.amendment)}",)),
        *(_format_range(part) for part in block.ranges),
    ]
    text = "".join(f"{line}\n" for line in lines).encode("ascii")
    if len(text) > MAX_BLOCK_BYTES:
        raise Malformed("a block of more than 65,000 bytes")
    return text


def _after(prefix: str, line: str) -> str:
    if not line.startswith(prefix):
        raise Malformed(f"a line that should begin with {prefix!r}")
    return line[len(prefix) :]


def _parse_range(line: str) -> Range:
    match line.split(" "):
        case ["range", sector, partition, first, end, digest]:
            return Range(sector, parse_decimal(partition), parse_decimal(first), parse_decimal(end), parse_hash(digest))
        case _:
            raise Malformed("not a range")


def _format_range(part: Range) -> str:
    return f"range {part.sector} {part.partition} {part.first} {part.end} {format_hash(part.digest)}"


def _check_block(block: Block) -> None:
    if not _ORIGIN.fullmatch(block.origin):
        raise Malformed("not an origin")
    check_decimal(block.height)
    if len(block.previous) != _HASH_BYTES:
        raise Malformed("previous is not a SHA-256")
    if block.amendment is not None and len(block.amendment) != _HASH_BYTES:
        raise Malformed("the amendment is not named by a SHA-256")
    _check_ranges(block.ranges)


def _check_ranges(ranges: Sequence[Range]) -> None:
    """Check names, bounds and order: sectors by name, then partitions by number, none twice."""
    if not ranges:
        raise Malformed("a block without a range")
    for part in ranges:
        if not _NAME.fullmatch(part.sector) or len(part.digest) != _HASH_BYTES:
            raise Malformed("a range of no sector or without a digest")
        if not 0 < check_decimal(part.end) - check_decimal(part.first) <= MAX_RANGE_RECORDS:
            raise Malformed("a range has 1 to 2,048 records")
        check_decimal(part.partition)
    if any(before[:2] >= after[:2] for before, after in pairwise(ranges)):
        raise Malformed("ranges out of order")
    if sum(part.end - part.first for part in ranges) > MAX_BLOCK_RECORDS:
        raise Malformed("a block of more than 8,192 records")
