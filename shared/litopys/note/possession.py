"""Proof of possession: the line by which a key in a network file shows that its owner holds the private half."""

from __future__ import annotations

from litopys.errors import VerificationFailed
from litopys.note.notes import SignatureLine, format_signature_line, parse_signature_line
from litopys.note.vkeys import ED25519, Signer, Vkey, format_vkey, key_id


def sign_possession(signer: Signer, origin: str) -> str:
    """Sign that this key is meant for the network `origin`; returns a signature line without newline."""
    vkey = signer.vkey
    line = SignatureLine(vkey.name, _plain_id(vkey), signer.private.sign(_message(vkey, origin)))
    return format_signature_line(line)


def verify_possession(text: str, *, vkey: Vkey, origin: str) -> Vkey:
    """Return the key that a line proves possession of; raises Malformed or VerificationFailed."""
    line = parse_signature_line(text)
    if line.ref != (vkey.name, _plain_id(vkey)):
        raise VerificationFailed("a proof of possession by another key")
    vkey.public.check(line.signature, _message(vkey, origin))
    return vkey


def _plain_id(vkey: Vkey) -> bytes:
    """The id under which the proof stands: that of a plain key, whatever the key is for."""
    return key_id(vkey.name, ED25519, vkey.public.raw)


def _message(vkey: Vkey, origin: str) -> bytes:
    return f"litopys.possession.v1\n{origin}\n{format_vkey(vkey)}\n".encode()
