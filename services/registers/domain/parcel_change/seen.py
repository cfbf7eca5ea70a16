"""What a decision sees of other streams: a change with its plan, a parcel with what its facts tell beyond its state.

The shell reads it from the sector's own store before the decision; no validator sees it again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from litopys.sourcing.facts import Fact
from litopys.sourcing.money import Money
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.land_parcel.change_events import Divided, Foreseen, Formed, Merged
from services.registers.domain.parcel_change.events import Planned
from services.registers.domain.parcel_change.state import ChangeState


class TakenRight(NamedTuple):
    """A right of use beyond the state: whose it is (a person's id), and on how much; None: unknown, or all of it."""

    person: str | None
    area_m2: int | None


class TakenMortgage(NamedTuple):
    """A mortgage beyond the state: whose it is, and for how much."""

    person: str | None
    amount: Money | None


@dataclass(slots=True)
class Told:
    """What the facts of a parcel tell of its holders and burdens: persons by the holder's id, the rest by number."""

    holders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    use_rights: dict[int, TakenRight] = field(default_factory=dict)
    mortgages: dict[int, TakenMortgage] = field(default_factory=dict)
    seizures: dict[int, str | None] = field(default_factory=dict)
    ended: tuple[int, Divided | Merged] | None = None
    formed: tuple[int, Formed] | None = None
    foreseen_area_m2: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenParcel:
    """A parcel, or nothing under its number (version 0, no state).

    `fields`: the personal fields by person's id, as far as they are not erased; `fresh`: the same persons sealed anew,
    where they are to pass on.
    """

    number: str
    version: int
    state: Any
    told: Told = field(default_factory=Told)
    fields: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    fresh: Mapping[str, SealedPerson] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChange:
    """A change of parcels as it stands: version, state and the whole plan."""

    subject: str
    version: int
    state: ChangeState
    plan: Planned


def read_told(facts: Iterable[Fact]) -> Told:
    """Read what a parcel's facts tell beyond its state; of one number the latest counts."""
    told = Told()
    for fact in facts:
        _take(told, fact)
    return told


def _take(told: Told, fact: Fact) -> None:
    data: Any = fact.data
    for holder in (*getattr(data, "holders", ()), *getattr(data, "owners", ()), *getattr(data, "persons", ())):
        persons = getattr(holder, "persons", ())
        if persons:
            told.holders[persons[0].id] = tuple(person.id for person in persons)
    if fact.name == "use_right_registered":
        told.use_rights[data.number] = TakenRight(data.holder.id, data.area_m2)
    elif fact.name == "mortgaged":
        told.mortgages[data.number] = TakenMortgage(data.mortgagee.id, data.amount)
    elif fact.name == "seizure_imposed":
        told.seizures[data.number] = data.authority
    elif isinstance(data, Foreseen):
        told.foreseen_area_m2 = data.area_m2
    elif isinstance(data, Formed):
        _take_formed(told, data)
        told.formed = (fact.version, data)
    elif isinstance(data, Divided | Merged):
        told.ended = (fact.version, data)


def _take_formed(told: Told, data: Formed) -> None:
    for right in data.use_rights:
        told.use_rights[right.number] = TakenRight(right.holder.id if right.holder else None, right.area_m2)
    for mortgage in data.mortgages:
        person = mortgage.mortgagee.id if mortgage.mortgagee else None
        told.mortgages[mortgage.number] = TakenMortgage(person, mortgage.amount)
    for seizure in data.seizures:
        told.seizures[seizure.number] = seizure.authority
