"""A sector's rules in one version: its aggregates, and how an event of the ledger reaches them.

A rule once in force stays in the code unedited; a changed rule is a new `Domain` beside it that follows the one before,
in force from a height. States say under which version they were made, and are carried over when they are next read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from litopys.errors import Malformed, RuleViolated, Unavailable
from litopys.event.cloudevents import Event, parse_type
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.codec import decode_state, encode_state
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.shapes import Shape, shape_of

MOST_STATE_BYTES: Final = 16_384

Carry = Callable[[Any], Any]
"""Makes a state of the version before into one of this version. Total and deterministic, like `evolve`."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The aggregates of one sector under one version of its rules.

    `follows` is the version before, None where this is the first; `carries` takes its states over, by aggregate. An
    aggregate that is not named there keeps its states as they are, so its state class must be the same.
    """

    sector: str
    rules: int
    aggregates: dict[str, Aggregate]
    follows: Domain | None = None
    carries: Mapping[str, Carry] = field(default_factory=dict)
    _shapes: dict[tuple[str, str, int], Shape[Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile every event's shape now: what cannot be compiled fails at the start, not at a record."""
        shapes = {
            (aggregate.name, name, version): shape_of(kind)
            for aggregate in self.aggregates.values()
            for (name, version), kind in aggregate.events.items()
        }
        object.__setattr__(self, "_shapes", shapes)
        if self.follows is not None:
            self._check_follows(self.follows)

    def _check_follows(self, before: Domain) -> None:
        if (before.sector, before.rules) != (self.sector, self.rules - 1):
            raise Malformed(f"rules {self.rules} of {self.sector} follow rules {self.rules - 1}")
        for name, aggregate in before.aggregates.items():
            if name not in self.aggregates:
                raise Malformed(f"rules {self.rules} of {self.sector} lack {name}, of which there are streams")
            if aggregate.state is not self.aggregates[name].state and name not in self.carries:
                raise Malformed(f"rules {self.rules} of {self.sector} do not say how a {name} is carried over")
            for key, kind in self.aggregates[name].events.items():
                if aggregate.events.get(key, kind) != kind:
                    raise Malformed(f"{name} has another {key[0]}.v{key[1]}: a changed meaning is a new version of it")

    def knows(self, aggregate: str, name: str, type_version: int) -> bool:
        """Tell whether an event type is known to these rules."""
        return (aggregate, name, type_version) in self._shapes

    def fact(self, event: Event) -> Fact:
        """Decode an event's data strictly, that of a type which only an earlier version knew too.

        Raises RuleViolated for an unknown type, ShapeMismatch for a wrong form.
        """
        _, aggregate, name, type_version = parse_type(event.type)
        shape = self._shapes.get((aggregate, name, type_version))
        if shape is None and self.follows is not None:
            return self.follows.fact(event)
        if shape is None:
            raise RuleViolated("unknown-type", f"{aggregate} has no {name}.v{type_version}")
        data = shape.decode(event.data)
        return Fact(event.subject, event.streamversion, name, type_version, event.time, event.actor, event.cites, data)

    def evolve(self, state: Any, event: Event) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Give the state of a stream after an event. Whatever is raised is the ledger's verdict `rule`."""
        fact = self.fact(event)
        if self.follows is not None and not self.knows(fact.subject.partition(":")[0], fact.name, fact.type_version):
            raise RuleViolated("unknown-type", f"{fact.name}.v{fact.type_version} is of earlier rules")
        return self.apply(state, fact)

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
        """Give the bytes under which a state is stored: JSON, and before it the version of rules unless the first."""
        data = encode_state(state)
        return data if self.follows is None else b"%d %b" % (self.rules, data)

    def decode_state(self, aggregate: str, data: bytes) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Read a stored state back, carried over if it was made under an earlier version.

        Raises Malformed, and Unavailable where it was made under a version that this build lacks.
        """
        version, _, body = data.partition(b" ")
        is_marked = version.isdigit()
        maker = self._maker(int(version) if is_marked else None)
        state = decode_state(maker.aggregates[aggregate].state, body if is_marked else data)
        return self.carry(aggregate, state, rules=maker.rules)

    def carry(self, aggregate: str, state: Any, *, rules: int) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Give a state that was made under an earlier version as this version has it."""
        if rules == self.rules or self.follows is None or aggregate not in self.follows.aggregates:
            return state
        before = self.follows.carry(aggregate, state, rules=rules)
        change = self.carries.get(aggregate)
        return before if before is None or change is None else change(before)

    def _maker(self, rules: int | None) -> Domain:
        """Find the version under which a state was made; None stands for the first."""
        found = self
        while found.follows is not None and found.rules != rules:
            found = found.follows
        if rules not in {None, found.rules}:
            raise Unavailable(f"this build lacks rules {rules} of {self.sector}, under which a state was stored")
        return found


def domain(sector: str, rules: int, aggregates: Iterable[Aggregate]) -> Domain:
    """Put a sector's aggregates together under its first rule version."""
    return Domain(sector, rules, {aggregate.name: aggregate for aggregate in aggregates})


def next_domain(before: Domain, *changed: Aggregate, carries: Mapping[str, Carry] | None = None) -> Domain:
    """Give the version of rules after `before`: its aggregates, but for those that are changed or new."""
    aggregates = before.aggregates | {aggregate.name: aggregate for aggregate in changed}
    return Domain(before.sector, before.rules + 1, aggregates, before, carries or {})
