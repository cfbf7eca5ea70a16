"""Decisions that every register needs: correction, annulment, reinstatement, one id given up for another."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.sourcing.common import Annulled, Corrected, Reinstated, Superseded
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.events import Holder
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.state import ParcelState


def correct(command: c.Correct, _state: ParcelState, _context: Context) -> Decided:
    """Propose a correction of one field."""
    data = Corrected(command.field, command.old, command.new, command.basis, command.imported)
    return Decided("corrected", 1, data)


def annul(command: c.Annul, state: ParcelState, context: Context) -> Decided:
    """Propose an annulment; the state that results is the one before the version, unless another is given."""
    resulting = command.state
    if resulting is None and command.from_version is not None:
        resulting = _state_before(command.from_version, context)
    if resulting is None:
        raise RuleViolated("annulled-state", "say what state results: nothing stood before")
    data: Annulled[ParcelState, Holder] = Annulled(
        from_version=command.from_version,
        from_moment=command.from_moment,
        by=command.by,  # type: ignore[arg-type]
        basis=command.basis,
        state=_carried(resulting, state),
        persons=(),
        sd_alg="sha-256",
        imported=None,
    )
    return Decided("annulled", 1, data)


def reinstate(command: c.Reinstate, state: ParcelState, _context: Context) -> Decided:
    """Propose that an ended parcel lives again."""
    resulting = command.state or state
    standing = dataclasses.replace(resulting.standing, status="live")
    data: Reinstated[ParcelState, Holder] = Reinstated(
        by=command.by,  # type: ignore[arg-type]
        basis=command.basis,
        state=_carried(dataclasses.replace(resulting, standing=standing, ended_by=None), state),
        persons=(),
        sd_alg="sha-256",
        imported=None,
    )
    return Decided("reinstated", 1, data)


def supersede(command: c.Supersede, _state: ParcelState, _context: Context) -> Decided:
    """Propose that another stream takes this one's place."""
    return Decided("superseded", 1, Superseded(command.by, command.basis, None))


def _state_before(version: int, context: Context) -> ParcelState | None:
    state: ParcelState | None = None
    for earlier in range(1, version):
        fact = context.facts.get(earlier)
        if fact is None:
            raise RuleViolated("annulled-from", "the stream has no such version")
        state = LAND_PARCEL.apply(state, fact)
    return state


def _carried(resulting: ParcelState, now: ParcelState) -> ParcelState:
    """Make a state fit to be carried: no proposals, its contradictions listed, and no number ever given twice."""
    found = tuple(sorted(LAND_PARCEL.contradictions(resulting)))
    standing = dataclasses.replace(resulting.standing, proposals=(), inconsistent=found)
    return dataclasses.replace(resulting, standing=standing, numbers=now.numbers)


DECIDE_COMMON: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    c.Correct: correct,
    c.Annul: annul,
    c.Reinstate: reinstate,
    c.Supersede: supersede,
}
