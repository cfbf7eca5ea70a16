"""The command that opens any stream of energy with the state that another register held."""

from dataclasses import dataclass
from typing import Any

from litopys.sourcing.aggregates import Aggregate, with_standing
from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.personal import SealedPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Take an object over as of a date; its contradictions are listed, not refused. `owner`: of a household."""

    as_of: str
    state: Any
    basis: Basis
    owner: SealedPerson | None = None
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


def listed(aggregate: Aggregate, state: Any) -> Any:  # noqa: ANN401 - any state
    """Give a state fit to be carried: no proposals, and the contradictions that it has listed."""
    return with_standing(state, proposals=(), inconsistent=tuple(sorted(aggregate.contradictions(state))))
