"""C2SP checkpoints with exactly three lines: origin, tree size, root (docs/spec/checkpoints-and-policy.md)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.note.base64 import format_base64, parse_base64

ROOT_BYTES: Final = 32
SIZE_LIMIT: Final = 1 << 63
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_ORIGIN: Final = re.compile(r"[!-*,-~]+")


class Checkpoint(NamedTuple):
    """A tree head: `size` in entries, `root` in 32 bytes."""

    origin: str
    size: int
    root: bytes


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Parse a checkpoint's body (the text of its note); raises Malformed."""
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("a checkpoint is ASCII") from error
    if len(lines) != 4 or lines[3]:
        raise Malformed("a checkpoint has three lines")
    origin, size, root = lines[:3]
    if not _ORIGIN.fullmatch(origin) or not _SIZE.fullmatch(size) or int(size) >= SIZE_LIMIT:
        raise Malformed("origin or size of a checkpoint has another form")
    hashed = parse_base64(root)
    if len(hashed) != ROOT_BYTES:
        raise Malformed("a root has 32 bytes")
    return Checkpoint(origin, int(size), hashed)


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Format a checkpoint's body; raises Malformed where it could not be parsed again."""
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{format_base64(checkpoint.root)}\n".encode()
    if parse_checkpoint(text) != checkpoint:
        raise Malformed("not a checkpoint")
    return text
