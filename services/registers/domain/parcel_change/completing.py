"""The last decision on a change: both sides are put beside each other, what ended and what was formed."""

from collections.abc import Mapping

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change import events as e
from services.registers.domain.parcel_change.seen import SeenParcel
from services.registers.domain.parcel_change.state import ChangeState, parcel_subject


def complete(command: c.CompleteChange, _state: ChangeState, context: Context) -> Decided:
    """Say how every parent ended and every child was formed."""
    if command.change is None:
        raise RuleViolated("not-open", "the stream has not begun")
    plan = command.change.plan
    endings = tuple(_ending(parent.number, command.parcels, context.subject) for parent in plan.parents)
    formations = tuple(_formation(child.number, command.parcels, context.subject) for child in plan.children)
    rights = tuple(
        e.PassedRight(ending.number, number, lies_on(plan, ending.number, number))
        for ending in endings
        for number in ending.use_rights
    )
    ended = [Citation(parcel_subject(one.number), one.version) for one in endings]
    formed = [Citation(parcel_subject(one.number), one.version) for one in formations]
    return Decided("completed", 1, e.Completed(endings, formations, rights), (*ended, *formed))


def lies_on(plan: e.Planned, parent: str, number: int) -> tuple[int, ...]:
    """Tell on which children, by place from 1, a right of use will lie: where it was placed, else on all of them."""
    wanted = e.PlacedUseRight(parent, number)
    placed = tuple(place for place, child in enumerate(plan.children, 1) if wanted in child.use_rights)
    return placed or tuple(range(1, len(plan.children) + 1))


def _ending(number: str, parcels: Mapping[str, SeenParcel], change: str) -> e.Ending:
    ended = parcels[number].told.ended
    if ended is None or ended[1].change != change:
        raise RuleViolated("part-missing", f"{number} has not ended by this change yet")
    version, data = ended
    return e.Ending(number, version, data.use_rights, data.mortgages, data.seizures)


def _formation(number: str, parcels: Mapping[str, SeenParcel], change: str) -> e.Formation:
    told = parcels[number].told
    formed = told.formed
    if formed is None or formed[1].change != change:
        raise RuleViolated("part-missing", f"{number} has not been formed by this change yet")
    version, data = formed
    counts = (len(data.use_rights), len(data.mortgages), len(data.seizures))
    return e.Formation(number, version, told.foreseen_area_m2, *counts)
