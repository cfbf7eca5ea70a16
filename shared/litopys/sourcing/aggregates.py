"""An aggregate: the events of one kind of stream and what they do to its state, the common ones included.

`apply` is total and deterministic: it returns the next state or raises. Aggregates are plain functions over frozen
values; this class only names them.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from litopys.errors import RuleViolated
from litopys.sourcing.common import Standing, Superseded
from litopys.sourcing.correction import corrected
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.four_eyes import accept_approval, accept_proposal, consume_approval, is_migrated
from litopys.sourcing.shapes import shape_of


class HasStanding(Protocol):
    """Any state: the common part stands under this name."""

    @property
    def standing(self) -> Standing:
        """Give the common part."""


def _nothing_to_check(_state: Any) -> None:  # noqa: ANN401 - any state
    return None


def _nothing_hinders(_state: Any, _fact: Fact) -> None:  # noqa: ANN401 - any state
    return None


def _no_contradictions(_state: Any) -> tuple[str, ...]:  # noqa: ANN401 - any state
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One kind of stream.

    `events`: data class by (name, version); `openers`: how the first event makes a state, by name, `recorded`
    adopting the one that it carries; `evolve`: the aggregate's own events on a living object; `check_state`: refuses
    a carried state that is nonsense; `contradictions`: codes of rules that a state breaks, which only inheritance
    excuses; `revive`: an ended state as a living one; `revived_by`: own events that an ended object accepts;
    `four_eyes`: changes that need a second person; `import_stream`: aggregate of the sector's imports, whose entry a
    migrated change cites instead; `hinder`: refuses a change, a common or a proposed one too, because of what the
    object is kept for; `kept_fields`: what an annulment or a reinstatement leaves as it stands when it takes effect,
    such as whose state it is and which numbers are given. `state` is a class, or a union of classes that differ in
    their fields.
    """

    name: str
    state: Any
    events: Mapping[tuple[str, int], type]
    evolve: Callable[[Any, Fact], Any]
    openers: Mapping[str, Callable[[Fact], Any]] = field(default_factory=dict)
    check_state: Callable[[Any], None] = _nothing_to_check
    contradictions: Callable[[Any], tuple[str, ...]] = _no_contradictions
    revive: Callable[[Any], Any] = lambda state: with_standing(state, status="live")
    revived_by: frozenset[str] = frozenset()
    four_eyes: frozenset[str] = frozenset()
    fixed_fields: frozenset[str] = frozenset()
    import_stream: str = ""
    hinder: Callable[[Any, Fact], None] = _nothing_hinders
    kept_fields: frozenset[str] = frozenset()

    def apply(self, state: Any, fact: Fact) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Give the state after a fact; raises RuleViolated, or ShapeMismatch for carried data of the wrong form."""
        if fact.name == "voided":
            return state
        if state is None:
            return self._open(fact)
        if fact.name == "recorded" or fact.name in self.openers:
            raise RuleViolated("already-open", "the stream has begun")
        if fact.name == "proposed":
            self._check_proposal(state, fact)
            return accept_proposal(state, fact)
        if fact.name == "approved":
            return accept_approval(state, fact)
        if fact.name in self.four_eyes and not is_migrated(fact, self.import_stream):
            state = consume_approval(state, fact, self.encode_data(fact))
        return self.apply_change(state, fact)

    def apply_change(self, state: Any, fact: Fact) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Give the state after a change that nobody has to approve any more: what a proposal is tried with."""
        self.hinder(state, fact)
        if fact.name in _COMMON_CHANGES:
            return _COMMON_CHANGES[fact.name](self, state, fact)
        self._check_accepts(state, fact.name)
        return self.evolve(state, fact)

    def _check_accepts(self, state: Any, change: str) -> None:  # noqa: ANN401 - each aggregate has its own state
        """Refuse a change of its own to an object that does not live, unless that is what the change is for."""
        status = state.standing.status
        if status != "live" and not (status == "ended" and change in self.revived_by):
            raise RuleViolated("ended", f"the object is {status}: only a correction is accepted")

    def _check_proposal(self, state: Any, fact: Fact) -> None:  # noqa: ANN401 - each aggregate has its own state
        proposed: Any = fact.data
        if proposed.change not in _COMMON_CHANGES:
            self._check_accepts(state, proposed.change)
        content = self.decode_content(fact)
        self.hinder(state, fact._replace(name=proposed.change, type_version=proposed.change_version, data=content))

    def decode_content(self, fact: Fact) -> object:
        """Decode what a `proposed` fact proposes, as strictly as if it were the event itself."""
        proposed: Any = fact.data
        kind = self.events.get((proposed.change, proposed.change_version))
        if kind is None or proposed.change not in self.four_eyes:
            raise RuleViolated("not-proposable", "no change of this name needs a second person")
        return shape_of(kind).decode(proposed.content)

    def encode_data(self, fact: Fact | Decided) -> Any:  # noqa: ANN401 - plain JSON values
        """Give the data of a fact in its JSON form; raises KeyError for an event not of this aggregate."""
        return shape_of(self.events[fact.name, fact.type_version]).encode(fact.data)

    def adopt(self, state: Any) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Take over a carried state: it must be sound, and list exactly the contradictions that it has."""
        self.check_state(state)
        if state.standing.proposals:
            raise RuleViolated("carried-proposals", "a carried state holds no proposals")
        if state.standing.inconsistent != tuple(sorted(self.contradictions(state))):
            raise RuleViolated("contradictions-unlisted", "the contradictions of a carried state must be listed in it")
        return state

    def replace(self, state: Any, carried: Any) -> Any:  # noqa: ANN401 - each aggregate has its own state
        """Put a carried state in the place of the one that stands: of the same object, with its numbers kept.

        A proposal may wait while events follow: a state that was drawn up before them would give numbers twice.
        """
        if any(getattr(state, name, None) != getattr(carried, name, None) for name in sorted(self.kept_fields)):
            raise RuleViolated("carried-otherwise", "a carried state is of this object, and keeps what it has given")
        return self.adopt(carried)

    def _open(self, fact: Fact) -> Any:  # noqa: ANN401 - each aggregate has its own state
        opener = self.openers.get(fact.name)
        if opener is None and fact.name != "recorded":
            raise RuleViolated("not-open", "the stream has not begun")
        carried: Any = fact.data
        opened = carried.state if opener is None else opener(fact)
        return self.adopt(opened) if fact.name == "recorded" else opened


def with_standing(state: Any, **changes: object) -> Any:  # noqa: ANN401 - any state
    """Give a state with its common part changed."""
    return dataclasses.replace(state, standing=dataclasses.replace(state.standing, **changes))


def _correct(aggregate: Aggregate, state: Any, fact: Fact) -> Any:  # noqa: ANN401 - any state
    data: Any = fact.data
    first, *steps = data.field.split("/")
    if first in aggregate.fixed_fields | {"standing"} or steps[-1:] in (["id"], ["number"]):
        raise RuleViolated("not-correctable", "this field is not corrected, only annulled")
    new = corrected(state, data)
    aggregate.check_state(new)
    found = aggregate.contradictions(new)
    if not set(found) <= set(state.standing.inconsistent):
        raise RuleViolated("contradiction", ", ".join(sorted(set(found) - set(state.standing.inconsistent))))
    return with_standing(new, inconsistent=tuple(sorted(found)))


def _annul(aggregate: Aggregate, state: Any, fact: Fact) -> Any:  # noqa: ANN401 - any state
    data: Any = fact.data
    if (data.from_version is None) == (data.from_moment is None):
        raise RuleViolated("annulled-from", "an annulment names either a version or a moment")
    if data.from_version is not None and data.from_version >= fact.version:
        raise RuleViolated("annulled-from", "an annulment names an earlier version")
    return aggregate.replace(state, data.state)


def _reinstate(aggregate: Aggregate, state: Any, fact: Fact) -> Any:  # noqa: ANN401 - any state
    data: Any = fact.data
    if data.state.standing.status != "live":
        raise RuleViolated("not-live", "what is reinstated lives")
    return aggregate.replace(state, data.state)


def _supersede(_aggregate: Aggregate, state: Any, fact: Fact) -> Any:  # noqa: ANN401 - any state
    data: Superseded = fact.data  # type: ignore[assignment]
    if state.standing.status == "superseded":
        raise RuleViolated("ended", "the object is superseded already")
    if data.by == fact.subject:
        raise RuleViolated("superseded-by-itself", "another stream must take its place")
    return with_standing(state, status="superseded", proposals=())


_COMMON_CHANGES: Final[Mapping[str, Callable[[Aggregate, Any, Fact], Any]]] = {
    "corrected": _correct,
    "annulled": _annul,
    "reinstated": _reinstate,
    "superseded": _supersede,
}
