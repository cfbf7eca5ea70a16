"""The block entry: last leaf of its block, the block's text and what came of it (docs/spec/blocks-and-admission.md)."""

from dataclasses import dataclass
from typing import Final

from litopys.errors import Malformed
from litopys.ledger.blocks import MAX_BLOCK_RECORDS, Block, format_block, parse_block
from litopys.ledger.words import DECIMAL_LIMIT, check_decimal, format_hash, parse_decimal, parse_hash

_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class BlockEntry:
    """A block with the indices of its events and the count and digest of its refused records."""

    block: Block
    first_index: int
    count: int
    rejected: int
    rejected_digest: bytes

    @property
    def index(self) -> int:
        """The block entry's own index, after its events."""
        return self.first_index + self.count

    @property
    def size(self) -> int:
        """The tree size after the block."""
        return self.index + 1


def parse_block_entry(entry: bytes) -> BlockEntry:
    """Parse a block entry; raises Malformed."""
    text, events, rejected = _split(entry)
    match events.split(" "), rejected.split(" "):
        case ["events", first_index, count], ["rejected", refused, digest]:
            parsed = BlockEntry(
                block=parse_block(text),
                first_index=parse_decimal(first_index),
                count=parse_decimal(count),
                rejected=parse_decimal(refused),
                rejected_digest=parse_hash(digest),
            )
        case _:
            raise Malformed("a block entry ends in what was admitted and what was refused")
    _check_counts(parsed)
    return parsed


def format_block_entry(entry: BlockEntry) -> bytes:
    """Format a block entry; raises Malformed where its numbers do not add up."""
    _check_counts(entry)
    tail = f"events {entry.first_index} {entry.count}\nrejected {entry.rejected} {format_hash(entry.rejected_digest)}\n"
    return format_block(entry.block) + tail.encode("ascii")


def _split(entry: bytes) -> tuple[bytes, str, str]:
    """Take the last two lines off; the text before them keeps its last newline."""
    text, separator, tail = entry.rpartition(b"events ")
    lines = (separator + tail).split(b"\n")
    if len(lines) != 3 or lines[2] or not text.endswith(b"\n"):
        raise Malformed("not a block entry")
    try:
        return text, lines[0].decode("ascii"), lines[1].decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("other bytes than ASCII") from error


def _check_counts(entry: BlockEntry) -> None:
    """Check that every record of the block was either admitted or refused."""
    if len(entry.rejected_digest) != _HASH_BYTES:
        raise Malformed("the digest of the rejected list is not a SHA-256")
    check_decimal(entry.first_index)
    records = sum(part.end - part.first for part in entry.block.ranges)
    if min(entry.count, entry.rejected) < 0 or entry.count + entry.rejected != records or records > MAX_BLOCK_RECORDS:
        raise Malformed("admitted and refused do not add up to the block's records")
    if entry.size >= DECIMAL_LIMIT:
        raise Malformed("a tree size of 2^63 or more")
