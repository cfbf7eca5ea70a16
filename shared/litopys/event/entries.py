r"""Entries, the leaves of the ledger: an event with its signature line, or a block entry (docs/spec/events.md).

An event's entry is a complete signed note: value ‖ ``\n`` ‖ ``\n`` ‖ signature line ‖ ``\n``.
It begins with ``{`` and a block entry with ``litopys.``, so neither can pass for the other.
"""

from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.event.lines import MAX_LINE_BYTES, parse_line

BLOCK_ENTRY_PREFIX: Final = b"litopys."
EVENT_ENTRY_PREFIX: Final = b"{"
_BETWEEN: Final = b"\n\n"


class SignedValue(NamedTuple):
    """The bytes of an event and of its signature line, neither of them ending in a newline."""

    value: bytes
    line: bytes


def is_event_entry(entry: bytes) -> bool:
    """Answer whether an entry claims to be an event's."""
    return entry.startswith(EVENT_ENTRY_PREFIX)


def is_block_entry(entry: bytes) -> bool:
    """Answer whether an entry claims to be a block's."""
    return entry.startswith(BLOCK_ENTRY_PREFIX)


def format_entry(value: bytes, line: bytes) -> bytes:
    """Format the entry of an event whose value and line have been checked."""
    return b"%b\n\n%b\n" % (value, line)


def parse_entry(entry: bytes) -> SignedValue:
    """Take an event's entry apart; raises Malformed. The value is not parsed here, the form of the line is."""
    if not is_event_entry(entry):
        raise Malformed("not the entry of an event")
    value, between, rest = entry.partition(_BETWEEN)
    line = rest[:-1]
    if not between or b"\n" in value or len(line) > MAX_LINE_BYTES or rest[-1:] != b"\n":
        raise Malformed("an entry is a value, an empty line and a signature line")
    parse_line(line)
    return SignedValue(value, line)
