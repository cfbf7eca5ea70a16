"""What a stream's facts say about a valid time: everything that held then, also what the state has forgotten since.

An aggregate says of which kinds its fields are; the rest is the same for all. Spans are lists of things with
`valid_from` and `valid_to`; dated fields are plain ones of which each telling holds from its moment until the next.
A carried state replaces all that was told before it, and a correction was right from the beginning of what it corrects.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import Corrected
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, holds_at, is_before
from litopys.sourcing.shapes import shape_of

_CARRYING: Final = frozenset({"recorded", "annulled", "reinstated"})
_ALWAYS: Final = "0001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Plain fields of a state that change together, at a moment.

    `fields`: their names in the state. `told_by`: by name of the event, their new values out of its data, whose
    `valid_from` is the moment. `since`: path in the state of the moment from which its values hold, empty where the
    state does not keep it. `is_known_before`: whether the first value counts for the time before it; else None stands
    there.
    """

    fields: tuple[str, ...]
    told_by: Mapping[str, Callable[[Any], tuple[Any, ...]]]
    since: str = ""
    is_known_before: bool = True


class _Told(NamedTuple):
    moment: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """How the facts of one aggregate are read at a valid time.

    `spans`: names of the state's lists of things that held over a time. `ended_by`: events that end the object at their
    `valid_from`; `revived_by`: events that take such an end back. `begins`: since when the object was there, None where
    nobody knows; before that there is nothing to show. `is_object`: whether a state is of anything yet.
    """

    aggregate: Aggregate
    spans: tuple[str, ...] = ()
    dated: tuple[Dated, ...] = ()
    ended_by: frozenset[str] = frozenset()
    revived_by: frozenset[str] = frozenset()
    begins: Callable[[Any], str | None] = lambda _state: None
    is_object: Callable[[Any], bool] = lambda _state: True

    def view(self, state: Any) -> dict[str, Any]:  # noqa: ANN401 - the aggregate's own state
        """Show a state as JSON values."""
        shown: dict[str, Any] = shape_of(self.aggregate.state).encode(state)  # type: ignore[assignment]
        return shown

    def view_at(self, facts: Sequence[Fact], moment: str) -> dict[str, Any] | None:
        """Show what held at a moment, as far as these facts of one stream tell; None where they tell of nothing."""
        state, telling = None, _Telling(self)
        for fact in facts:
            state = self.aggregate.apply(state, fact)
            if state is not None and self.is_object(state):
                telling.take(fact, state)
        if state is None or not self.is_object(state):
            return None
        begins = self.begins(state)
        if begins is not None and not holds_at(begins, None, moment):
            return None
        return self.view(telling.state_at(state, moment))


@dataclass(slots=True)
class _Telling:
    """All that the facts ever told of: spans by list and by what names them, dated values with their moments."""

    chronicle: Chronicle
    spans: dict[str, dict[tuple[Any, str], Any]] = field(default_factory=dict)
    dated: list[list[_Told]] = field(default_factory=list)
    ended: str | None = None
    before: Any = None

    def take(self, fact: Fact, state: Any) -> None:  # noqa: ANN401 - any state
        """Take in a fact and the state after it."""
        data: Any = fact.data
        if fact.name in _CARRYING or self.before is None:
            self._begin_again(state)
        for dated, told in zip(self.chronicle.dated, self.dated, strict=True):
            if fact.name in dated.told_by:
                told.append(_Told(data.valid_from, dated.told_by[fact.name](data)))
            elif fact.name == "corrected":
                _correct(dated, told, state, data)
        if fact.name in self.chronicle.ended_by:
            self.ended = data.valid_from
        elif fact.name in self.chronicle.revived_by:
            self.ended = None
        self._take_spans(fact, state)
        self.before = state

    def state_at(self, state: Any, moment: str) -> Any:  # noqa: ANN401 - any state
        """Give the latest state with everything replaced that was otherwise at a moment."""
        then: dict[str, Any] = {}
        for name in self.chronicle.spans:
            spans = self.spans.get(name, {}).values()
            then[name] = tuple(span for span in spans if holds_at(span.valid_from, span.valid_to, moment))
        for dated, told in zip(self.chronicle.dated, self.dated, strict=True):
            then.update(zip(dated.fields, _values_at(dated, told, moment), strict=True))
        shown = dataclasses.replace(state, **then)
        is_alive = self.ended is not None and is_before(moment, self.ended)
        return self.chronicle.aggregate.revive(shown) if is_alive else shown

    def _begin_again(self, state: Any) -> None:  # noqa: ANN401 - any state
        self.spans = {}
        self.dated = [
            [_Told(_since(dated, state) or _ALWAYS, _values_of(dated, state))] for dated in self.chronicle.dated
        ]
        self.ended = None

    def _take_spans(self, fact: Fact, state: Any) -> None:  # noqa: ANN401 - any state
        if fact.name == "corrected":
            correction: Corrected = fact.data  # type: ignore[assignment]
            path = correction.field.split("/")
            if path[0] in self.chronicle.spans and path[-1] == "valid_from":
                spans = self.spans[path[0]]
                self.spans[path[0]] = {key: span for key, span in spans.items() if key[1] != correction.old}
        for name in self.chronicle.spans:
            told = self.spans.setdefault(name, {})
            for never in self._replaced(name, fact, state):
                told.pop(never, None)
            for span in getattr(state, name):
                told[_name_of(span), span.valid_from] = span

    def _replaced(self, name: str, fact: Fact, state: Any) -> list[tuple[Any, str]]:  # noqa: ANN401 - any state
        """Name the persons whom a fact puts others in the place of, from the very moment they began: they never were.

        Whatever else a state lets go, it has only forgotten.
        """
        moment: str | None = getattr(fact.data, "valid_from", None)
        if moment is None or self.before is None or fact.name == "corrected":
            return []
        kept = {_name_of(span) for span in getattr(state, name)}
        return [
            (span.id, span.valid_from)
            for span in getattr(self.before, name)
            if not hasattr(span, "number")
            and hasattr(span, "id")
            and span.id not in kept
            and first_second(span.valid_from) == first_second(moment)
        ]


def _correct(dated: Dated, told: list[_Told], state: Any, correction: Corrected) -> None:  # noqa: ANN401 - any state
    """Let a corrected field have been right from the beginning of what was told last."""
    touched = correction.field.split("/")[0]
    if touched not in dated.fields and touched != dated.since.split("/")[0]:
        return
    latest = max(reversed(told), key=lambda one: first_second(one.moment))
    told.remove(latest)
    told.append(_Told(_since(dated, state) or latest.moment, _values_of(dated, state)))


def _values_at(dated: Dated, told: Sequence[_Told], moment: str) -> tuple[Any, ...]:
    """Give what held last at a moment; of two from one moment the one told later."""
    then = [one for one in told if not is_before(moment, one.moment)]
    if not then:
        return told[0].values if dated.is_known_before else tuple(None for _ in dated.fields)
    last: _Told = max(reversed(then), key=lambda one: first_second(one.moment))
    return last.values


def _values_of(dated: Dated, state: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any state
    return tuple(getattr(state, name) for name in dated.fields)


def _since(dated: Dated, state: Any) -> str | None:  # noqa: ANN401 - any state
    value: Any = state
    for name in filter(None, dated.since.split("/")):
        value = getattr(value, name, None)
    return value if isinstance(value, str) else None


def _name_of(span: Any) -> Any:  # noqa: ANN401 - each list has its own kind
    for name in ("number", "id", "version"):
        if hasattr(span, name):
            return getattr(span, name)
    return None
