"""What a parcel's facts say about a valid time: everything that held then, also what the state has forgotten since."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from litopys.sourcing.common import Corrected
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, holds_at, is_before
from litopys.sourcing.shapes import shape_of
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.parcel import boundary_digest
from services.registers.domain.land_parcel.state import Money, ParcelState, Valuation

_LISTS = ("holdings", "use_rights", "mortgages", "consents", "seizures")
_CARRYING = frozenset({"recorded", "annulled", "reinstated"})
_ENDING = frozenset({"divided", "merged", "closed"})
_ALWAYS = "0001"

TellingT = TypeVar("TellingT", bound=tuple[Any, ...])


@dataclass(slots=True)
class _Chronicle:
    """All that the facts ever told of: spans by list and by what names them, plain fields with their valid time."""

    spans: dict[str, dict[tuple[Any, str], Any]] = field(default_factory=dict)
    measured: list[tuple[str, int, str | None]] = field(default_factory=list)
    valued: list[tuple[str, Money]] = field(default_factory=list)
    ended: str | None = None

    def take(self, fact: Fact, state: ParcelState) -> None:
        """Take in a fact and the state after it; a carried state replaces all that was told before."""
        data: Any = fact.data
        if fact.name in _CARRYING:
            self._begin_again(state)
        elif fact.name == "boundary_corrected":
            self.measured.append((data.valid_from, data.area_m2, boundary_digest(data.boundary)))
        elif fact.name == "valued":
            self.valued.append((data.valid_from, data.amount))
        elif fact.name == "corrected":
            self._correct(state, data)
        elif fact.name in _ENDING:
            self.ended = data.valid_from
        for name in _LISTS:
            told = self.spans.setdefault(name, {})
            for span in getattr(state, name):
                told[_name_of(span), span.valid_from] = span

    def _begin_again(self, state: ParcelState) -> None:
        self.spans = {}
        self.measured = [(state.measured_from or _ALWAYS, state.area_m2, state.boundary)]
        self.valued = [(state.valuation.valid_from, state.valuation.amount)] if state.valuation else []
        self.ended = None

    def _correct(self, state: ParcelState, correction: Corrected) -> None:
        """Let a corrected field have been right from the beginning of what it belongs to."""
        path = correction.field.split("/")
        if path[0] in ("area_m2", "measured_from"):
            now = (state.measured_from or _ALWAYS, state.area_m2, state.boundary)
            self.measured = [*_without_latest(self.measured), now]
        elif path[0] == "valuation" and state.valuation is not None:
            self.valued = [*_without_latest(self.valued), (state.valuation.valid_from, state.valuation.amount)]
        elif path[0] in _LISTS and path[-1] == "valid_from":
            spans = self.spans[path[0]]
            self.spans[path[0]] = {key: span for key, span in spans.items() if key[1] != correction.old}


def view(state: ParcelState) -> dict[str, Any]:
    """Show a state as JSON values."""
    shown: dict[str, Any] = shape_of(ParcelState).encode(state)  # type: ignore[assignment]
    return shown


def view_at(facts: Sequence[Fact], moment: str) -> dict[str, Any] | None:
    """Show what held at a moment, as far as these facts of one stream tell; None where they tell of no parcel."""
    state: ParcelState | None = None
    chronicle = _Chronicle()
    for fact in facts:
        state = LAND_PARCEL.apply(state, fact)
        if state is not None:
            chronicle.take(fact, state)
    if state is None:
        return None
    shown = view(state)
    for name in _LISTS:
        spans = chronicle.spans.get(name, {}).values()
        held = [span for span in spans if holds_at(span.valid_from, span.valid_to, moment)]
        shown[name] = [shape_of(type(span)).encode(span) for span in held]
    _show_plain(shown, chronicle, moment)
    return shown


def _show_plain(shown: dict[str, Any], chronicle: _Chronicle, moment: str) -> None:
    _, shown["area_m2"], shown["boundary"] = _latest(chronicle.measured, moment) or chronicle.measured[0]
    valued = _latest(chronicle.valued, moment)
    shown["valuation"] = None if valued is None else shape_of(Valuation).encode(Valuation(valued[1], valued[0]))
    if chronicle.ended is not None and is_before(moment, chronicle.ended):
        shown["standing"]["status"], shown["ended_by"] = "live", None


def _without_latest(told: list[TellingT]) -> list[TellingT]:
    latest = max(reversed(told), key=lambda one: first_second(one[0]))
    return [one for one in told if one is not latest]


def _latest(told: Sequence[TellingT], moment: str) -> TellingT | None:
    """Give what held last at a moment; of two from one moment the one told later."""
    then = [one for one in told if not is_before(moment, one[0])]
    return max(reversed(then), key=lambda one: first_second(one[0]), default=None)


def _name_of(span: Any) -> Any:  # noqa: ANN401 - each list has its own kind
    for name in ("number", "id", "version"):
        if hasattr(span, name):
            return getattr(span, name)
    return None
