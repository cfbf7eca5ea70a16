"""A change of parcels as an aggregate: `parcel_change:<year>-<number>`.

Planned, then either authorised or abandoned, and never both: that is decided in this one stream, and all that happens
to the parcels follows from it. A change that another register decided is recorded, and nothing follows.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import Annulled, Standing
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import is_before, recorded_second
from services.registers.domain.parcel_change.events import EVENTS, Abandoned, Authorised, Completed
from services.registers.domain.parcel_change.planning import (
    check_areas,
    check_form,
    contradictions,
    open_change,
    open_recorded,
)
from services.registers.domain.parcel_change.state import NAME, ChangeState, Phase, parcel_subject

FOUR_EYES: Final = frozenset({"authorised", "annulled"})
_ENDED: Final = Standing("ended", (), ())


def authorise(state: ChangeState, fact: Fact) -> ChangeState:
    """Decide that the change goes through: in time, and every parcel that it ends or forms is kept for it."""
    data: Authorised = fact.data  # type: ignore[assignment]
    _check_phase(state, "planned")
    if data.plan != state.plan:
        raise RuleViolated("another-plan", "what is authorised is the plan of this change")
    if not is_before(recorded_second(fact.time), state.expires):
        raise RuleViolated("change-expired", f"the change had to be authorised before {state.expires}")
    cited = {citation.subject: citation.version for citation in fact.cites}
    later = all(cited.get(parcel_subject(parent.number), 0) > parent.version for parent in state.parents)
    if not later or not all(parcel_subject(child.number) in cited for child in state.children):
        raise RuleViolated("reservation-not-cited", "an authorised change cites that every parcel is kept for it")
    return dataclasses.replace(state, phase="authorised", turn=fact.version)


def abandon(state: ChangeState, fact: Fact) -> ChangeState:
    """Decide that the change comes to nothing; that its time is over is only said when it is."""
    data: Abandoned = fact.data  # type: ignore[assignment]
    _check_phase(state, "planned")
    if data.reason == "expired" and is_before(recorded_second(fact.time), state.expires):
        raise RuleViolated("not-expired", f"the change can be authorised until {state.expires}")
    return dataclasses.replace(state, standing=_ENDED, phase="abandoned", turn=fact.version, reason=data.reason)


def complete(state: ChangeState, fact: Fact) -> ChangeState:
    """Close the change: each parcel of the plan once, areas as planned, every burden on somebody."""
    data: Completed = fact.data  # type: ignore[assignment]
    _check_phase(state, "authorised")
    parts = [(parcel_subject(one.number), one.version) for one in data.endings]
    parts += [(parcel_subject(one.number), one.version) for one in data.formations]
    if set(parts) != set(fact.cites):
        raise RuleViolated("parts-not-cited", "a completed change cites how each parcel ended or was formed")
    if [one.number for one in data.endings] != [parent.number for parent in state.parents]:
        raise RuleViolated("not-as-planned", "the parcels that ended are those of the plan")
    if [(one.number, one.area_m2) for one in data.formations] != [(one.number, one.area_m2) for one in state.children]:
        raise RuleViolated("not-as-planned", "the parcels that were formed are those of the plan")
    check_areas(
        (one.area_m2 for one in state.parents),
        (one.area_m2 for one in data.formations),
        tolerance=state.tolerance_m2,
    )
    _check_burdens(data)
    return dataclasses.replace(state, standing=_ENDED, phase="completed", turn=fact.version)


def annulled_state(state: ChangeState) -> ChangeState:
    """Give the only state that an annulment may carry: the same change, without effect."""
    standing = dataclasses.replace(_ENDED, inconsistent=state.standing.inconsistent)
    return dataclasses.replace(state, standing=standing, phase="annulled")


def hinder(state: ChangeState, fact: Fact) -> None:
    """Refuse an annulment that would carry anything else than this change without effect."""
    if fact.name != "annulled":
        return
    data: Annulled[ChangeState, object] = fact.data  # type: ignore[assignment]
    if state.phase not in ("authorised", "completed"):
        raise RuleViolated("change-phase", f"a change that is {state.phase} is not annulled")
    if data.state != annulled_state(state):
        raise RuleViolated("another-plan", "an annulled change keeps its plan and has no effect")


def check_state(state: ChangeState) -> None:
    """Refuse a carried state that is no change; raises RuleViolated."""
    check_form(state.kind, [one.number for one in state.parents], [one.number for one in state.children])
    if (state.standing.status == "live") != (state.phase in ("planned", "authorised")):
        raise RuleViolated("state-unsound", "a change that is neither planned nor authorised has ended")


def evolve(state: ChangeState, fact: Fact) -> ChangeState:
    """Give the state of a change after one of its own events; raises RuleViolated."""
    return _CHANGES[fact.name](state, fact)


def _check_phase(state: ChangeState, phase: Phase) -> None:
    if state.phase != phase:
        raise RuleViolated("change-phase", f"the change is {state.phase}, not {phase}")


def _check_burdens(data: Completed) -> None:
    """Compare both sides: what the parents say passed on, and what the children say they got."""
    rights = {(one.number, number) for one in data.endings for number in one.use_rights}
    passed = [(right.parent, right.number) for right in data.use_rights]
    if len(set(passed)) != len(passed) or set(passed) != rights:
        raise RuleViolated("burden-dropped", "every right of use of a parent lies on a child")
    placed = [place for right in data.use_rights for place in _distinct(right.children)]
    mortgages = sum(len(one.mortgages) for one in data.endings)
    seizures = sum(len(one.seizures) for one in data.endings)
    for place, formation in enumerate(data.formations, 1):
        expected = (placed.count(place), mortgages, seizures)
        if (formation.use_rights, formation.mortgages, formation.seizures) != expected:
            raise RuleViolated("burden-dropped", "mortgages and seizures lie on every child, rights where they passed")


def _distinct(places: Iterable[int]) -> list[int]:
    return sorted(set(places))


_CHANGES: Final[Mapping[str, Callable[[ChangeState, Fact], ChangeState]]] = {
    "authorised": authorise,
    "abandoned": abandon,
    "completed": complete,
}

PARCEL_CHANGE: Final = Aggregate(
    name=NAME,
    state=ChangeState,
    events=EVENTS,
    evolve=evolve,
    openers={"planned": open_change, "recorded": open_recorded},
    check_state=check_state,
    contradictions=contradictions,
    four_eyes=FOUR_EYES,
    hinder=hinder,
)
