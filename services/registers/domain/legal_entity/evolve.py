"""The legal entity as an aggregate: which event does what. `legal_entity:<random id>`."""

from collections.abc import Callable, Mapping
from typing import Final

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.facts import Fact
from services.registers.domain.legal_entity import details, ending, people
from services.registers.domain.legal_entity.events import EVENTS
from services.registers.domain.legal_entity.soundness import check_state
from services.registers.domain.legal_entity.state import EntityState

NAME: Final = "legal_entity"

# Cancelling a termination undoes what a court or a registrar entered: it is an annulment in all but name.
FOUR_EYES: Final = frozenset({"corrected", "annulled", "reinstated", "superseded", "termination_cancelled"})

CHANGES: Final[Mapping[str, Callable[[EntityState, Fact], EntityState]]] = {
    "renamed": details.rename,
    "address_changed": details.change_address,
    "activities_changed": details.change_activities,
    "capital_changed": details.change_capital,
    "statute_changed": details.change_statute,
    "particulars_changed": details.change_particulars,
    "head_appointed": people.appoint_head,
    "signer_appointed": people.appoint_signer,
    "signer_dismissed": people.dismiss_signer,
    "founder_joined": people.join_founder,
    "founder_left": people.leave_founder,
    "founder_share_changed": people.change_share,
    "beneficiary_set": people.set_beneficiaries,
    "reorganisation_started": ending.start_reorganisation,
    "bankruptcy_opened": ending.open_bankruptcy,
    "bankruptcy_closed": ending.close_bankruptcy,
    "termination_decided": ending.decide_termination,
    "termination_revoked": ending.revoke_termination,
    "terminated": ending.terminate,
    "termination_cancelled": ending.cancel_termination,
}


def evolve(state: EntityState, fact: Fact) -> EntityState:
    """Give the state of a legal entity after one of its own events; raises RuleViolated."""
    return CHANGES[fact.name](state, fact)


LEGAL_ENTITY: Final = Aggregate(
    name=NAME,
    state=EntityState,
    events=EVENTS,
    evolve=evolve,
    openers={"recorded": details.open_recorded, "registered": details.open_registered},
    check_state=check_state,
    contradictions=ending.contradictions,
    revive=ending.revive,
    four_eyes=FOUR_EYES,
    fixed_fields=frozenset({"numbers", "horizon", "other_signers", "other_founders", "particulars", "beside"}),
    revived_by=frozenset({"termination_cancelled"}),
    import_stream="registers_import",
    kept_fields=frozenset({"numbers"}),
)
