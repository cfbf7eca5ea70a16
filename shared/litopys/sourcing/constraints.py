"""Checks that a type hint can carry: `Annotated[str, Pattern("[0-9]{8}")]`.

Each constraint answers for a value of the right type, and says the same in JSON Schema as far as JSON Schema can.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from litopys.sourcing.straight import Names, bind


class Constraint(Protocol):
    """What `shapes` asks of an object found in `Annotated`."""

    def refusal(self, value: Any) -> str | None:  # noqa: ANN401 - of the annotated type
        """Why `value` does not hold, or None if it does; `value` already has the annotated type."""

    def condition(self, name: str, names: Names) -> str:
        """Write an expression over the variable `name` that is true only of values that hold; see `straight`."""

    def keywords(self) -> dict[str, object]:
        """Give the JSON Schema keywords that say the same."""


class Pattern:
    r"""The whole text matches a regular expression over ASCII classes (`[0-9]`, never `\\d`)."""

    def __init__(self, expression: str) -> None:
        """Compile once; `expression` is anchored at both ends by the check itself."""
        self.expression = expression
        self._fullmatch = re.compile(expression).fullmatch

    def refusal(self, value: str) -> str | None:
        """Refuse text that does not match from end to end."""
        return None if self._fullmatch(value) else f"does not match {self.expression}"

    def condition(self, name: str, names: Names) -> str:
        """Ask the compiled expression alone."""
        return f"{bind(names, self._fullmatch)}({name})"

    def keywords(self) -> dict[str, object]:
        """Give the anchored expression; JSON Schema's own is a search."""
        return {"pattern": f"^(?:{self.expression})$"}


@dataclass(frozen=True, slots=True)
class Between:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int

    def refusal(self, value: int) -> str | None:
        """Refuse an integer outside the bounds."""
        if self.low <= value <= self.high:
            return None
        return f"is not between {self.low} and {self.high}"

    def condition(self, name: str, names: Names) -> str:  # noqa: ARG002 - numbers need no name
        """Compare in place."""
        return f"{self.low} <= {name} <= {self.high}"

    def keywords(self) -> dict[str, object]:
        """Give both bounds."""
        return {"minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class MaxBytes:
    """Text of at most `limit` bytes as JSON writes it in UTF-8, at least `least`: it bounds what a state takes."""

    limit: int
    least: int = 0

    def refusal(self, value: str) -> str | None:
        """Refuse text that is too long or too short."""
        size = len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
        size += sum(value.count(escaped) for escaped in '"\\\n\t')
        return None if self.least <= size <= self.limit else f"is not of {self.least} to {self.limit} bytes"

    def condition(self, name: str, names: Names) -> str:
        """Count characters first: none takes more than four bytes."""
        return f"({self.least} <= len({name}) <= {self.limit // 4} or {bind(names, self.refusal)}({name}) is None)"

    def keywords(self) -> dict[str, object]:
        """Give the nearest bound in characters, and the exact one under a name of our own."""
        least: dict[str, object] = {"minLength": 1} if self.least else {}
        return {**least, "maxLength": self.limit, "x-max-bytes": self.limit}


@dataclass(frozen=True, slots=True)
class Count:
    """A list of `least` to `most` items."""

    least: int
    most: int

    def refusal(self, value: tuple[object, ...]) -> str | None:
        """Refuse a list of another length."""
        if self.least <= len(value) <= self.most:
            return None
        return f"has not {self.least} to {self.most} items"

    def condition(self, name: str, names: Names) -> str:  # noqa: ARG002 - numbers need no name
        """Compare the length in place."""
        return f"{self.least} <= len({name}) <= {self.most}"

    def keywords(self) -> dict[str, object]:
        """Give both bounds."""
        return {"minItems": self.least, "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class Ascending:
    """A list of texts in strictly ascending order of code points, so none twice and one form for one set."""

    def refusal(self, value: tuple[str, ...]) -> str | None:
        """Refuse a list that is out of order or names an item twice."""
        if len(set(value)) == len(value) and tuple(sorted(value)) == value:
            return None
        return "is not in strictly ascending order"

    def condition(self, name: str, names: Names) -> str:
        """Ask the check itself."""
        return f"{bind(names, self.refusal)}({name}) is None"

    def keywords(self) -> dict[str, object]:
        """Say at least that items are distinct."""
        return {"uniqueItems": True}


class Check:
    """A function of our own that says why a value does not hold, with the JSON Schema keywords given beside it."""

    def __init__(self, refuse: Callable[[str], str | None], **keywords: object) -> None:
        """`refuse` gets text of the annotated type; it answers None or the reason."""
        self._refuse = refuse
        self._keywords = keywords

    def refusal(self, value: str) -> str | None:
        """Ask the function."""
        return self._refuse(value)

    def condition(self, name: str, names: Names) -> str:
        """Ask the check itself."""
        return f"{bind(names, self.refusal)}({name}) is None"

    def keywords(self) -> dict[str, object]:
        """Give what was stated."""
        return dict(self._keywords)
