"""Ed25519 with one verdict on every machine (docs/spec/keys-and-notes.md, "Ed25519").

Libraries differ on small-order points, non-canonical encodings and the cofactor. The curve equation is the library's;
every clause on which libraries differ is checked here, before it is asked.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from litopys.errors import Malformed, VerificationFailed
from litopys.note.curve import GROUP_ORDER, has_prime_order, is_canonical, is_small_order

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


class KeyRefused(Malformed):
    """32 bytes that are no point of prime order in canonical form, so no key of this ledger."""


class PublicKey:
    """A public key whose point has been checked; made by `load`."""

    __slots__ = ("_key", "raw")

    def __init__(self, raw: bytes) -> None:
        """Keep the bytes as they are; `load` is the way in from outside, for it checks the point."""
        self.raw: Final = raw
        self._key: Final = Ed25519PublicKey.from_public_bytes(raw)

    @classmethod
    def load(cls, raw: bytes) -> PublicKey:
        """Load 32 bytes; raises KeyRefused unless canonical, on the curve and in the prime-order subgroup."""
        if len(raw) != KEY_BYTES:
            raise KeyRefused("a public key has 32 bytes")
        if not is_canonical(raw) or is_small_order(raw) or not has_prime_order(raw):
            raise KeyRefused("not a point of prime order in canonical form")
        return cls(raw)

    def check(self, signature: bytes, message: bytes) -> None:
        """Check a 64-byte signature; raises VerificationFailed.

        Valid when S < L, R is canonical and not of small order, and [S]B = R + [k]A, without cofactor.
        """
        point, scalar = signature[:32], signature[32:]
        if (
            len(signature) != SIGNATURE_BYTES
            or int.from_bytes(scalar, "little") >= GROUP_ORDER
            or not is_canonical(point)
            or is_small_order(point)
        ):
            raise VerificationFailed("not a signature in canonical form")
        try:
            self._key.verify(signature, message)
        except InvalidSignature as error:
            raise VerificationFailed("the signature does not hold") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.raw.hex()})"


class PrivateKey:
    """A private key by its 32-byte seed (RFC 8032, section 5.1.5); never shown by `repr`."""

    __slots__ = ("_key", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        """Derive the key pair; raises Malformed unless the seed has 32 bytes."""
        if len(seed) != KEY_BYTES:
            raise Malformed("a seed has 32 bytes")
        self.seed: Final = seed
        self._key: Final = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: Final = PublicKey(self._key.public_key().public_bytes_raw())

    @classmethod
    def load(cls, seed: bytes) -> PrivateKey:
        """Load a 32-byte seed; raises Malformed."""
        return cls(seed)

    def sign(self, message: bytes) -> bytes:
        """Sign; deterministic, 64 bytes."""
        return self._key.sign(message)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrivateKey) and self.public == other.public

    def __hash__(self) -> int:
        return hash(self.public)

    def __repr__(self) -> str:
        return f"PrivateKey(of {self.public.raw.hex()})"
