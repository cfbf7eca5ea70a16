"""What the rules made of facts while a decision was worked out, so that they need not be applied to them once more.

A rule is a pure function: what it made of a fact it would make again. Whoever is about to apply one asks here first,
with the fact as it was decoded from the event, and gets an answer for the very same aggregate, state and fact alone.
"""

from typing import Any, Final, NamedTuple

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.facts import Fact


class _Step(NamedTuple):
    aggregate: Aggregate
    before: Any
    fact: Fact
    after: Any


UNKNOWN: Final = object()
"""The answer where nothing was applied yet."""


class Steps:
    """Applications of rules, in the order in which they happened; each is asked for once, in the same order."""

    def __init__(self) -> None:
        """Begin with none."""
        self._taken: list[_Step] = []
        self._asked = 0

    def note(self, aggregate: Aggregate, before: Any, *, fact: Fact, after: Any) -> None:  # noqa: ANN401 - any state
        """Keep what an aggregate's rules made of a fact; states are never changed, so they are kept as they are."""
        self._taken.append(_Step(aggregate, before, fact, after))

    def after(self, aggregate: Aggregate, before: Any, *, fact: Fact) -> Any:  # noqa: ANN401 - any state
        """Give the state after a fact if the next step was just this one; UNKNOWN otherwise."""
        if self._asked == len(self._taken):
            return UNKNOWN
        step = self._taken[self._asked]
        if step.aggregate is not aggregate or step.before is not before or step.fact != fact:
            return UNKNOWN
        self._asked += 1
        return step.after
