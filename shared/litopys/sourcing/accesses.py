"""The stream of an access, `<sector>_access:<random id>`: recorded before closed fields leave the sector.

An access shows fields of one object, or finds objects by a closed field of the persons in them.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, NamedTuple

from litopys.errors import RuleViolated
from litopys.event.cloudevents import Event, parse_type
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import COMMON_EVENTS, LIVE, Code, Positive, Standing, Subject
from litopys.sourcing.constraints import Ascending, Count
from litopys.sourcing.facts import Fact
from litopys.sourcing.personal import Digest, DigestAlgorithm
from litopys.sourcing.shapes import shape_of

ACCESS_FIELDS: Final = ("who", "office", "why", "fields")
ACCESS_DIGESTS: Final = len(ACCESS_FIELDS)
SEARCH_FIELDS: Final = ("who", "office", "why", "field", "value")
SEARCH_DIGESTS: Final = len(SEARCH_FIELDS)


@dataclass(frozen=True, slots=True)
class AccessState:
    """An access: it happened, and nothing follows."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Granted:
    """Closed fields of one event are about to be shown; who, office, why and which fields stand as digests."""

    subject: Subject
    version: Positive
    sd: Annotated[tuple[Digest, ...], Count(ACCESS_DIGESTS, ACCESS_DIGESTS), Ascending()]
    sd_alg: DigestAlgorithm


@dataclass(frozen=True, slots=True)
class Searched:
    """Objects of a kind are about to be found by a closed field; who, office, why, field and value are digests."""

    aggregate: Code
    sd: Annotated[tuple[Digest, ...], Count(SEARCH_DIGESTS, SEARCH_DIGESTS), Ascending()]
    sd_alg: DigestAlgorithm


class AccessTo(NamedTuple):
    """What an access was to: a stream, and the version up to which its fields were shown."""

    subject: str
    version: int


_EVENTS: Final[dict[tuple[str, int], type]] = {
    ("voided", 1): COMMON_EVENTS["voided", 1],
    ("granted", 1): Granted,
    ("searched", 1): Searched,
}


def access_aggregate(sector: str) -> Aggregate:
    """Make the aggregate of a sector's accesses."""
    return Aggregate(
        name=f"{sector}_access",
        state=AccessState,
        events=_EVENTS,
        evolve=_evolve,
        openers={"granted": _happen, "searched": _happen},
    )


def find_access(event: Event) -> AccessTo | None:
    """Give the object whose fields an event says are shown, None for any other event; raises ShapeMismatch."""
    _, aggregate, name, _ = kind = parse_type(event.type)
    if aggregate != f"{kind.sector}_access" or name != "granted":
        return None
    data: Granted = shape_of(Granted).decode(event.data)
    return AccessTo(data.subject, data.version)


def _happen(_fact: Fact) -> AccessState:
    return AccessState(LIVE)


def _evolve(_state: AccessState, fact: Fact) -> Any:  # noqa: ANN401 - it never returns
    raise RuleViolated("unknown-change", f"nothing named {fact.name} follows an access")
