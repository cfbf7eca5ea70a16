"""What an aggregate says of how its streams are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

RESERVED_PARAMETERS: Final = frozenset({"text", "former", "cursor", "limit", "recorded_at", "valid_at"})
"""Names of query parameters that every list has or may come to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """By what streams of one aggregate are found, beside their keys.

    All functions read the present state and are pure. Change `version` with any of them: the store indexes anew.
    """

    terms: Mapping[str, str]
    """Name → what it finds, one sentence; each is a query parameter of `GET /v1/<plural>`."""
    terms_of: Callable[[Any], Iterable[tuple[str, str]]]
    """(name, value) pairs of a state; a name may come several times. Values are compared as they are."""
    terms_of_key: Callable[[str], Iterable[tuple[str, str]]] = lambda _key: ()
    """(name, value) pairs that a stream's key says by itself."""
    words_of: Callable[[Any], Iterable[str]] = lambda _state: ()
    """Texts of a state in which `?text=` looks for words, in any order and case (`litopys.service.search.spelling`)."""
    persons_of: Callable[[Any], Iterable[str]] = lambda _state: ()
    """Ids of the persons who count now; all others whom the events name are found only among the former.

    Persons who stand in one list `persons` of an event count as the first of them does.
    """
    person_fields: Mapping[str, str] = field(default_factory=dict)
    """Name of a disclosed field by which persons are looked up → what it finds. The value must be a text."""
    broad: frozenset[str] = frozenset()
    """Terms with so few values that each may fit most streams, such as a status.

    Asked for by such terms alone, the store walks through the ids in order; otherwise it first collects what fits.
    """
    patterns: Mapping[str, str] = field(default_factory=dict)
    """Name of a term → regular expression of its values, where not every text can be one; others are refused."""
    open_fields: frozenset[str] = frozenset()
    """Those of `person_fields` that the law publishes: query parameters too. All others need office and reason."""
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse names that cannot all be parameters of one query. Raises ValueError."""
        names = [*self.terms, *self.open_fields]
        if len(set(names)) < len(names) or not RESERVED_PARAMETERS.isdisjoint(names):
            raise ValueError("two parameters of a search have one name")
        if not self.open_fields <= self.person_fields.keys():
            raise ValueError("an open field is one by which persons are found")
        if not self.broad | self.patterns.keys() <= self.terms.keys():
            raise ValueError("no term of a search has this name")
