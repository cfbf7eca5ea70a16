"""What passes on to a parcel that is formed: title, rights of use, mortgages, seizures, each with its new number."""

from collections.abc import Iterator, Mapping
from typing import Any

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import change_events as p
from services.registers.domain.land_parcel.events import Owner, Person
from services.registers.domain.parcel_change.completing import lies_on
from services.registers.domain.parcel_change.events import PlannedChild
from services.registers.domain.parcel_change.seen import SeenChange, SeenParcel, TakenMortgage, TakenRight
from services.registers.domain.parcel_change.state import parcel_subject

_NOBODY_KNOWN = TakenRight(None, None)
_NO_MORTGAGEE_KNOWN = TakenMortgage(None, None)


def form(seen: SeenChange, child: PlannedChild, parcels: Mapping[str, SeenParcel]) -> Decided:
    """Form a parcel out of its parents as they ended; raises RuleViolated while one of them has not."""
    parents = [parcels[parent.number] for parent in seen.plan.parents]
    for parent in parents:
        if parent.told.ended is None or parent.told.ended[1].change != seen.subject:
            raise RuleViolated("part-missing", f"{parent.number} has not ended by this change yet")
    passing = _Passing(seen, child, parents)
    data = p.Formed(
        change=seen.subject,
        parents=tuple(sorted(parent.number for parent in parents)),
        owners=passing.owners(),
        use_rights=tuple(passing.use_rights()),
        mortgages=tuple(passing.mortgages()),
        seizures=tuple(passing.seizures()),
        valid_from=seen.plan.valid_from,
        basis=seen.plan.basis,
        sd_alg="sha-256",
    )
    ends = (Citation(parcel_subject(parent.number), parent.told.ended[0]) for parent in parents if parent.told.ended)
    return Decided("formed", 1, data, (Citation(seen.subject, seen.state.turn), *ends))


class _Passing:
    """The passing of title and burdens from parents to one child."""

    def __init__(self, seen: SeenChange, child: PlannedChild, parents: list[SeenParcel]) -> None:
        self._plan = seen.plan
        self._child = child
        self._parents = parents
        self._place = seen.plan.children.index(child) + 1

    def owners(self) -> tuple[Owner, ...]:
        """Give the holders, each person under a fresh id."""
        by_number = {parent.number: parent for parent in self._parents}
        return tuple(_owner(by_number[share.parent], share.holder, share.share) for share in self._child.title)

    def use_rights(self) -> Iterator[p.PassedUseRight]:
        """Give the rights of use that lie on this child."""
        number = 0
        for parent, right in self._open("use_rights"):
            if self._place not in lies_on(self._plan, parent.number, right.number):
                continue
            number += 1
            taken = parent.told.use_rights.get(right.number, _NOBODY_KNOWN)
            yield p.PassedUseRight(
                number=number,
                parent=parent.number,
                parent_number=right.number,
                kind=right.kind,
                holder=_person(parent, taken.person),
                area_m2=self._area(parent, taken.area_m2),
                valid_from=right.valid_from,
                valid_to=right.valid_to,
            )

    def mortgages(self) -> Iterator[p.PassedMortgage]:
        """Give the mortgages: they lie on every part of what they lay on."""
        for number, (parent, held) in enumerate(self._open("mortgages"), 1):
            taken = parent.told.mortgages.get(held.number, _NO_MORTGAGEE_KNOWN)
            yield p.PassedMortgage(
                number=number,
                parent=parent.number,
                parent_number=held.number,
                mortgagee=_person(parent, taken.person),
                amount=taken.amount,
                valid_from=held.valid_from,
                valid_to=held.valid_to,
            )

    def seizures(self) -> Iterator[p.PassedSeizure]:
        """Give the seizures that came while the change was under way: they lie on every part."""
        for number, (parent, held) in enumerate(self._open("seizures"), 1):
            yield p.PassedSeizure(
                number=number,
                parent=parent.number,
                parent_number=held.number,
                authority=parent.told.seizures.get(held.number),
                valid_from=held.valid_from,
                valid_to=held.valid_to,
            )

    def _open(self, name: str) -> Iterator[tuple[SeenParcel, Any]]:
        """Give what passes on, in the order of the plan and of the numbers: exactly what the parent's end names."""
        for parent in self._parents:
            known = {burden.number: burden for burden in getattr(parent.state, name)}
            for number in getattr(parent.told.ended[1], name) if parent.told.ended else ():
                yield parent, known[number]

    def _area(self, parent: SeenParcel, area_m2: int | None) -> int | None:
        """Give the area that a right covers here; None: all of it.

        What lay on a whole parcel lies on a part of the merged one. How a part of a divided parcel falls on its
        children is not known: each of them has it as far as it can.
        """
        if self._plan.kind == "merger":
            return parent.state.area_m2 if area_m2 is None else area_m2
        return None if area_m2 is None else min(area_m2, self._child.area_m2)


def _owner(parent: SeenParcel, holder: str, share: str) -> Owner:
    persons = [_person(parent, person) for person in parent.told.holders.get(holder, (holder,))]
    return Owner(share, tuple(person for person in persons if person is not None))


def _person(parent: SeenParcel, person: str | None) -> Person | None:
    """Give a person under the fresh id; raises RuleViolated where the shell has sealed nobody anew."""
    if person is None:
        return None
    sealed = parent.fresh.get(person)
    if sealed is None:
        raise RuleViolated("person-not-sealed", "a person who passes on comes under a fresh id")
    return Person(sealed.id, sealed.sd)
