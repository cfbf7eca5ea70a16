"""Register rules of a parcel: what only the sector judges, personal fields among it; no validator checks them again."""

from collections.abc import Iterable
from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.moments import first_second, holds_at, recorded_second
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.land_parcel.commands import Owning, RegisterUseRight
from services.registers.domain.land_parcel.state import ParcelState

PERMANENT_USE_ON: Final = frozenset({"state", "communal"})


def check_not_future(valid_from: str, time: str) -> None:
    """Refuse a title that would begin after the moment at which it is entered."""
    if first_second(valid_from) > recorded_second(time):
        raise RuleViolated("future", "a title is not entered before it holds")


def check_persons(owners: Iterable[Owning]) -> None:
    """Refuse owners who cannot be told apart, or the same person twice."""
    persons = [person for owner in owners for person in owner.persons]
    for person in persons:
        check_person(person)
    # A code that fails its check may be anybody's: it is text, never a key.
    known = [person.fields["code"] for person in persons if person.fields.get("code_check") == "valid"]
    if len(set(known)) != len(known):
        raise RuleViolated("person-twice", "one person is named twice")


def check_person(person: SealedPerson) -> None:
    """Refuse a person with neither a code nor a document."""
    if person.fields.get("code") is None and person.fields.get("document") is None:
        raise RuleViolated("person-unidentified", "a person is named by a code or by a document")


def check_use_right(state: ParcelState, command: RegisterUseRight) -> None:
    """Refuse permanent use of private land, and a second lease of the whole parcel at a time."""
    if command.kind == "permanent_use" and state.details.ownership not in PERMANENT_USE_ON | {None}:
        raise RuleViolated("permanent-use-private", "permanent use is of state or communal land")
    if command.kind != "lease" or command.area_m2 is not None:
        return
    leases = [right for right in state.use_rights if right.kind == "lease"]
    if any(_overlap(right.valid_from, right.valid_to, command.valid_from, command.valid_to) for right in leases):
        raise RuleViolated("lease-overlap", "the parcel is leased at that time")


def _overlap(one_from: str, one_to: str | None, other_from: str, other_to: str | None) -> bool:
    return holds_at(one_from, one_to, other_from) or holds_at(other_from, other_to, one_from)
