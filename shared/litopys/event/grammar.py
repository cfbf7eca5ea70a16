r"""The JSON of events: one spelling for each value, so that the bytes and the value say the same.

docs/spec/events.md, "Grammar". In short: encoding the parsed value again gives the same bytes, with no float,
no integer of 2^53 or more, no control character, no escape but ``\"``, ``\\``, ``\n``, ``\t``, and depth at most 16.

Most clauses follow from comparing the bytes with their re-encoding; the few that do not are checked on the bytes
first. All checks work on whole byte strings because this runs for every record that any validator sees.
"""

import re
from typing import Final, Never

import msgspec

from litopys.errors import Malformed

MAX_DEPTH: Final = 16
INTEGER_LIMIT: Final = 2**53
"""Integers are smaller than this in size: every JSON reader keeps them exactly."""

_DIGITS: Final = b"0123456789"
_MAP_DIGITS: Final = bytes(0x30 if byte in _DIGITS else byte for byte in range(256))
_LONG_NUMBER: Final = b"0" * 16
_MAP_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_STRUCTURE: Final = bytes(byte for byte in range(256) if byte not in b'{}[]"')
_OTHER_ESCAPE: Final = re.compile(rb'\\[^"nt]')
_C1_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f]")


def refuse_float(_text: str) -> Never:
    """Refuse what has a fraction or an exponent; the float hook of every decoder of this grammar."""
    message = "a number is not an integer"
    raise Malformed(message)


_decoder: Final = msgspec.json.Decoder(float_hook=refuse_float)
_encoder: Final = msgspec.json.Encoder()


def check_bytes(data: bytes) -> None:
    """Check the clauses that re-encoding does not: escapes, control characters, depth.

    Raises Malformed. Run it before decoding: it bounds the depth that a decoder has to follow.
    """
    plain = data
    if b"\\" in data:
        # A run of backslashes starts outside an escape, so taking the pairs away from the left leaves the odd one.
        plain = data.replace(b"\\\\", b"")
        if _OTHER_ESCAPE.search(plain):
            raise Malformed("an escape other than the four")
        plain = plain.replace(b'\\"', b"")
    # Raw bytes below 0x20 are refused by the decoder (in strings) and by re-encoding (between tokens).
    if b"\x7f" in data or (b"\xc2" in data and _C1_CONTROL.search(data)):
        raise Malformed("a control character")
    if not _is_depth_allowed(plain):
        raise Malformed(f"deeper than {MAX_DEPTH}")


def has_long_number(data: bytes) -> bool:
    """Answer whether 16 digits stand together anywhere, strings included: only then can an integer reach 2^53."""
    return _LONG_NUMBER in data.translate(_MAP_DIGITS)


def check_integers(value: object) -> None:
    """Check that every integer in a parsed value is below 2^53 in size; raises Malformed."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, int):
            if not -INTEGER_LIMIT < item < INTEGER_LIMIT:
                raise Malformed("an integer of 2^53 or more")
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item.values())


def parse_json(data: bytes) -> object:
    """Parse one value of the grammar from exactly these bytes; raises Malformed."""
    value = _read(data)
    if _encoder.encode(value) != data:
        raise Malformed("not the one spelling of its value")
    return value


def format_json(value: object) -> bytes:
    """Format a value made of dict, list, str, int, bool and None; raises Malformed where the grammar has no such value.

    Nothing is converted on the way: a tuple, a float or a key that is no string is refused. That the bytes say the
    value is found by reading them; that they are its one spelling needs no look, they are what the encoder made of it.
    """
    try:
        data = _encoder.encode(value)
        parsed = _read(data)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise Malformed("not a value of the grammar") from error
    if parsed != value:
        raise Malformed("a type that JSON does not have")
    return data


def _read(data: bytes) -> object:
    """Read what the grammar can say, in whatever spelling; raises Malformed."""
    check_bytes(data)
    try:
        value: object = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("not JSON") from error
    if has_long_number(data):
        check_integers(value)
    return value


def _is_depth_allowed(plain: bytes) -> bool:
    """Answer whether brackets nest at most 16 deep, by taking away innermost pairs; exact for well-formed JSON.

    `plain` has no escaped quote and no escaped backslash.
    """
    if plain.count(b"{") + plain.count(b"[") <= MAX_DEPTH:
        return True
    # Of what is left, every second piece between quotes is outside strings; two quotes side by side change no side.
    marks = plain.translate(_MAP_BRACKETS, _NOT_STRUCTURE).replace(b'""', b"")
    structure = b"".join(marks.split(b'"')[::2])
    for _ in range(MAX_DEPTH):
        if not structure:
            return True
        structure = structure.replace(b"[]", b"")
    return not structure
