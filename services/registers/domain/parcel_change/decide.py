"""What a command on a change amounts to: a plan that is proposed at once, and what follows in its own stream."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing import commands as common
from litopys.sourcing.common import Annulled, Proposed, Standing
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel.change_state import ReservedParcel, reservation_of
from services.registers.domain.land_parcel.changing import current, open_at
from services.registers.domain.land_parcel.events import Holder
from services.registers.domain.land_parcel.register_rules import check_not_future
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change import events as e
from services.registers.domain.parcel_change import register_rules as rules
from services.registers.domain.parcel_change.completing import complete
from services.registers.domain.parcel_change.evolve import PARCEL_CHANGE, annulled_state
from services.registers.domain.parcel_change.planning import check_form, contradictions, plan_digest
from services.registers.domain.parcel_change.seen import SeenChange, SeenParcel
from services.registers.domain.parcel_change.state import ChangeState, Child, Parent, parcel_subject, told_digest

_OVER: Final = Standing("ended", (), ())


def record(command: c.RecordChange, _state: ChangeState | None, context: Context) -> Decided:
    """Take a change over; areas that differ are listed, not refused."""
    check_not_future(command.valid_from, context.time)
    told = ChangeState(
        standing=_OVER,
        kind=command.kind,
        phase=command.phase,
        turn=context.version + 1,
        parents=tuple(Parent(one.number, 1, one.area_m2) for one in command.parents),
        children=tuple(Child(one.number, one.area_m2) for one in command.children),
        tolerance_m2=command.tolerance_m2,
        plan="",
        valid_from=command.valid_from,
        expires=command.as_of,
        reason=command.reason,
    )
    standing = dataclasses.replace(_OVER, inconsistent=contradictions(told))
    state = dataclasses.replace(told, plan=told_digest(told), standing=standing)
    return Decided("recorded", 1, e.Recorded(command.as_of, state, command.basis, command.imported))


def abandon(command: c.AbandonChange, _state: ChangeState, _context: Context) -> Decided:
    """Give the change up."""
    return Decided("abandoned", 1, e.Abandoned(command.reason, command.basis))


def annul(command: c.AnnulChange, state: ChangeState, _context: Context) -> Decided:
    """Propose that the change loses its effect, from the entry on that gave it one."""
    data: Annulled[ChangeState, Holder] = Annulled(
        from_version=state.turn,
        from_moment=None,
        by=command.by,  # type: ignore[arg-type]
        basis=command.basis,
        state=annulled_state(state),
        persons=(),
        sd_alg="sha-256",
        imported=None,
    )
    return Decided("annulled", 1, data)


def _propose(command: c.ProposeChange, state: ChangeState | None, context: Context) -> tuple[Decided, ...]:
    """Write the plan down, and propose in the same breath that it be carried out."""
    if state is not None:
        raise RuleViolated("already-open", "the stream has begun")
    check_not_future(command.valid_from, context.time)
    check_form(command.kind, list(command.parents), [child.number for child in command.children])
    parents = {number: rules.find_parent(number, command.parcels) for number in command.parents}
    for child in command.children:
        rules.check_free(child.number, command.parcels)
        rules.check_placed(child, parents, command.valid_from)
    plan = e.Planned(
        kind=command.kind,
        parents=tuple(_planned_parent(parents[number]) for number in command.parents),
        children=tuple(_planned_child(child, command, parents) for child in command.children),
        tolerance_m2=command.tolerance_m2,
        valid_from=command.valid_from,
        expires=command.expires,
        basis=command.basis,
    )
    rules.check_tolerance(command, sum(parent.area_m2 for parent in plan.parents))
    rules.check_all_remain(plan, parents)
    rules.check_room(plan, [seen.state for seen in parents.values()])
    rules.check_persons_fit(plan, parents)
    content = PARCEL_CHANGE.encode_data(Decided("authorised", 1, e.Authorised(plan_digest(plan))))
    return Decided("planned", 1, plan), Decided("proposed", 1, Proposed("authorised", 1, content))


def _planned_parent(seen: SeenParcel) -> e.PlannedParent:
    holders = tuple(sorted(holding.id for holding in current(seen.state)))
    return e.PlannedParent(seen.number, seen.version, seen.state.area_m2, holders)


def _planned_child(child: c.NewParcel, command: c.ProposeChange, parents: Mapping[str, SeenParcel]) -> e.PlannedChild:
    title = rules.usual_title(command, parents) if child.title is None else child.title
    return e.PlannedChild(
        number=child.number,
        area_m2=child.area_m2,
        boundary=child.boundary,
        details=child.details or parents[command.parents[0]].state.details,
        title=title,
        use_rights=child.use_rights,
    )


def _reservations(change: SeenChange, parcels: Mapping[str, SeenParcel]) -> tuple[Citation, ...]:
    """Cite that every parcel is kept for this change; a seizure in between is for the officers to look at first."""
    numbers = [parent.number for parent in change.plan.parents] + [child.number for child in change.plan.children]
    states = [seen.state for number in numbers if (seen := parcels.get(number)) is not None]
    kept = [reservation_of(state) for state in states]
    if len(kept) < len(numbers) or any(one is None or one.change != change.subject for one in kept):
        raise RuleViolated("not-reserved", "not every parcel is kept for this change yet")
    parents = [state for state in states if isinstance(state, ReservedParcel)]
    if any(open_at(parent.seizures, change.plan.valid_from) for parent in parents):
        raise RuleViolated("under-seizure", "a seized parcel is neither divided nor merged")
    rules.check_room(change.plan, parents)
    return tuple(
        Citation(parcel_subject(number), one.version) for number, one in zip(numbers, kept, strict=True) if one
    )


class _ChangeDecider(Decider):
    """Decides as any aggregate's, and cites in an authorisation what the shell has seen to be kept."""

    __slots__ = ()

    def decide(self, command: object, state: Any, context: Context) -> tuple[Decided, ...]:  # noqa: ANN401 - any state
        """Decide on a command; raises RuleViolated."""
        if isinstance(command, c.ProposeChange):
            return _propose(command, state, context)
        if not isinstance(command, c.ApproveChange):
            return Decider.decide(self, command, state, context)
        approved, change = Decider.decide(self, common.Approve(proposal=command.proposal), state, context)
        if change.name == "authorised" and command.change is not None:
            change = change._replace(cites=_reservations(command.change, command.parcels))
        return approved, change

    def facts_needed(self, command: object) -> range:
        """Tell which earlier events of the stream a decision on this command reads."""
        if isinstance(command, c.ApproveChange):
            command = common.Approve(proposal=command.proposal)
        return Decider.facts_needed(self, command)


DECIDER: Final = _ChangeDecider(
    aggregate=PARCEL_CHANGE,
    decisions={c.RecordChange: record, c.AbandonChange: abandon, c.CompleteChange: complete, c.AnnulChange: annul},
    openers=(c.RecordChange,),
)
