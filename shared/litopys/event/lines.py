"""The signature line of an event: `— <name> <base64(key id ‖ blob)>`, without its newline (docs/spec/events.md).

The same form as in `note.notes`, read from bytes: this runs once for every record that any validator sees.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.note.base64 import format_base64, parse_base64
from litopys.note.vkeys import KEY_ID_BYTES, is_key_name

MAX_LINE_BYTES: Final = 1_000
_DASH: Final = "— ".encode()


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
    decoded = parse_base64(text)
    if len(decoded) <= KEY_ID_BYTES:
        raise Malformed("a signature of less than 5 bytes")
    return EventLine(_parse_name(name), decoded[:KEY_ID_BYTES], decoded[KEY_ID_BYTES:])


def format_line(line: EventLine) -> bytes:
    """Format a signature line, without a newline; raises Malformed where it could not be parsed again."""
    formatted = f"— {line.name} {format_base64(line.key_id + line.blob)}".encode()
    if parse_line(formatted) != line:
        raise Malformed("a key id of another length than 4 bytes")
    return formatted


@lru_cache(maxsize=1024)
def _parse_name(name: bytes) -> str:
    text = name.decode("ascii", errors="replace")
    if not is_key_name(text):
        raise Malformed("not the name of a key")
    return text
