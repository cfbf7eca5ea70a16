"""What a stream is found by, worked out from its state; and how a personal field becomes something to look up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from litopys.postgres.sector_changes import SearchEntry
from litopys.postgres.sector_requests import keyed_digest
from litopys.service.codes import PLACEHOLDERS
from litopys.service.search.spelling import one_spelling, stems_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litopys.service.search.searchable import Search

MOST_TERM_BYTES = 400
MOST_WORDS = 400
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Indexing:
    """How the streams of one sector are found: a `Search` for each aggregate that has one, and the store's own key."""

    searches: Mapping[str, Search]
    digest_key: bytes

    def entry(self, subject: str, state: Any) -> SearchEntry | None:  # noqa: ANN401 — each aggregate has its own state
        """Return what a stream in this state is found by; None where nobody searches such streams."""
        aggregate, _, key = subject.partition(":")
        search = self.searches.get(aggregate)
        if search is None:
            return None
        if state is None:
            return SearchEntry()
        said = chain(search.terms_of_key(key), search.terms_of(state))
        terms = {format_term(aggregate, name, value) for name, value in said}
        words = stems_of(search.words_of(state))[:MOST_WORDS]
        return SearchEntry(tuple(sorted(terms)), words, tuple(sorted(set(search.persons_of(state)))))

    def lookup(self, subject: str, name: str, value: object) -> bytes | None:
        """Return what a disclosed field is looked up by; None where it is none by which persons are found."""
        search = self.searches.get(subject.partition(":")[0])
        if search is None or name not in search.person_fields:
            return None
        return self.lookup_of(name, value) if isinstance(value, str) else None

    def lookup_of(self, name: str, value: str) -> bytes | None:
        """Return what persons whose field `name` has this value are looked up by.

        None for a value without words, and for a code that stands for none: whoever lacks one would be found by it.
        """
        spelt = one_spelling(value)
        if not spelt or spelt in PLACEHOLDERS:
            return None
        return keyed_digest(self.digest_key, f"lookup{_SEPARATOR}{name}{_SEPARATOR}{spelt}".encode())


def format_term(aggregate: str, name: str, value: str) -> str:
    """Make the term under which the store keeps a value, and finds it. A value too long for an index is a digest."""
    term = f"{aggregate}.{name}={value}".replace(_SEPARATOR, " ")
    if len(encoded := term.encode()) <= MOST_TERM_BYTES:
        return term
    return f"{aggregate}.{name}#{hashlib.sha256(encoded).hexdigest()}"
