"""C2SP tlog-cosignature v1: a validator's timestamped Ed25519 signature over a checkpoint's body."""

from __future__ import annotations

from typing import Final, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.note.ed25519 import SIGNATURE_BYTES
from litopys.note.notes import SignatureLine, parse_signature_line
from litopys.note.vkeys import ED25519_COSIGNATURE, Signer, Vkey

TIMESTAMP_BYTES: Final = 8
TIMESTAMP_LIMIT: Final = 1 << 63


class Cosignature(NamedTuple):
    """When a validator signed, in seconds since 1970 by its own clock, and its 64-byte signature."""

    timestamp_s: int
    signature: bytes


def cosign(signer: Signer, body: bytes, timestamp_s: int) -> SignatureLine:
    """Cosign the three lines of a checkpoint; raises Malformed for a key of another algorithm or such a time."""
    if signer.vkey.algorithm != ED25519_COSIGNATURE:
        raise Malformed("only a cosignature key cosigns")
    if not 0 <= timestamp_s < TIMESTAMP_LIMIT:
        raise Malformed("not a timestamp")
    signature = signer.private.sign(_message(body, timestamp_s))
    return SignatureLine(signer.vkey.name, signer.vkey.key_id, timestamp_s.to_bytes(TIMESTAMP_BYTES, "big") + signature)


def verify_cosignature(vkey: Vkey, body: bytes, signature: bytes) -> int:
    """Verify what follows the key id in a validator's line; returns its timestamp in seconds.

    Raises VerificationFailed.
    """
    try:
        cosignature = parse_cosignature(signature)
    except Malformed as error:
        raise VerificationFailed("not a cosignature") from error
    vkey.public.check(cosignature.signature, _message(body, cosignature.timestamp_s))
    return cosignature.timestamp_s


def parse_cosignature(signature: bytes) -> Cosignature:
    """Parse what follows the key id in a validator's line; raises Malformed."""
    if len(signature) != TIMESTAMP_BYTES + SIGNATURE_BYTES:
        raise Malformed("a cosignature has 8 bytes of time and 64 of signature")
    timestamp_s = int.from_bytes(signature[:TIMESTAMP_BYTES], "big")
    if timestamp_s >= TIMESTAMP_LIMIT:
        raise Malformed("not a timestamp")
    return Cosignature(timestamp_s, signature[TIMESTAMP_BYTES:])


def parse_cosignature_time(line: str) -> int:
    """Read the timestamp of a validator's line, in seconds; raises Malformed. Verifies nothing."""
    return parse_cosignature(parse_signature_line(line).signature).timestamp_s


def _message(body: bytes, timestamp_s: int) -> bytes:
    return b"cosignature/v1\ntime %d\n%b" % (timestamp_s, body)
