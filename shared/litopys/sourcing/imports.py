"""The stream of an import, `<sector>_import:<random id>`: opened, and closed with what became of its records.

Closing needs four eyes, and thereby stands for the second person of every migrated change, which cites this stream.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import (
    COMMON_EVENTS,
    LIVE,
    Basis,
    NotNegative,
    Positive,
    Standing,
    Text,
)
from litopys.sourcing.constraints import Count
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest, DigestAlgorithm


@dataclass(frozen=True, slots=True)
class ImportState:
    """An import: how many records it announced, and whether it is closed."""

    standing: Standing
    records: NotNegative | None


@dataclass(frozen=True, slots=True)
class Opened:
    """An import begins. `file_digest` is null where the file holds personal fields: `_sd` holds it then."""

    authority: Text
    basis: Basis
    as_of: Moment
    register: Text
    records: NotNegative | None
    mapping_version: Positive
    file_digest: Digest | None
    sd: Annotated[tuple[Digest, ...], Count(1, 1)]
    sd_alg: DigestAlgorithm


@dataclass(frozen=True, slots=True)
class Closed:
    """An import is over: what was admitted, merged (said nothing new) and refused adds up to what was read."""

    read: NotNegative
    admitted: NotNegative
    merged: NotNegative
    refused: NotNegative


_EVENTS: Final[dict[tuple[str, int], type]] = {
    **{key: kind for key, kind in COMMON_EVENTS.items() if key[0] in ("voided", "proposed", "approved")},
    ("opened", 1): Opened,
    ("closed", 1): Closed,
}


def import_aggregate(sector: str) -> Aggregate:
    """Make the aggregate of a sector's imports."""
    return Aggregate(
        name=f"{sector}_import",
        state=ImportState,
        events=_EVENTS,
        evolve=_evolve,
        openers={"opened": _open},
        four_eyes=frozenset({"closed"}),
    )


def _open(fact: Fact) -> ImportState:
    opened: Opened = fact.data  # type: ignore[assignment]
    return ImportState(LIVE, opened.records)


def _evolve(state: ImportState, fact: Fact) -> ImportState:
    data: Any = fact.data
    if data.admitted + data.merged + data.refused != data.read:
        raise RuleViolated("import-counts", "admitted, merged and refused must add up to read")
    return ImportState(Standing("ended", (), state.standing.inconsistent), state.records)
