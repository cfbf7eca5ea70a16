"""Sealing personal fields: before anything is decided, values become digests and the disclosures stay here.

The domain sees a `SealedPerson`: a fresh id that joins it to nothing, the plain fields for register rules, and the
digests that its events carry. After the decision only the disclosures whose digests stand in an event are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.event.disclosures import DIGEST_BYTES, SALT_BYTES, seal_fields
from litopys.sourcing.personal import SealedPerson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ID_BYTES = 16
NEVER_OPEN = frozenset(
    {"rnokpp", "code", "passport", "document", "address", "home_address", "phone", "email", "contact", "contacts"}
)
"""Tax number, passport, home address and private contact, under any name in use: no law publishes them."""


class PersonalField(NamedTuple):
    """A kind of personal field that an aggregate's events seal, by name. `says` is what it holds, for people.

    An open one is published by law, a closed one is shown only after the access is on the record; both can be erased.
    What `identifies` is a code that persons carry in their token: who has it may ask who looked.
    """

    says: str
    is_open: bool = False
    identifies: bool = False


class SealedField(NamedTuple):
    """One disclosure as it is kept: its digest, whose it is, the field's name, its class, the disclosure, the value."""

    digest: str
    person: str
    name: str
    is_open: bool
    disclosure: str
    value: object


class Sealing:
    """The sealing of one command or row. `random_bytes(n)` is the source of salts and ids."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self._sealed: dict[bytes, SealedField] = {}

    def new_id(self) -> str:
        """Draw a random id, 128 bits in hexadecimal, for a stream or a relation."""
        return self._random_bytes(_ID_BYTES).hex()

    def seal_person(
        self, *, closed: Mapping[str, object | None], open_: Mapping[str, object | None] | None = None
    ) -> SealedPerson:
        """Seal one person's fields under a fresh id. An absent field (None) gets a decoy, so that all look alike.

        Raises ValueError for a field among the open ones that is always closed.
        """
        return self.seal(self.new_id(), closed=closed, open_=open_)

    def seal(
        self, identifier: str, *, closed: Mapping[str, object | None], open_: Mapping[str, object | None] | None = None
    ) -> SealedPerson:
        """Seal fields of what already has an id: the number of digests is the number of names, whatever is absent."""
        if not NEVER_OPEN.isdisjoint(open_ or ()):
            raise ValueError(f"never open: {', '.join(sorted(NEVER_OPEN.intersection(open_ or ())))}")
        given = {**closed, **(open_ or {})}
        present = {name: value for name, value in given.items() if value is not None}
        salts = self._draw(SALT_BYTES, len(present))
        decoys = self._draw(DIGEST_BYTES, len(given) - len(present))
        sealed = seal_fields(present, salts, decoys)
        for name, (digest, disclosure) in zip(present, sealed.disclosures.items(), strict=True):
            is_open = name in (open_ or {})
            sealed_field = SealedField(digest, identifier, name, is_open, disclosure, present[name])
            self._sealed[digest.encode()] = sealed_field
        return SealedPerson(id=identifier, fields=present, sd=tuple(sealed.digests))

    def _draw(self, size: int, count: int) -> list[bytes]:
        """Draw so many values of one size, all at once: each call of the source is one of the system's."""
        drawn = self._random_bytes(size * count) if count else b""
        return [drawn[start : start + size] for start in range(0, size * count, size)]

    def kept(self, value: bytes) -> Iterator[SealedField]:
        """Yield the disclosures whose digests stand in an event's bytes.

        A digest is 43 characters that nobody can have written by chance, so looking for its bytes is as good as walking
        the data, and much faster where an event carries a map.
        """
        for digest, sealed in self._sealed.items():
            if digest in value:
                yield sealed
