"""Ledger rules of a plan: form, areas, titles. For what it says of other streams only the sector vouches."""

from collections.abc import Iterable

from litopys.errors import RuleViolated
from litopys.sourcing.codec import content_digest
from litopys.sourcing.common import LIVE
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import is_before, recorded_second
from litopys.sourcing.shapes import shape_of
from services.registers.domain.land_parcel.shares import is_whole
from services.registers.domain.parcel_change.events import Planned, PlannedChild, Recorded
from services.registers.domain.parcel_change.state import ChangeState, Child, Kind, Parent, told_digest


def open_change(fact: Fact) -> ChangeState:
    """Take a plan whose areas add up and which leaves no title half given."""
    data: Planned = fact.data  # type: ignore[assignment]
    check_form(data.kind, [one.number for one in data.parents], [one.number for one in data.children])
    check_areas(
        (one.area_m2 for one in data.parents), (one.area_m2 for one in data.children), tolerance=data.tolerance_m2
    )
    if len(data.expires) < len("2026-01-01T00:00:00Z") or not is_before(recorded_second(fact.time), data.expires):
        raise RuleViolated("reservation-over", "a reservation ends later, at a stated second")
    holders = {(parent.number, holder) for parent in data.parents for holder in parent.holders}
    for child in data.children:
        _check_title(child, holders)
    _check_placed(data)
    return ChangeState(
        standing=LIVE,
        kind=data.kind,
        phase="planned",
        turn=fact.version,
        parents=tuple(Parent(one.number, one.version, one.area_m2) for one in data.parents),
        children=tuple(Child(one.number, one.area_m2) for one in data.children),
        tolerance_m2=data.tolerance_m2,
        plan=plan_digest(data),
        valid_from=data.valid_from,
        expires=data.expires,
        reason=None,
    )


def open_recorded(fact: Fact) -> ChangeState:
    """Take a change over that another register decided: it is over, and rests on no plan of this one."""
    data: Recorded = fact.data  # type: ignore[assignment]
    state = data.state
    if state.phase not in ("completed", "abandoned") or state.turn != fact.version:
        raise RuleViolated("change-phase", "what is taken over was completed or abandoned")
    if state.plan != told_digest(state):
        raise RuleViolated("another-plan", "a change that is taken over digests what is told of it")
    return state


def contradictions(state: ChangeState) -> tuple[str, ...]:
    """Name the rules that a change breaks, which only inheritance excuses."""
    before, after = (sum(one.area_m2 for one in parcels) for parcels in (state.parents, state.children))
    return ("areas-differ",) if abs(before - after) > state.tolerance_m2 else ()


def plan_digest(plan: Planned) -> str:
    """Digest a whole plan, as its approval names it."""
    return content_digest(shape_of(Planned).encode(plan))


def check_form(kind: Kind, parents: list[str], children: list[str]) -> None:
    """Refuse a plan that is neither a division of one parcel nor a merger into one; raises RuleViolated."""
    one, several = (parents, children) if kind == "division" else (children, parents)
    if len(one) != 1 or len(several) < 2:
        raise RuleViolated("change-form", "one parcel is divided into several, or several are merged into one")
    if len({*parents, *children}) != len(parents) + len(children):
        raise RuleViolated("parcel-twice", "each parcel stands in a change once")


def check_areas(parents: Iterable[int], children: Iterable[int], *, tolerance: int) -> None:
    """Refuse areas that differ by more than the tolerance; all in square metres. Raises RuleViolated."""
    before, after = sum(parents), sum(children)
    if abs(before - after) > tolerance:
        raise RuleViolated("areas-differ", f"the parcels had {before} m² and would have {after} m²")


def _check_title(child: PlannedChild, holders: set[tuple[str, str]]) -> None:
    named = [(share.parent, share.holder) for share in child.title]
    if len(set(named)) != len(named) or not set(named) <= holders:
        raise RuleViolated("no-such-holder", "a title passes from a holder of a parent, and once")
    if child.title and not is_whole(share.share for share in child.title):
        raise RuleViolated("shares-not-whole", "the shares of a title add up to exactly 1")


def _check_placed(data: Planned) -> None:
    parents = {parent.number for parent in data.parents}
    for child in data.children:
        placed = [(right.parent, right.number) for right in child.use_rights]
        if len(set(placed)) != len(placed) or not {parent for parent, _ in placed} <= parents:
            raise RuleViolated("burden-origin", "each burden comes from one of the parents, and once")
