"""Which personal fields an erasure or a hold is about, and what both have in common.

A reach names a stream, in it one person or all, and fields by name: nothing of it says what a field held, nor whether
it was there at all. One reach is of one stream: to name two together would tell the ledger that one person is in both.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from litopys.errors import RuleViolated
from litopys.sourcing.common import COMMON_EVENTS, Basis, Subject
from litopys.sourcing.constraints import Ascending, Count, Pattern
from litopys.sourcing.personal import RandomId

MOST_FIELDS: Final = 32

FieldName = Annotated[str, Pattern("[a-z][a-z0-9_]{0,62}")]


@dataclass(frozen=True, slots=True)
class Reach:
    """Personal fields of one stream: of a person, or of everybody (null); those named, or all (none named)."""

    subject: Subject
    person: RandomId | None
    fields: Annotated[tuple[FieldName, ...], Count(0, MOST_FIELDS), Ascending()]

    def overlaps(self, other: "Reach") -> bool:
        """Tell whether some field may be within both."""
        if self.subject != other.subject or (self.person and other.person and self.person != other.person):
            return False
        return not self.fields or not other.fields or not set(self.fields).isdisjoint(other.fields)


@dataclass(frozen=True, slots=True)
class Declined:
    """What was asked for is not done."""

    basis: Basis


TWO_PERSONS: Final[dict[tuple[str, int], type]] = {
    key: kind for key, kind in COMMON_EVENTS.items() if key[0] in ("voided", "proposed", "approved")
}
"""Common events of a stream whose changes need four eyes and are neither corrected nor taken back."""


def check_fields_known(fields: Collection[str], known: Collection[str]) -> None:
    """Refuse names that no personal field of this kind of object has."""
    unknown = sorted(set(fields) - set(known))
    if unknown:
        raise RuleViolated("unknown-field", f"such an object has no personal field {', '.join(unknown)}")


def check_is_there(reach: Reach, version: int | None, *, stands_at: int | None) -> None:
    """Refuse a stream that is not there, or a version that it has not reached; `stands_at` is where it stands."""
    if stands_at is None or (version is not None and version > stands_at):
        raise RuleViolated("no-such-object", f"{reach.subject} is not there, or not at this version")


def check_person_known(reach: Reach, persons: Collection[str]) -> None:
    """Refuse a person of whom the object has no field: a slip in the id would erase or hold nothing, and say it did."""
    if reach.person is not None and reach.person not in persons:
        raise RuleViolated("no-such-person", "the object has no field of a person with this id")


def check_not_held(reach: Reach, holds: Mapping[str, tuple[Reach, Basis]]) -> None:
    """Refuse to erase what is held, with the holds' bases; `holds` are those imposed, by their streams."""
    found: Sequence[str] = [
        f"{name} ({basis.kind}: {basis.document})"
        for name, (held, basis) in sorted(holds.items())
        if held.overlaps(reach)
    ]
    if found:
        raise RuleViolated("legal-hold", f"held by {', '.join(found)}")
