"""The signature line of an event: `— <name> <base64(key id ‖ blob)>`, without its newline (docs/spec/events.md)."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import Final, NamedTuple

from litopys.errors import Malformed

MAX_LINE_BYTES: Final = 1_000
KEY_ID_BYTES: Final = 4
_DASH: Final = "— ".encode()
_NAME: Final = re.compile(rb"[!-*,-~]+")


class EventLine(NamedTuple):
    """The parts of a line; `blob` is what follows the four bytes of the key id, at least one byte."""

    name: str
    key_id: bytes
    blob: bytes


def parse_line(line: bytes) -> EventLine:
    """Parse a signature line; raises Malformed. What the blob should be is not judged here."""
    if not line.startswith(_DASH):
        raise Malformed("a signature line begins with an em dash and a space")
    name, _, text = line[len(_DASH) :].partition(b" ")
    try:
        decoded = a2b_base64(text, strict_mode=True)
    except Base64Error as error:
        raise Malformed("a signature line ends in base64") from error
    # The decoder lets idle bits pass; the one spelling of these bytes is what encoding them gives.
    if b2a_base64(decoded, newline=False) != text:
        raise Malformed("base64 with idle bits")
    if len(decoded) <= KEY_ID_BYTES:
        raise Malformed("a signature of less than 5 bytes")
    return EventLine(_parse_name(name), decoded[:KEY_ID_BYTES], decoded[KEY_ID_BYTES:])


def format_line(line: EventLine) -> bytes:
    """Format a signature line, without a newline; raises Malformed where it could not be parsed again."""
    text = b2a_base64(line.key_id + line.blob, newline=False)
    formatted = _DASH + line.name.encode() + b" " + text
    if parse_line(formatted) != line:
        raise Malformed("a key id of another length than 4 bytes")
    return formatted


@lru_cache(maxsize=1024)
def _parse_name(name: bytes) -> str:
    if not _NAME.fullmatch(name):
        raise Malformed("not the name of a key")
    return name.decode("ascii")
