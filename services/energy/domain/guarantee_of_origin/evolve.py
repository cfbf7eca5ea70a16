"""The guarantee of origin as an aggregate: which event does what. `guarantee_of_origin:<account>:<first>-<last>`."""

from collections.abc import Callable, Mapping
from typing import Final

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.facts import Fact
from services.energy.domain.guarantee_of_origin import batch
from services.energy.domain.guarantee_of_origin.events import EVENTS
from services.energy.domain.guarantee_of_origin.state import GuaranteeState

NAME: Final = "guarantee_of_origin"

FOUR_EYES: Final = frozenset({"corrected", "annulled", "reinstated", "superseded", "withdrawn"})

CHANGES: Final[Mapping[str, Callable[[GuaranteeState, Fact], GuaranteeState]]] = {
    "split": batch.split,
    "transferred": batch.transfer,
    "redeemed": batch.redeem,
    "expired": batch.expire,
    "withdrawn": batch.withdraw,
}


def evolve(state: GuaranteeState, fact: Fact) -> GuaranteeState:
    """Give the state of a living batch after one of its own events; raises RuleViolated."""
    return CHANGES[fact.name](state, fact)


GUARANTEE_OF_ORIGIN: Final = Aggregate(
    name=NAME,
    state=GuaranteeState,
    events=EVENTS,
    evolve=evolve,
    openers={"recorded": batch.open_recorded, "issued": batch.open_issued, "separated": batch.open_separated},
    check_state=batch.check_state,
    revive=batch.revive,
    four_eyes=FOUR_EYES,
    fixed_fields=frozenset({"account", "first", "last", "beneficiary", "ended_by"}),
    import_stream="energy_import",
    kept_fields=frozenset({"account", "first", "last"}),
)
