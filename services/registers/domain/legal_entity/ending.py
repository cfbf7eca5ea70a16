"""Ledger rules of how a legal entity ends: what is begun, called off, carried through, and cancelled by a court.

An end needs no liquidation before it: many have none. An end without any known beginning, or in the midst of a
bankruptcy, is admitted and listed among the state's contradictions.
"""

import dataclasses
from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, holds_at, is_before, recorded_second
from litopys.sourcing.spans import check_span, ended, later, make_room
from services.registers.domain.legal_entity.events import (
    BankruptcyClosed,
    BankruptcyOpened,
    ReorganisationStarted,
    Terminated,
    TerminationCancelled,
    TerminationDecided,
    TerminationRevoked,
)
from services.registers.domain.legal_entity.people import check_next
from services.registers.domain.legal_entity.state import (
    MOST_PROCEEDINGS,
    MOST_TERMINATIONS,
    EntityState,
    Proceeding,
    ProceedingKind,
    Termination,
)

# Ways out of existence: one at a time. A spin-off leaves the entity as it is, a bankruptcy may come to any of them.
WAYS_OUT: Final = frozenset({"liquidation", "merger", "accession", "division", "transformation"})
# Grounds on which an entity ends in the midst of a bankruptcy.
BY_COURT: Final = frozenset({"bankruptcy", "court"})


def start_reorganisation(state: EntityState, fact: Fact) -> EntityState:
    """Begin a reorganisation."""
    data: ReorganisationStarted = fact.data  # type: ignore[assignment]
    return _begun(state, fact, Proceeding(data.number, data.kind, data.claims_until, data.valid_from, None))


def decide_termination(state: EntityState, fact: Fact) -> EntityState:
    """Begin a liquidation."""
    data: TerminationDecided = fact.data  # type: ignore[assignment]
    return _begun(state, fact, Proceeding(data.number, "liquidation", data.claims_until, data.valid_from, None))


def open_bankruptcy(state: EntityState, fact: Fact) -> EntityState:
    """Open a bankruptcy case."""
    data: BankruptcyOpened = fact.data  # type: ignore[assignment]
    return _begun(state, fact, Proceeding(data.number, "bankruptcy", None, data.valid_from, None))


def close_bankruptcy(state: EntityState, fact: Fact) -> EntityState:
    """Close a bankruptcy case."""
    data: BankruptcyClosed = fact.data  # type: ignore[assignment]
    return _over(state, data.number, data.valid_from, frozenset({"bankruptcy"}))


def revoke_termination(state: EntityState, fact: Fact) -> EntityState:
    """Call a liquidation or a reorganisation off."""
    data: TerminationRevoked = fact.data  # type: ignore[assignment]
    return _over(state, data.number, data.valid_from, WAYS_OUT | {"spin_off"})


def terminate(state: EntityState, fact: Fact) -> EntityState:
    """End the entity; what led to it stays as it is."""
    data: Terminated = fact.data  # type: ignore[assignment]
    if state.registered is not None and is_before(data.valid_from, state.registered):
        raise RuleViolated("ended-unborn", "an entity does not end before it was registered")
    number = state.numbers.termination + 1
    terminations, _ = make_room(state.terminations, limit=MOST_TERMINATIONS, now=recorded_second(fact.time))
    termination = Termination(number, data.ground, data.valid_from, None)
    standing = dataclasses.replace(state.standing, status="ended", proposals=())
    gone = dataclasses.replace(
        state,
        standing=standing,
        terminations=(*terminations, termination),
        numbers=dataclasses.replace(state.numbers, termination=number),
    )
    return _with_contradictions(gone)


def cancel_termination(state: EntityState, fact: Fact) -> EntityState:
    """Let the entity exist again."""
    data: TerminationCancelled = fact.data  # type: ignore[assignment]
    current = next((one for one in state.terminations if one.valid_to is None), None)
    if current is None:
        raise RuleViolated("not-terminated", "only an entity that has ended is brought back")
    standing = dataclasses.replace(state.standing, status="live", proposals=())
    terminations = ended(state.terminations, current.number, data.valid_from)
    return _with_contradictions(dataclasses.replace(state, standing=standing, terminations=terminations))


def revive(state: EntityState) -> EntityState:
    """Give an entity as if it had never ended."""
    standing = dataclasses.replace(state.standing, status="live")
    terminations = tuple(one for one in state.terminations if one.valid_to is not None)
    return dataclasses.replace(state, standing=standing, terminations=terminations)


def contradictions(state: EntityState) -> tuple[str, ...]:
    """Name what does not fit in a state: an end that nothing led to, or one in the midst of a bankruptcy."""
    found = set()
    for end in state.terminations:
        if end.valid_to is not None:
            continue
        then = [one for one in state.proceedings if not is_before(end.valid_from, one.valid_from)]
        open_then = [one.kind for one in then if holds_at(one.valid_from, one.valid_to, end.valid_from)]
        if not [one for one in then if one.kind != "spin_off"]:
            found.add("terminated-without-start")
        if "bankruptcy" in open_then and end.ground not in BY_COURT:
            found.add("terminated-under-bankruptcy")
    return tuple(sorted(found))


def _with_contradictions(state: EntityState) -> EntityState:
    standing = dataclasses.replace(state.standing, inconsistent=contradictions(state))
    return dataclasses.replace(state, standing=standing)


def _begun(state: EntityState, fact: Fact, new: Proceeding) -> EntityState:
    check_next(new.number, state.numbers.proceeding)
    check_span(new.valid_from, new.valid_to)
    if new.claims_until is not None and is_before(new.claims_until, new.valid_from):
        raise RuleViolated("claims-before", "creditors claim after the decision, not before it")
    if state.horizon is not None and is_before(new.valid_from, state.horizon):
        raise RuleViolated("before-horizon", f"what held before {state.horizon} is judged by annulment alone")
    _check_alone(state, new.kind, new.valid_from)
    earlier = _spin_offs_over(state.proceedings, new) if new.kind == "spin_off" else state.proceedings
    proceedings, forgotten = make_room(earlier, limit=MOST_PROCEEDINGS, now=recorded_second(fact.time))
    return dataclasses.replace(
        state,
        proceedings=(*proceedings, new),
        numbers=dataclasses.replace(state.numbers, proceeding=new.number),
        horizon=later(state.horizon, forgotten),
    )


def _check_alone(state: EntityState, kind: ProceedingKind, moment: str) -> None:
    """Refuse a second way out, or a second bankruptcy, at a time or before one that came later."""
    if kind == "spin_off":
        return
    rivals = frozenset({"bankruptcy"}) if kind == "bankruptcy" else WAYS_OUT
    for one in state.proceedings:
        is_over = one.valid_to is not None and first_second(one.valid_to) <= first_second(moment)
        if one.kind in rivals and not is_over:
            raise RuleViolated("under-way", f"number {one.number} is not over at that time")


def _spin_offs_over(proceedings: tuple[Proceeding, ...], new: Proceeding) -> tuple[Proceeding, ...]:
    """Let a spin-off end those before it: nothing else says that they were carried through."""
    return tuple(
        dataclasses.replace(one, valid_to=new.valid_from)
        if one.kind == "spin_off" and one.valid_to is None and not is_before(new.valid_from, one.valid_from)
        else one
        for one in proceedings
    )


def _over(state: EntityState, number: int, moment: str, kinds: frozenset[str]) -> EntityState:
    if not any(one.number == number and one.kind in kinds for one in state.proceedings):
        raise RuleViolated("not-under-way", "nothing of this number and kind is known")
    return dataclasses.replace(state, proceedings=ended(state.proceedings, number, moment))
