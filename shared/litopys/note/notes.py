"""C2SP signed notes: a text, an empty line, signature lines (docs/spec/keys-and-notes.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.note.base64 import format_base64, parse_base64
from litopys.note.vkeys import ED25519, KEY_ID_BYTES, Signer, Vkey, is_key_name

MAX_LINES: Final = 16
_DASH: Final = "— "
_SEPARATOR: Final = b"\n\n"
_CONTROL: Final = re.compile(rb"[\x00-\x09\x0b-\x1f]")

KeyRef = tuple[str, bytes]
"""A key as notes know it: name and key id."""
Check = Callable[[bytes, bytes], object]
"""Checks a signature (what follows the key id) over a text; raises VerificationFailed."""


class SignatureLine(NamedTuple):
    """One line: the key's name and id, and the signature, at least one byte."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def ref(self) -> KeyRef:
        """The key that the line claims to be by."""
        return self.name, self.key_id


class Note(NamedTuple):
    """A note as parsed: nothing is verified. `text` ends in a newline."""

    text: bytes
    lines: tuple[SignatureLine, ...]


def parse_signature_line(text: str) -> SignatureLine:
    """Parse a line without its newline; raises Malformed."""
    if not text.startswith(_DASH):
        raise Malformed("a signature line begins with an em dash and a space")
    name, space, encoded = text.removeprefix(_DASH).partition(" ")
    if not space or not is_key_name(name):
        raise Malformed("not the name of a key")
    blob = parse_base64(encoded)
    if len(blob) <= KEY_ID_BYTES:
        raise Malformed("a signature of less than 5 bytes")
    return SignatureLine(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def format_signature_line(line: SignatureLine) -> str:
    """Format a line, without a newline."""
    return f"{_DASH}{line.name} {format_base64(line.key_id + line.signature)}"


def parse_note(data: bytes) -> Note:
    """Parse a signed note of 1 to 16 lines; raises Malformed."""
    split = data.rfind(_SEPARATOR)
    if split < 0 or not data.endswith(b"\n"):
        raise Malformed("a note is a text, an empty line and signature lines")
    text, block = data[: split + 1], data[split + len(_SEPARATOR) :]
    _check_text(text)
    try:
        lines = block.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        raise Malformed("a signature line is not UTF-8") from error
    if not 1 <= len(lines) <= MAX_LINES:
        raise Malformed("a note has 1 to 16 signature lines")
    return Note(text, tuple(parse_signature_line(line) for line in lines))


def format_note(note: Note) -> bytes:
    """Format a note; raises Malformed where it could not be parsed again."""
    lines = "".join(f"{format_signature_line(line)}\n" for line in note.lines)
    data = note.text + b"\n" + lines.encode()
    if parse_note(data) != note:
        raise Malformed("not a note")
    return data


def sign_text(signer: Signer, text: bytes) -> SignatureLine:
    """Sign a text with a plain Ed25519 key; raises Malformed for a key of another algorithm."""
    if signer.vkey.algorithm != ED25519:
        raise Malformed("only a plain Ed25519 key signs a text as it is")
    return SignatureLine(signer.vkey.name, signer.vkey.key_id, signer.private.sign(text))


def plain_checks(*vkeys: Vkey) -> dict[KeyRef, Check]:
    """Make the mapping for `verify_note` from plain Ed25519 keys; raises Malformed for other algorithms."""
    if any(vkey.algorithm != ED25519 for vkey in vkeys):
        raise Malformed("not a plain Ed25519 key")
    return {(vkey.name, vkey.key_id): _plain_check(vkey) for vkey in vkeys}


def verify_note(
    note: Note, checks: Mapping[KeyRef, Check], *, refuse_unknown: bool = False
) -> tuple[SignatureLine, ...]:
    """Return the lines by known keys, all verified, in the note's order; none is an answer too.

    Raises VerificationFailed where a known key's line does not hold or a known key has two lines, and with
    `refuse_unknown` also for a line by a key that is not known.
    """
    known = [line for line in note.lines if line.ref in checks]
    if refuse_unknown and len(known) != len(note.lines):
        raise VerificationFailed("a line by a key that is not known")
    if len({line.ref for line in known}) != len(known):
        raise VerificationFailed("two lines by one key")
    for line in known:
        checks[line.ref](note.text, line.signature)
    return tuple(known)


def _plain_check(vkey: Vkey) -> Check:
    return lambda text, signature: vkey.public.check(signature, text)


def _check_text(text: bytes) -> None:
    """Check a note's text: UTF-8, no ASCII control character but newline, not empty; raises Malformed."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("a note is not UTF-8") from error
    if text == b"\n" or _CONTROL.search(text):
        raise Malformed("a note's text is empty or holds control characters")
