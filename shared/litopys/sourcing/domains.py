"""A sector's rules in one version: its aggregates, and how an event of the ledger reaches them.

A rule once in force stays in the code unedited; a changed rule is a new `Domain` beside it, in force from a height.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.cloudevents import Event, parse_type
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.codec import decode_state, encode_state
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.shapes import Shape, shape_of

MOST_STATE_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class Domain:
    """The aggregates of one sector under one version of its rules."""

    sector: str
    rules: int
    aggregates: dict[str, Aggregate]
    _shapes: dict[tuple[str, str, int], Shape[Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile every event's shape now: what cannot be compiled fails at the start, not at a record."""
        shapes = {
            (aggregate.name, name, version): shape_of(kind)
            for aggregate in self.aggregates.values()
            for (name, version), kind in aggregate.events.items()
        }
        object.__setattr__(self, "_shapes", shapes)

    def knows(self, aggregate: str, name: str, type_version: int) -> bool:
        """Tell whether an event type is known to these rules."""
        return (aggregate, name, type_version) in self._shapes

    def fact(self, event: Event) -> Fact:
        """Decode an event's data strictly; raises RuleViolated for an unknown type, ShapeMismatch for a wrong form."""
        _, aggregate, name, type_version = parse_type(event.type)
        shape = self._shapes.get((aggregate, name, type_version))
        if shape is None:
            raise RuleViolated("unknown-type", f"{aggregate} has no {name}.v{type_version}")
        data = shape.decode(event.data)
        return Fact(event.subject, event.streamversion, name, type_version, event.time, event.actor, event.cites, data)

    def evolve(self, state: Any, event: Event) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Give the state of a stream after an event. Whatever is raised is the ledger's verdict `rule`."""
        return self.apply(state, self.fact(event))

    def apply(self, state: Any, fact: Fact) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Give the state of a stream after a fact; `state` is None before the first. Raises RuleViolated."""
        return self.aggregate_of(fact.subject).apply(state, fact)

    def fold(self, events: Iterable[Event], state: Any = None) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Give the state after a stream's events in their order, beginning with `state`."""
        for event in events:
            state = self.evolve(state, event)
        return state

    def encode_data(self, subject: str, decided: Fact | Decided) -> dict[str, Any]:
        """Give the JSON form of the data that an event is to carry; raises KeyError for a type not of its stream."""
        encoded: dict[str, Any] = self.aggregate_of(subject).encode_data(decided)
        return encoded

    def aggregate_of(self, subject: str) -> Aggregate:
        """Find the aggregate of a stream id; raises RuleViolated where this sector has none."""
        aggregate = self.aggregates.get(subject.partition(":")[0])
        if aggregate is None:
            raise RuleViolated("unknown-aggregate", "no stream of this sector")
        return aggregate

    def encode_state(self, state: Any) -> bytes:  # noqa: ANN401 - each aggregate has its own state
        """Give the bytes under which a state is stored."""
        return encode_state(state)

    def decode_state(self, aggregate: str, data: bytes) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Read a stored state back; raises Malformed."""
        return decode_state(self.aggregates[aggregate].state, data)


def domain(sector: str, rules: int, aggregates: Iterable[Aggregate]) -> Domain:
    """Put a sector's aggregates together under a rule version."""
    return Domain(sector, rules, {aggregate.name: aggregate for aggregate in aggregates})
