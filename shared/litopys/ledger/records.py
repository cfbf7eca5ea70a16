"""Records as the ledger sees them, and the digest that binds a range of them into a block (docs/spec/blocks-…)."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from litopys.errors import Malformed


class Record(NamedTuple):
    """What stands at one offset of a sector's topic; an absent value or signature is empty."""

    sector: str
    partition: int
    offset: int
    signature: bytes
    value: bytes


def range_digest(records: Iterable[Record]) -> bytes:
    """Digest records in order: SHA-256 over u32 length ‖ signature ‖ u32 length ‖ value (big-endian) of each."""
    parts: list[bytes] = []
    for record in records:
        signature, value = record.signature, record.value
        parts += (len(signature).to_bytes(4, "big"), signature, len(value).to_bytes(4, "big"), value)
    return sha256(b"".join(parts)).digest()


def format_record_bytes(record: Record) -> bytes:
    """Format a refused record as `/rejected/<height>/<n>` serves it: the same four parts."""
    signature, value = record.signature, record.value
    return b"".join((len(signature).to_bytes(4, "big"), signature, len(value).to_bytes(4, "big"), value))


def parse_record_bytes(data: bytes) -> tuple[bytes, bytes]:
    """Parse what `format_record_bytes` made into signature and value. Raises Malformed."""
    signature, rest = _cut(data)
    value, rest = _cut(rest)
    if rest:
        raise Malformed("more than a record")
    return signature, value


def _cut(data: bytes) -> tuple[bytes, bytes]:
    end = 4 + int.from_bytes(data[:4], "big")
    if len(data) < max(end, 4):
        raise Malformed("a record that is cut short")
    return data[4:end], data[end:]
