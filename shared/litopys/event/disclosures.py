"""Personal fields as salted digests, in the manner of SD-JWT (docs/spec/events.md, "Personal fields").

A disclosure is base64url(JSON `[salt, name, value]`) without padding; what stands in an event's `_sd` is
base64url(SHA-256 of the disclosure's ASCII). Salts and decoys are arguments: this room draws nothing.
"""

import re
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.event.grammar import format_each, format_json, parse_json

SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 32
DIGESTS_NAME: Final = "_sd"
ALGORITHM_NAME: Final = "_sd_alg"
ALGORITHM: Final = "sha-256"

_URL_ALPHABET: Final = bytes.maketrans(b"+/", b"-_")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_RESERVED_NAMES: Final = frozenset({DIGESTS_NAME, ALGORITHM_NAME, "..."})


class Disclosure(NamedTuple):
    """What a disclosure says: this salted name has this value. `salt` is 16 bytes."""

    salt: bytes
    name: str
    value: object


class SealedFields(NamedTuple):
    """Digests for `_sd`, sorted, decoys among them; and the disclosures by digest, in the order of the fields."""

    digests: tuple[str, ...]
    disclosures: dict[str, str]


def make_disclosure(*, salt: bytes, name: str, value: object) -> str:
    """Make the disclosure of one field; raises Malformed for a salt of another length, a reserved name, a bad value."""
    _check_parts(salt, name)
    return _format_base64url(format_json([_format_base64url(salt), name, value]))


def parse_disclosure(text: str) -> Disclosure:
    """Parse a disclosure; raises Malformed. Formatting what it says gives the same text."""
    match parse_json(_parse_base64url(text)):
        case [str() as salt_text, str() as name, value]:
            salt = _parse_base64url(salt_text)
        case _:
            raise Malformed("a disclosure is an array of salt, name and value")
    _check_parts(salt, name)
    return Disclosure(salt, name, value)


def digest(disclosure: str) -> str:
    """Compute what stands for a disclosure in `_sd`."""
    return _format_base64url(sha256(disclosure.encode("ascii")).digest())


def seal_fields(fields: Mapping[str, object], salts: Sequence[bytes], decoys: Sequence[bytes]) -> SealedFields:
    """Seal fields with one fresh salt each, among decoys of 32 random bytes each; raises Malformed.

    A schema fixes the number of digests: pass a decoy for each field that is absent.
    """
    if len(set(salts)) != len(fields) or len(salts) != len(fields):
        raise Malformed("one fresh salt for each field")
    if any(len(decoy) != DIGEST_BYTES for decoy in decoys):
        raise Malformed("a decoy is as long as a digest")
    parts: list[object] = []
    for (name, value), salt in zip(fields.items(), salts, strict=True):
        _check_parts(salt, name)
        parts.append([_format_base64url(salt), name, value])
    made = map(_format_base64url, format_each(parts))
    disclosures = {digest(disclosure): disclosure for disclosure in made}
    digests = sorted([*disclosures, *map(_format_base64url, decoys)])
    if len(set(digests)) != len(digests):
        raise Malformed("a digest twice")
    return SealedFields(tuple(digests), disclosures)


def find_digests(data: object) -> frozenset[str]:
    """Collect the digests that stand in any `_sd` of an event's data, at any depth."""
    found: set[str] = set()
    pending = [data]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            digests = item.get(DIGESTS_NAME)
            if isinstance(digests, list):
                found.update(entry for entry in digests if isinstance(entry, str))
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return frozenset(found)


def verify_disclosure(text: str, data: object) -> Disclosure:
    """Return what a disclosure says of an event with this data.

    Raises Malformed, or VerificationFailed where its digest does not stand in the data.
    """
    disclosure = parse_disclosure(text)
    if digest(text) not in find_digests(data):
        raise VerificationFailed("the event does not hold the digest of this disclosure")
    return disclosure


def _check_parts(salt: bytes, name: str) -> None:
    if len(salt) != SALT_BYTES:
        raise Malformed("a salt has 16 bytes")
    if not name or name in _RESERVED_NAMES:
        raise Malformed("a field cannot have this name")


def _format_base64url(data: bytes) -> str:
    return b2a_base64(data, newline=False).translate(_URL_ALPHABET, b"=").decode("ascii")


def _parse_base64url(text: str) -> bytes:
    """Decode base64url without padding, the one spelling only."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Malformed("not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _format_base64url(data) != text:
        raise Malformed("base64url with idle bits")
    return data
