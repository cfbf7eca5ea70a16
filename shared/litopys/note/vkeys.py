"""C2SP vkeys `name+hex key id+base64(algorithm ‖ key)`, and signer files in the form of Go's note package."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.note.base64 import format_base64, parse_base64
from litopys.note.ed25519 import PrivateKey, PublicKey

ED25519: Final = 0x01
"""Plain Ed25519: log, sealers, sectors."""
ED25519_COSIGNATURE: Final = 0x04
"""Timestamped Ed25519 cosignatures: validators."""
ALGORITHMS: Final = frozenset({ED25519, ED25519_COSIGNATURE})

KEY_ID_BYTES: Final = 4
_NAME: Final = re.compile(r"[!-*,-~]+")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_SIGNER_PREFIX: Final = "PRIVATE+KEY+"


class Vkey(NamedTuple):
    """A public key with its name and algorithm; `key_id` follows from the other three."""

    name: str
    key_id: bytes
    algorithm: int
    public: PublicKey


class Signer(NamedTuple):
    """A private key with the vkey of its public half."""

    vkey: Vkey
    private: PrivateKey

    def __repr__(self) -> str:
        return f"Signer({format_vkey(self.vkey)})"


def is_key_name(text: str) -> bool:
    """Answer whether a name can stand in a signature line: `[!-*,-~]+`."""
    return _NAME.fullmatch(text) is not None


def key_id(name: str, algorithm: int, raw: bytes) -> bytes:
    """Compute the 4-byte key id: SHA-256(name ‖ 0x0A ‖ algorithm ‖ key)[:4] (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + raw).digest()[:KEY_ID_BYTES]


def make_vkey(name: str, algorithm: int, raw: bytes) -> Vkey:
    """Make a vkey; raises Malformed for a name or an algorithm that is none, KeyRefused for such a key."""
    if not is_key_name(name):
        raise Malformed("not the name of a key")
    if algorithm not in ALGORITHMS:
        raise Malformed(f"no such key algorithm: 0x{algorithm:02x}")
    return Vkey(name, key_id(name, algorithm, raw), algorithm, PublicKey.load(raw))


def parse_vkey(text: str) -> Vkey:
    """Parse a vkey; raises Malformed, also where the key id does not follow from the rest."""
    name, written_id, data = _parse_fields(text)
    vkey = make_vkey(name, data[0], data[1:])
    if vkey.key_id != written_id:
        raise Malformed("the key id is not that of the name and the key")
    return vkey


def format_vkey(vkey: Vkey) -> str:
    """Format a vkey."""
    data = bytes([vkey.algorithm]) + vkey.public.raw
    return f"{vkey.name}+{vkey.key_id.hex()}+{format_base64(data)}"


def make_signer(name: str, algorithm: int, seed: bytes) -> Signer:
    """Make a signer from a 32-byte seed; raises Malformed."""
    private = PrivateKey.load(seed)
    return Signer(make_vkey(name, algorithm, private.public.raw), private)


def parse_signer(text: str) -> Signer:
    """Parse a signer file's one line `PRIVATE+KEY+<name>+<hex key id>+<base64(algorithm ‖ seed)>`; raises Malformed."""
    line = text.removesuffix("\n")
    if not line.startswith(_SIGNER_PREFIX):
        raise Malformed("not a private key")
    name, written_id, data = _parse_fields(line.removeprefix(_SIGNER_PREFIX))
    signer = make_signer(name, data[0], data[1:])
    if signer.vkey.key_id != written_id:
        raise Malformed("the key id is not that of the name and the key")
    return signer


def format_signer(signer: Signer) -> str:
    """Format a signer, without a newline. The text is a secret."""
    data = bytes([signer.vkey.algorithm]) + signer.private.seed
    return f"{_SIGNER_PREFIX}{signer.vkey.name}+{signer.vkey.key_id.hex()}+{format_base64(data)}"


def _parse_fields(text: str) -> tuple[str, bytes, bytes]:
    """Split name, key id and key data; the base64 may hold `+`, the others cannot."""
    fields = text.split("+", 2)
    if len(fields) != 3 or not _KEY_ID.fullmatch(fields[1]):
        raise Malformed("a key is `name+key id+base64`")
    data = parse_base64(fields[2])
    if not data:
        raise Malformed("a key without bytes")
    return fields[0], bytes.fromhex(fields[1]), data
