"""What a command on a parcel amounts to: register rules first, then events."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decide, Decider
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.change_state import ForeseenParcel, ReservedParcel, released_state
from services.registers.domain.land_parcel.decide_burdens import DECIDE_BURDENS
from services.registers.domain.land_parcel.decide_change import DECIDE_CHANGE
from services.registers.domain.land_parcel.decide_parcel import DECIDE_PARCEL
from services.registers.domain.land_parcel.decide_title import DECIDE_TITLE
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.state import ParcelState
from services.registers.domain.parcel_change.commands import ForeseeParcel


def _cite_consent(change: Decided, subject: str) -> Decided:
    """Cite the latest consent that a transfer uses; all earlier ones stand before it in the same stream."""
    consents: tuple[int, ...] = getattr(change.data, "consents", ())
    return change._replace(cites=(*change.cites, Citation(subject, max(consents)))) if consents else change


def _fit_to_carry(resulting: Any, now: Any) -> ParcelState:  # noqa: ANN401 - one of the three states of a parcel
    """Never give a number twice, whatever was annulled, and carry no reservation."""
    if isinstance(resulting, ForeseenParcel) or isinstance(now, ForeseenParcel):
        raise RuleViolated("annulled-state", "say what state results: a number without a parcel is none")
    parcel = released_state(resulting) if isinstance(resulting, ReservedParcel) else resulting
    return dataclasses.replace(parcel, numbers=now.numbers)


def _of_parcels(decisions: Mapping[type, Decide]) -> dict[type, Decide]:
    """Let decisions see a parcel: under a number that is only foreseen there is nothing to decide upon."""

    def guarded(decision: Decide) -> Decide:
        def decide(command: object, state: object, context: Context) -> Decided:
            if isinstance(state, ForeseenParcel):
                raise RuleViolated("foreseen", f"the number is kept for {state.foreseen.change}")
            return decision(command, state, context)

        return decide

    return {command: guarded(decision) for command, decision in decisions.items()}


DECIDER: Final = Decider(
    aggregate=LAND_PARCEL,
    decisions={**_of_parcels({**DECIDE_PARCEL, **DECIDE_TITLE, **DECIDE_BURDENS}), **DECIDE_CHANGE},
    openers=(c.RecordParcel, ForeseeParcel),
    carry=_fit_to_carry,
    cite=_cite_consent,
)
