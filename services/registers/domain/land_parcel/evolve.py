"""The land parcel as an aggregate: which event does what. `land_parcel:<cadastral number>`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.facts import Fact
from services.registers.domain.land_parcel import burdens, changing, parcel, title
from services.registers.domain.land_parcel.change_events import CHANGE_EVENTS
from services.registers.domain.land_parcel.change_state import ForeseenParcel, ReservedParcel
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


def evolve(state: Any, fact: Fact) -> Any:  # noqa: ANN401 - one of the three states of a parcel
    """Give the state of a living parcel after one of its own events; raises RuleViolated."""
    change = changing.CHANGES_BY_VERSION.get((fact.name, fact.type_version)) or CHANGES[fact.name]
    return change(state, fact)


def contradictions(state: Any) -> tuple[str, ...]:  # noqa: ANN401 - one of the three states of a parcel
    """Name the rules that a state breaks; a number without a parcel breaks none."""
    return () if isinstance(state, ForeseenParcel) else title.contradictions(state)


def revive(state: Any) -> Any:  # noqa: ANN401 - one of the three states of a parcel
    """Give an ended parcel as a living one; raises RuleViolated for a number without a parcel."""
    if isinstance(state, ForeseenParcel):
        raise RuleViolated("foreseen", f"the number is kept for {state.foreseen.change}")
    return parcel.revive(state)


LAND_PARCEL: Final = Aggregate(
    name=NAME,
    state=ParcelState | ReservedParcel | ForeseenParcel,
    events={**EVENTS, **CHANGE_EVENTS},
    evolve=evolve,
    openers={"recorded": parcel.open_parcel, "foreseen": changing.foresee},
    check_state=parcel.check_state,
    contradictions=contradictions,
    revive=revive,
    four_eyes=FOUR_EYES,
    fixed_fields=frozenset({"numbers", "horizon", "boundary", "ended_by"}),
    import_stream="registers_import",
    kept_fields=frozenset({"numbers"}),
    hinder=changing.hinder,
)
