r"""The JSON of events: one spelling for each value, so that the bytes and the value say the same.

docs/spec/events.md, "Grammar". In short: encoding the parsed value again gives the same bytes, with no float,
no integer of 2^53 or more, no control character, no escape but ``\"``, ``\\``, ``\n``, ``\t``, and depth at most 16.

Most clauses follow from comparing the bytes with their re-encoding. Depth and integers are a decoder's own business
as long as nesting is shallow, the rest is checked on whole byte strings: this runs for every record that any validator
sees.
"""

import re
from typing import Annotated, Any, Final, Generic, NamedTuple, Never, TypeVar

import msgspec

from litopys.errors import Malformed

T = TypeVar("T")

MAX_DEPTH: Final = 16
INTEGER_LIMIT: Final = 2**53
"""Integers are smaller than this in size: every JSON reader keeps them exactly."""

_MAP_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_STRUCTURE: Final = bytes(byte for byte in range(256) if byte not in b'{}[]"')
_OTHER_ESCAPE: Final = re.compile(rb'\\[^"nt]')
_DOUBTFUL_ESCAPE: Final = re.compile(rb'\\[^"\\nt]')
_C1_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f]")
_SHALLOW_LEVELS: Final = 6
"""Brackets that nest in what is read at once; a level more doubles the decoder, and what is deeper is rare."""


def refuse_float(_text: str) -> Never:
    """Refuse what has a fraction or an exponent; the float hook of every decoder of this grammar."""
    message = "a number is not an integer"
    raise Malformed(message)


def _shallow_hint() -> Any:  # noqa: ANN401 - a type hint is any object
    """Describe the values of the grammar that nest so deep at most: their decoder leaves nothing to be checked."""
    integer = Annotated[int, msgspec.Meta(gt=-INTEGER_LIMIT, lt=INTEGER_LIMIT)]
    hint: Any = None | bool | integer | str
    for _ in range(_SHALLOW_LEVELS):
        hint = None | bool | integer | str | list[hint] | dict[str, hint]
    return hint


SHALLOW: Final = _shallow_hint()


class Reading(NamedTuple, Generic[T]):
    """Two decoders of one thing: of SHALLOW values, and of any, which must refuse floats."""

    shallow: msgspec.json.Decoder[T]
    any: msgspec.json.Decoder[T]


_reading: Final = Reading[Any](msgspec.json.Decoder(SHALLOW), msgspec.json.Decoder(float_hook=refuse_float))
_encoder: Final = msgspec.json.Encoder()


def read(data: bytes, reading: Reading[T]) -> T:
    """Read what the grammar can say, in whatever spelling; raises Malformed.

    What the first decoder takes is in the grammar as it is. What it does not take is read again, and looked at in
    full: the verdict is always that of the second way.
    """
    _check_characters(data)
    try:
        return reading.shallow.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    _check_depth(data)  # before decoding: it bounds what the decoder has to follow
    try:
        value = reading.any.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("not the JSON that is read here") from error
    _check_integers(msgspec.to_builtins(value))
    return value


def _check_characters(data: bytes) -> None:
    """Check the clauses on single characters that re-encoding does not: escapes and control characters."""
    # A run of backslashes starts outside an escape, so taking the pairs away from the left leaves the odd one.
    if _DOUBTFUL_ESCAPE.search(data) and _OTHER_ESCAPE.search(data.replace(b"\\\\", b"")):
        raise Malformed("an escape other than the four")
    # Raw bytes below 0x20 are refused by the decoder (in strings) and by re-encoding (between tokens).
    if b"\x7f" in data or (b"\xc2" in data and _C1_CONTROL.search(data)):
        raise Malformed("a control character")


def _check_integers(value: object) -> None:
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
    value = read(data, _reading)
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
        parsed = read(data, _reading)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise Malformed("not a value of the grammar") from error
    if parsed != value:
        raise Malformed("a type that JSON does not have")
    return data


def format_each(values: list[object]) -> list[bytes]:
    """Format several values as `format_json` does each; shallow ones are read back all at once."""
    try:
        formatted = [_encoder.encode(value) for value in values]
        together = b"[" + b",".join(formatted) + b"]"
        parsed = _reading.shallow.decode(together)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        return [format_json(value) for value in values]
    _check_characters(together)
    if parsed != values:
        raise Malformed("a type that JSON does not have")
    return formatted


def _check_depth(data: bytes) -> None:
    """Check that brackets nest at most 16 deep, by taking away innermost pairs; exact for well-formed JSON."""
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in data else data
    # Of what is left, every second piece between quotes is outside strings; two quotes side by side change no side.
    marks = plain.translate(_MAP_BRACKETS, _NOT_STRUCTURE).replace(b'""', b"")
    structure = b"".join(marks.split(b'"')[::2])
    for _ in range(MAX_DEPTH):
        if not structure:
            return
        structure = structure.replace(b"[]", b"")
    if structure:
        raise Malformed(f"deeper than {MAX_DEPTH}")
