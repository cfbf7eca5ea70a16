"""The establishment as an aggregate, its ledger rules included. `establishment:<register>:<random id>`."""

import dataclasses
from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.codec import content_digest
from litopys.sourcing.common import LIVE, Original
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import is_before
from services.registers.domain.establishment.events import EVENTS, Closed, DetailsChanged, Recorded, Registered
from services.registers.domain.establishment.state import EstablishmentState, Owner

NAME: Final = "establishment"


def open_recorded(fact: Fact) -> EstablishmentState:
    """Take over what a register held."""
    data: Recorded = fact.data  # type: ignore[assignment]
    _check_owner(data.state.owner, fact)
    if data.state.particulars != originals_digest(data.original):
        raise RuleViolated("originals-digest", "the state names other fields of its source than the event carries")
    return data.state


def open_registered(fact: Fact) -> EstablishmentState:
    """Let an establishment begin."""
    data: Registered = fact.data  # type: ignore[assignment]
    _check_owner(data.owner, fact)
    return EstablishmentState(
        standing=LIVE,
        opened=data.valid_from,
        details=data.details,
        place=data.place,
        owner=data.owner,
        valid_from=data.valid_from,
        particulars=None,
    )


def evolve(state: EstablishmentState, fact: Fact) -> EstablishmentState:
    """Give the state of a living establishment after one of its own events; raises RuleViolated."""
    return _close(state, fact) if fact.name == "closed" else _change(state, fact)


def originals_digest(original: tuple[Original, ...]) -> str | None:
    """Digest the fields of a source that an event keeps; None for none."""
    return content_digest([[one.name, one.text] for one in original]) if original else None


def check_state(state: EstablishmentState) -> None:
    """Refuse a carried state that makes no sense; raises RuleViolated."""
    if state.owner.edrpou is not None and state.owner.other_code is not None:
        raise RuleViolated("owner-codes", "a code is an EDRPOU or it is none")


def _change(state: EstablishmentState, fact: Fact) -> EstablishmentState:
    """Take what is said now, unless something later is known: a late telling is recorded and changes nothing."""
    data: DetailsChanged = fact.data  # type: ignore[assignment]
    _check_owner(data.owner, fact)
    if state.valid_from is not None and is_before(data.valid_from, state.valid_from):
        return state
    changed = dataclasses.replace(
        state,
        details=data.details,
        place=data.place,
        owner=data.owner,
        valid_from=data.valid_from,
        particulars=originals_digest(data.original),
    )
    check_state(changed)
    return changed


def _close(state: EstablishmentState, fact: Fact) -> EstablishmentState:
    data: Closed = fact.data  # type: ignore[assignment]
    if state.opened is not None and is_before(data.valid_from, state.opened):
        raise RuleViolated("closed-unopened", "an establishment does not close before it opened")
    return dataclasses.replace(state, standing=dataclasses.replace(state.standing, status="ended", proposals=()))


def _check_owner(owner: Owner, fact: Fact) -> None:
    """Refuse an owner that is not cited, and codes that contradict each other; raises RuleViolated."""
    if owner.entity is not None and not any(cited.subject == owner.entity for cited in fact.cites):
        raise RuleViolated("entity-not-cited", "the legal entity that is named is cited")
    if owner.edrpou is not None and owner.other_code is not None:
        raise RuleViolated("owner-codes", "a code is an EDRPOU or it is none")


ESTABLISHMENT: Final = Aggregate(
    name=NAME,
    state=EstablishmentState,
    events=EVENTS,
    evolve=evolve,
    openers={"recorded": open_recorded, "registered": open_registered},
    check_state=check_state,
    four_eyes=frozenset({"corrected", "annulled", "reinstated", "superseded"}),
    fixed_fields=frozenset({"owner", "particulars"}),
    import_stream="registers_import",
)
