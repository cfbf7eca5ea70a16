"""What a command on a legal entity amounts to: register rules first, then events."""

import dataclasses
from typing import Final

from litopys.sourcing.deciding import Decider
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity.decide_details import DECIDE_DETAILS
from services.registers.domain.legal_entity.decide_ending import DECIDE_ENDING
from services.registers.domain.legal_entity.decide_people import DECIDE_PEOPLE
from services.registers.domain.legal_entity.evolve import LEGAL_ENTITY
from services.registers.domain.legal_entity.state import EntityState


def _keep_numbers(resulting: EntityState, now: EntityState) -> EntityState:
    """Never give a number twice, whatever was annulled."""
    return dataclasses.replace(resulting, numbers=now.numbers)


DECIDER: Final = Decider(
    aggregate=LEGAL_ENTITY,
    decisions={**DECIDE_DETAILS, **DECIDE_PEOPLE, **DECIDE_ENDING},
    openers=(c.RecordEntity, c.Register),
    carry=_keep_numbers,
)
