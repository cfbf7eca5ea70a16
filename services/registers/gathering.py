"""What commands on a change of parcels see of other streams. Persons who pass on are sealed anew."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from litopys.service.gathering import Gathering
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change.events import Planned
from services.registers.domain.parcel_change.seen import SeenChange, SeenParcel, read_told
from services.registers.domain.parcel_change.state import parcel_subject
from services.registers.persons import seal_again


async def for_proposal(command: c.ProposeChange, gathering: Gathering) -> c.ProposeChange:
    """See the parcels that are to end, with their holders, and that nothing stands under the new numbers."""
    parents = await _see_parcels(command.parents, gathering, with_persons=command.kind == "merger")
    children = await _see_states([child.number for child in command.children], gathering)
    return dataclasses.replace(command, parcels={**children, **parents})


async def for_approval(command: c.ApproveChange, gathering: Gathering) -> c.ApproveChange:
    """See that every parcel is kept for the change."""
    change = await _see_change(gathering.subject, gathering)
    parcels = {} if change is None else await _see_states(_numbers(change.plan), gathering)
    return dataclasses.replace(command, change=change, parcels=parcels)


async def for_completion(command: c.CompleteChange, gathering: Gathering) -> c.CompleteChange:
    """See how every parcel has ended or was formed."""
    change = await _see_change(gathering.subject, gathering)
    parcels = {} if change is None else await _see_parcels(_numbers(change.plan), gathering)
    return dataclasses.replace(command, change=change, parcels=parcels)


async def for_step(command: Any, gathering: Gathering) -> Any:  # noqa: ANN401 - any command that names a change
    """See the change that a parcel takes part in."""
    return dataclasses.replace(command, seen=await _see_change(command.change, gathering))


async def for_forming(command: c.FormParcel, gathering: Gathering) -> c.FormParcel:
    """See how the parents ended, and seal anew whoever has something of them."""
    seen = await _see_change(command.change, gathering)
    numbers = [] if seen is None else [parent.number for parent in seen.plan.parents]
    parcels = await _see_parcels(numbers, gathering, with_persons=True)
    fresh = {
        number: dataclasses.replace(
            parcel,
            fresh={
                person: seal_again(gathering.sealing, parcel.fields.get(person, {}))
                for person in sorted(_persons(parcel))
            },
        )
        for number, parcel in parcels.items()
    }
    return dataclasses.replace(command, seen=seen, parcels=fresh)


def _numbers(plan: Planned) -> list[str]:
    return [parent.number for parent in plan.parents] + [child.number for child in plan.children]


def _persons(parcel: SeenParcel) -> set[str]:
    """Name those who pass on from a parcel that has ended: its holders, and whose burdens its end names."""
    told, ended = parcel.told, parcel.told.ended
    if ended is None:
        return set()
    persons: set[str | None] = set()
    for holding in parcel.state.holdings:
        persons.update(told.holders.get(holding.id, (holding.id,)))
    persons.update(told.use_rights[number].person for number in ended[1].use_rights if number in told.use_rights)
    persons.update(told.mortgages[number].person for number in ended[1].mortgages if number in told.mortgages)
    return {person for person in persons if person is not None}


async def _see_change(subject: str, gathering: Gathering) -> SeenChange | None:
    stream = (await gathering.streams([subject]))[subject]
    plans = [fact.data for fact in await gathering.facts(subject) if isinstance(fact.data, Planned)]
    if stream.state is None or not plans:
        return None
    return SeenChange(subject=subject, version=stream.version, state=stream.state, plan=plans[-1])


async def _see_states(numbers: Iterable[str], gathering: Gathering) -> dict[str, SeenParcel]:
    found = await gathering.streams([parcel_subject(number) for number in numbers])
    return {
        stream.subject.partition(":")[2]: SeenParcel(
            number=stream.subject.partition(":")[2], version=stream.version, state=stream.state
        )
        for stream in found.values()
    }


async def _see_parcels(
    numbers: Iterable[str], gathering: Gathering, *, with_persons: bool = False
) -> dict[str, SeenParcel]:
    found = {}
    for number, seen in (await _see_states(numbers, gathering)).items():
        told = read_told(await gathering.facts(parcel_subject(number)))
        fields = await gathering.disclosed(parcel_subject(number)) if with_persons else {}
        found[number] = dataclasses.replace(seen, told=told, fields=fields)
    return found


Gather = Callable[[Any, Gathering], Awaitable[object]]
FOR_CHANGES: Final[Mapping[str, Gather]] = {
    "propose": for_proposal,
    "approve": for_approval,
    "complete": for_completion,
}
FOR_PARCELS: Final[Mapping[str, Gather]] = {
    "reserve": for_step,
    "foresee": for_step,
    "release": for_step,
    "end-by-change": for_step,
    "form": for_forming,
}
