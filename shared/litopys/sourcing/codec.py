"""States and data as bytes: JSON with the members in the order of their classes, so one state has one form."""

import base64
import hashlib
import json
from typing import Any

import msgspec

from litopys.errors import Malformed
from litopys.sourcing.shapes import shape_of

_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
# Stored states are read back by the same program only; digests, which must never change, use the standard library.
_state_encoder = msgspec.json.Encoder()
_state_decoder = msgspec.json.Decoder()


def encode_state(state: object) -> bytes:
    """Give the bytes of a state; `null` for a stream that holds none (voided addresses only)."""
    return b"null" if state is None else _state_encoder.encode(shape_of(type(state)).encode(state))


def decode_state(kind: Any, data: bytes) -> Any:  # noqa: ANN401 - the state type is known at run time only
    """Read a state of a class, or of one of a union, back; raises Malformed. Inverse of `encode_state`."""
    try:
        value = _state_decoder.decode(data)
    except (ValueError, msgspec.MsgspecError) as error:
        raise Malformed("not the bytes of a state") from error
    return None if value is None else shape_of(kind).decode(value)


def to_json(value: object) -> bytes:
    """Write plain JSON values without spaces, members in their order."""
    return _encode_json(value).encode()


def content_digest(value: object) -> str:
    """Digest plain JSON values: base64url of SHA-256 over their bytes, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(to_json(value)).digest()).rstrip(b"=").decode()
