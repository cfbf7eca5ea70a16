"""Several commands on one stream, decided one after another before any of them is stored."""

import dataclasses
from typing import Any

from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider, fact_of
from litopys.sourcing.facts import Decided


class Episode:
    """Decides commands as if each were stored at once: the next one sees the state and version that it leaves."""

    def __init__(self, decider: Decider, state: Any, context: Context) -> None:  # noqa: ANN401 - any state
        """Begin where the stream stands; `state` is None before the first event."""
        self._decider = decider
        self._state = state
        self.context = context
        self.decided: list[Decided] = []

    @property
    def state(self) -> Any:  # noqa: ANN401 - the aggregate's own
        """The state so far; raises LookupError before the stream has begun."""
        if self._state is None:
            raise LookupError("the stream has no state yet")
        return self._state

    def do(self, command: object) -> None:
        """Decide on a command and take its events in; raises RuleViolated."""
        for decided in self._decider.decide(command, self._state, self.context):
            fact = fact_of(decided, self.context)
            aggregate, before = self._decider.aggregate, self._state
            self._state = aggregate.apply(before, fact)
            if self.context.steps is not None:
                self.context.steps.note(aggregate, before, fact=fact, after=self._state)
            self.context = dataclasses.replace(self.context, version=fact.version)
            self.decided.append(decided)
