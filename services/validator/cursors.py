"""Opaque cursors: a position in an ordering that only grows, so that a page never shifts under its reader."""

from __future__ import annotations

import base64
import binascii

from litopys.errors import Malformed

_LIMIT = 1 << 63


def format_cursor(*position: int) -> str:
    """Pack whole numbers from -1 up into a cursor."""
    text = ".".join(str(number) for number in position)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parse_cursor(text: str, *, parts: int) -> tuple[int, ...]:
    """Unpack a cursor of `parts` numbers; raises Malformed for anything that `format_cursor` has not made."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        position = tuple(int(part) for part in raw.decode("ascii").split("."))
    except (binascii.Error, ValueError) as error:
        raise Malformed("not a cursor of this interface") from error
    if len(position) != parts or any(not -1 <= number < _LIMIT for number in position):
        raise Malformed("not a cursor of this interface")
    if format_cursor(*position) != text:
        raise Malformed("not a cursor of this interface")
    return position
