"""Small parts of the text formats that blocks, block entries and rejected lists share."""

import re
from typing import Final

from litopys.errors import Malformed
from litopys.note.base64 import format_base64, parse_base64

DECIMAL_LIMIT: Final = 2**63
"""Offsets, heights, sizes and indices are below this."""

NAME_PATTERN: Final = r"[a-z][a-z0-9_]{0,30}"
ORIGIN_PATTERN: Final = r"[a-z0-9.-]+(?::[0-9]+)?/[a-z0-9._-]+"

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_HASH_BYTES: Final = 32


def parse_decimal(text: str) -> int:
    """Parse a decimal without sign, leading zero or underscore, below 2^63; raises Malformed."""
    if not _DECIMAL.fullmatch(text):
        raise Malformed("not a decimal")
    number = int(text)
    if number >= DECIMAL_LIMIT:
        raise Malformed("a decimal of 2^63 or more")
    return number


def parse_hash(text: str) -> bytes:
    """Parse the base64 of a SHA-256; raises Malformed."""
    digest = parse_base64(text)
    if len(digest) != _HASH_BYTES:
        raise Malformed("not the base64 of 32 bytes")
    return digest


def format_hash(digest: bytes) -> str:
    """Format 32 bytes in base64 with padding."""
    return format_base64(digest)


def check_decimal(number: int) -> int:
    """Return the number if it can stand in these formats; raises Malformed."""
    if not 0 <= number < DECIMAL_LIMIT:
        raise Malformed("a number below 0 or of 2^63 or more")
    return number


def parse_ascii_lines(text: bytes) -> list[str]:
    """Split text of which every line ends in a newline; raises Malformed for other bytes than ASCII too."""
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("other bytes than ASCII") from error
    if lines.pop():
        raise Malformed("the last line does not end")
    return lines
