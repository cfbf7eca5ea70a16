"""Ledger rules of the persons behind a legal entity: heads and beneficiaries follow each other, others come and go."""

import dataclasses
from typing import Any

from litopys.errors import RuleViolated
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, is_before, recorded_second
from litopys.sourcing.spans import check_span, later, make_room
from services.registers.domain.legal_entity.events import (
    BeneficiarySet,
    FounderJoined,
    FounderLeft,
    FounderShareChanged,
    HeadAppointed,
    SignerAppointed,
    SignerDismissed,
)
from services.registers.domain.legal_entity.membership import Circle, Member
from services.registers.domain.legal_entity.state import (
    MOST_BENEFICIARIES,
    MOST_FOUNDERS,
    MOST_HEADS,
    MOST_SIGNERS,
    EntityState,
    FoundersTotal,
    Tenure,
)


def appoint_head(state: EntityState, fact: Fact) -> EntityState:
    """Let somebody head the entity, until the next head that is known of."""
    data: HeadAppointed = fact.data  # type: ignore[assignment]
    if state.horizon is not None and is_before(data.valid_from, state.horizon):
        raise RuleViolated("before-horizon", f"what held before {state.horizon} is judged by annulment alone")
    _check_fresh(state, data.head.id)
    heads, forgotten = make_room(
        _followed(state.heads, (data.head.id,), data.valid_from), limit=MOST_HEADS + 1, now=recorded_second(fact.time)
    )
    return dataclasses.replace(state, heads=heads, horizon=later(state.horizon, forgotten))


def set_beneficiaries(state: EntityState, fact: Fact) -> EntityState:
    """Let these benefit from the entity and nobody else, until the next that are known of."""
    data: BeneficiarySet = fact.data  # type: ignore[assignment]
    ids = [person.id for person in data.beneficiaries]
    if (not ids) == (data.reason is None):
        raise RuleViolated("beneficiary-or-reason", "beneficiaries are named, or the reason why there is none")
    _check_fresh(state, *ids)
    is_latest = not _edges_after(state.beneficiaries, data.valid_from)
    tenures = _followed(state.beneficiaries, tuple(ids[:MOST_BENEFICIARIES]), data.valid_from)
    # Those of earlier times give way to those of later ones; nothing is judged by them.
    kept = sorted(tenures, key=lambda one: (first_second(one.valid_to or "9999"), one.id))[-MOST_BENEFICIARIES:]
    ordered = tuple(one for one in tenures if one in kept)
    others = max(0, len(ids) - MOST_BENEFICIARIES) if is_latest else state.other_beneficiaries
    return dataclasses.replace(state, beneficiaries=ordered, other_beneficiaries=others)


def appoint_signer(state: EntityState, fact: Fact) -> EntityState:
    """Let somebody sign for the entity under the next number."""
    data: SignerAppointed = fact.data  # type: ignore[assignment]
    check_next(data.number, state.numbers.signer)
    check_span(data.valid_from, data.valid_to)
    _check_fresh(state, data.signer.id)
    member = Member(data.number, data.signer.id, data.valid_from, data.valid_to)
    circle = _signers(state).entered(member, most_listed=MOST_SIGNERS, now=recorded_second(fact.time))
    numbers = dataclasses.replace(state.numbers, signer=data.number)
    return dataclasses.replace(_with_signers(state, circle), numbers=numbers)


def dismiss_signer(state: EntityState, fact: Fact) -> EntityState:
    """Let somebody sign no longer."""
    data: SignerDismissed = fact.data  # type: ignore[assignment]
    return _with_signers(state, _signers(state).left(data.number, data.valid_from))


def join_founder(state: EntityState, fact: Fact) -> EntityState:
    """Let somebody be a founder under the next number."""
    data: FounderJoined = fact.data  # type: ignore[assignment]
    check_next(data.number, state.numbers.founder)
    _check_fresh(state, data.founder.id)
    member = Member(data.number, data.founder.id, data.valid_from, None)
    circle = _founders(state).entered(member, most_listed=MOST_FOUNDERS, now=recorded_second(fact.time))
    numbers = dataclasses.replace(state.numbers, founder=data.number)
    return dataclasses.replace(_with_founders(state, circle, data.founders_total), numbers=numbers)


def leave_founder(state: EntityState, fact: Fact) -> EntityState:
    """Let somebody be a founder no more: once."""
    data: FounderLeft = fact.data  # type: ignore[assignment]
    if any(one.number == data.number and one.valid_to is not None for one in state.founders):
        raise RuleViolated("ended-already", "the founder has left, whenever that was")
    return _with_founders(state, _founders(state).left(data.number, data.valid_from), data.founders_total)


def change_share(state: EntityState, fact: Fact) -> EntityState:
    """Note that the share of somebody who is a founder changed; what it is stands in digests alone."""
    data: FounderShareChanged = fact.data  # type: ignore[assignment]
    circle = _founders(state)
    circle.check_belongs(data.number, data.founder.id)
    return _with_founders(state, circle, data.founders_total)


def check_next(number: int, last: int) -> None:
    """Refuse any number but the next; raises RuleViolated."""
    if number != last + 1:
        raise RuleViolated("next-number", f"the next number is {last + 1}")


def _followed(tenures: tuple[Tenure, ...], ids: tuple[str, ...], moment: str) -> tuple[Tenure, ...]:
    """Let persons follow whoever was there at a moment, and precede whoever came later.

    Whoever began at that very moment never was: the later telling counts.
    """
    until = min(_edges_after(tenures, moment), key=first_second, default=None)
    kept = [_until(one, moment) for one in tenures if first_second(one.valid_from) != first_second(moment)]
    return (*kept, *(Tenure(identifier, moment, until) for identifier in ids))


def _edges_after(tenures: tuple[Tenure, ...], moment: str) -> list[str]:
    """Give the moments at which others are known to have followed, nobody included: where somebody begins or ends."""
    edges = [edge for one in tenures for edge in (one.valid_from, one.valid_to) if edge is not None]
    return [edge for edge in edges if is_before(moment, edge)]


def _until(tenure: Tenure, moment: str) -> Tenure:
    if is_before(moment, tenure.valid_from) or (tenure.valid_to and not is_before(moment, tenure.valid_to)):
        return tenure
    return dataclasses.replace(tenure, valid_to=moment)


def _check_fresh(state: EntityState, *ids: str) -> None:
    people: tuple[tuple[Any, ...], ...] = (state.heads, state.signers, state.founders, state.beneficiaries)
    known = {person.id for group in people for person in group}
    if len(set(ids)) != len(ids) or known & set(ids):
        raise RuleViolated("person-id-used", "each person comes under a fresh id")


def _signers(state: EntityState) -> Circle:
    return Circle(state.signers, state.other_signers)


def _with_signers(state: EntityState, circle: Circle) -> EntityState:
    return dataclasses.replace(state, signers=circle.listed, other_signers=circle.others)


def _founders(state: EntityState) -> Circle:
    return Circle(state.founders, state.other_founders)


def _with_founders(state: EntityState, circle: Circle, total: FoundersTotal) -> EntityState:
    """Take the founders, and whether their contributions add up to the capital: after a change nobody knows unsaid."""
    capital = state.capital and dataclasses.replace(state.capital, founders_total=total)
    return dataclasses.replace(state, founders=circle.listed, other_founders=circle.others, capital=capital)
