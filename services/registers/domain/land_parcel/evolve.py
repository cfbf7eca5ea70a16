"""The land parcel as an aggregate: which event does what. `land_parcel:<cadastral number>`."""

from collections.abc import Callable, Mapping
from typing import Final

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.facts import Fact
from services.registers.domain.land_parcel import burdens, parcel, title
from services.registers.domain.land_parcel.events import EVENTS
from services.registers.domain.land_parcel.state import ParcelState

NAME: Final = "land_parcel"

# "Title transfer" means any move of a holder's share: else two small steps would do alone what one may not.
FOUR_EYES: Final = frozenset(
    {
        "corrected",
        "annulled",
        "reinstated",
        "superseded",
        "title_transferred",
        "share_transferred",
        "inherited",
        "seizure_lifted",
    }
)

CHANGES: Final[Mapping[str, Callable[[ParcelState, Fact], ParcelState]]] = {
    "boundary_corrected": parcel.correct_boundary,
    "valued": parcel.value,
    "title_registered": title.register_title,
    "title_transferred": title.transfer_title,
    "share_transferred": title.transfer_share,
    "inherited": title.inherit,
    "use_right_registered": burdens.register_use_right,
    "use_right_ended": burdens.end_use_right,
    "mortgaged": burdens.mortgage,
    "mortgagee_consented": burdens.consent,
    "mortgage_released": burdens.release_mortgage,
    "seizure_imposed": burdens.impose_seizure,
    "seizure_lifted": burdens.lift_seizure,
    "divided": parcel.divide,
    "merged": parcel.merge,
    "closed": parcel.close,
}


def evolve(state: ParcelState, fact: Fact) -> ParcelState:
    """Give the state of a living parcel after one of its own events; raises RuleViolated."""
    return CHANGES[fact.name](state, fact)


LAND_PARCEL: Final = Aggregate(
    name=NAME,
    state=ParcelState,
    events=EVENTS,
    evolve=evolve,
    openers={"recorded": parcel.open_parcel},
    check_state=parcel.check_state,
    contradictions=title.contradictions,
    revive=parcel.revive,
    four_eyes=FOUR_EYES,
    fixed_fields=frozenset({"numbers", "horizon", "boundary", "ended_by"}),
    import_stream="registers_import",
)
