"""The generation account as an aggregate: which event does what. `generation_account:<EIC>:<YYYY-MM>`."""

from collections.abc import Callable, Mapping
from typing import Final

from litopys.sourcing.aggregates import Aggregate, with_standing
from litopys.sourcing.facts import Fact
from services.energy.domain.generation_account import account, certificates, metering
from services.energy.domain.generation_account.events import EVENTS
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.generation_account.sums import contradictions

NAME: Final = "generation_account"

FOUR_EYES: Final = frozenset({"corrected", "annulled", "reinstated", "superseded", "certificate_withdrawn"})

# What only events of their own change: sums follow from readings, and certificates are withdrawn, not corrected.
FIXED: Final = frozenset(
    {
        *(
            "plant",
            "month",
            "valid_from",
            "valid_to",
            "interval",
            "owner",
            "hours",
            "metered",
            "fed_wh",
            "drawn_wh",
            "certified_wh",
        ),
        *("issued", "numbers", "certificates", "withdrawn", "closing"),
    }
)

# What no annulment touches: whose account it is, and what was certified, so that no unit is issued twice.
KEPT: Final = frozenset({"plant", "month", "owner", "issued", "numbers", "certificates", "withdrawn"})

CHANGES: Final[Mapping[str, Callable[[AccountState, Fact], AccountState]]] = {
    "remainder_carried": account.carry_remainder,
    "output_metered": metering.meter,
    "reading_corrected": metering.correct_reading,
    "sealed_output_metered": metering.meter_sealed,
    "sealed_reading_corrected": metering.correct_sealed,
    "output_certified": metering.certify_output,
    "certificate_issued": certificates.issue,
    "certificate_used": certificates.use,
    "certificate_withdrawn": certificates.withdraw,
    "closed": account.close,
}


def evolve(state: AccountState, fact: Fact) -> AccountState:
    """Give the state of a living account after one of its own events, a deficit listed in it; raises RuleViolated."""
    after = CHANGES[fact.name](state, fact)
    found = tuple(sorted(contradictions(after)))
    if found == after.standing.inconsistent:
        return after
    listed: AccountState = with_standing(after, inconsistent=found)
    return listed


GENERATION_ACCOUNT: Final = Aggregate(
    name=NAME,
    state=AccountState,
    events=EVENTS,
    evolve=evolve,
    openers={"recorded": account.open_recorded, "opened": account.open_account},
    check_state=account.check_state,
    contradictions=contradictions,
    revive=account.reopen,
    four_eyes=FOUR_EYES,
    fixed_fields=FIXED,
    import_stream="energy_import",
    kept_fields=KEPT,
)
