"""What a command on a parcel amounts to: register rules first, then events."""

import dataclasses
from typing import Final

from litopys.event.streams import Citation
from litopys.sourcing.deciding import Decider
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.decide_burdens import DECIDE_BURDENS
from services.registers.domain.land_parcel.decide_parcel import DECIDE_PARCEL
from services.registers.domain.land_parcel.decide_title import DECIDE_TITLE
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.state import ParcelState


def _cite_consent(change: Decided, subject: str) -> Decided:
    """Cite the latest consent that a transfer uses; all earlier ones stand before it in the same stream."""
    consents: tuple[int, ...] = getattr(change.data, "consents", ())
    return change._replace(cites=(*change.cites, Citation(subject, max(consents)))) if consents else change


def _keep_numbers(resulting: ParcelState, now: ParcelState) -> ParcelState:
    """Never give a number twice, whatever was annulled."""
    return dataclasses.replace(resulting, numbers=now.numbers)


DECIDER: Final = Decider(
    aggregate=LAND_PARCEL,
    decisions={**DECIDE_PARCEL, **DECIDE_TITLE, **DECIDE_BURDENS},
    openers=(c.RecordParcel,),
    carry=_keep_numbers,
    cite=_cite_consent,
)
