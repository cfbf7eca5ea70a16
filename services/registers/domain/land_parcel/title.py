"""Ledger rules of the title: who holds which share since when, and under what burdens it moves."""

import dataclasses
from typing import Final

from litopys.errors import RuleViolated
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, holds_at, is_before, recorded_second
from litopys.sourcing.spans import at, later, make_room
from services.registers.domain.land_parcel.change_events import Reserved
from services.registers.domain.land_parcel.events import (
    Inherited,
    Owner,
    ShareTransferred,
    TitleRegistered,
    TitleTransferred,
)
from services.registers.domain.land_parcel.shares import is_whole, remainder, total
from services.registers.domain.land_parcel.state import MOST_HOLDERS, MOST_HOLDINGS, Consent, Holding, ParcelState

# Grounds on which a title moves although its holder may not dispose of it.
FORCED_GROUNDS: Final = frozenset({"enforcement", "court", "succession"})


def register_title(state: ParcelState, fact: Fact) -> ParcelState:
    """Give a parcel its first title: nobody holds it then or later, and the shares add up to 1."""
    data: TitleRegistered = fact.data  # type: ignore[assignment]
    check_horizon(state, data.valid_from)
    moment = first_second(data.valid_from)
    if any(h.valid_to is None or first_second(h.valid_to) > moment for h in state.holdings):
        raise RuleViolated("title-exists", "a title holds at that time or later")
    if not is_whole(owner.share for owner in data.owners):
        raise RuleViolated("shares-not-whole", "the shares of a title add up to exactly 1")
    return _with_owners(state, fact, data.owners, data.valid_from)


def transfer_title(state: ParcelState, fact: Fact) -> ParcelState:
    """Pass the whole title from all who hold it to new holders."""
    data: TitleTransferred = fact.data  # type: ignore[assignment]
    holdings = current_holdings(state, data.valid_from)
    if tuple(sorted(holding.id for holding in holdings)) != data.holders:
        raise RuleViolated("not-the-holders", "the whole title passes from all its holders")
    if not is_whole(owner.share for owner in data.owners):
        raise RuleViolated("shares-not-whole", "the shares of a title add up to exactly 1")
    state = use_consents(state, fact)
    state = _end_holdings(state, holdings, data.valid_from)
    # Whatever contradiction of shares was inherited is gone with the old holders.
    standing = dataclasses.replace(
        state.standing, inconsistent=tuple(code for code in state.standing.inconsistent if code != "shares-not-whole")
    )
    return _with_owners(dataclasses.replace(state, standing=standing), fact, data.owners, data.valid_from)


def transfer_share(state: ParcelState, fact: Fact) -> ParcelState:
    """Pass a holder's share, or a part of it, to new holders."""
    data: ShareTransferred = fact.data  # type: ignore[assignment]
    holding = _holding_of(state, data.holder, data.valid_from)
    state = use_consents(state, fact)
    return _pass_on(state, fact, holding, data.owners)


def inherit(state: ParcelState, fact: Fact) -> ParcelState:
    """Pass a holder's whole share to heirs; seizure and mortgage do not hinder succession."""
    data: Inherited = fact.data  # type: ignore[assignment]
    holding = _holding_of(state, data.holder, data.valid_from)
    if total(owner.share for owner in data.owners) != total([holding.share]):
        raise RuleViolated("share-not-conserved", "heirs get exactly the share that was held")
    return _pass_on(state, fact, holding, data.owners)


def current_holdings(state: ParcelState, moment: str) -> tuple[Holding, ...]:
    """Give the holdings that a change at `moment` may move; raises RuleViolated where a later change stands already."""
    check_horizon(state, moment)
    if any(is_before(moment, holding.valid_from) for holding in state.holdings):
        raise RuleViolated("later-title", "the title changed after that time: what rests on it must be annulled first")
    holdings = at(state.holdings, moment)
    if not holdings:
        raise RuleViolated("no-title", "nobody holds a title at that time")
    if any(holding.valid_to is not None for holding in holdings):
        raise RuleViolated("later-title", "the title changed after that time: what rests on it must be annulled first")
    return holdings


def check_horizon(state: ParcelState, moment: str) -> None:
    """Refuse a fact from a time of which the state has forgotten something; raises RuleViolated."""
    if state.horizon is not None and is_before(moment, state.horizon):
        raise RuleViolated("beyond-memory", f"what held before {state.horizon} is judged by annulment alone")


def use_consents(state: ParcelState, fact: Fact) -> ParcelState:
    """Check that nothing hinders a transfer, or a change, at its valid time; use up the consents that it names."""
    data: TitleTransferred | ShareTransferred | Reserved = fact.data  # type: ignore[assignment]
    forced = not isinstance(data, Reserved) and data.ground in FORCED_GROUNDS
    if not forced and at(state.seizures, data.valid_from):
        raise RuleViolated("under-seizure", "none but enforcement, court or succession moves a title under seizure")
    if data.consents and not any(c == (fact.subject, max(data.consents)) for c in fact.cites):
        raise RuleViolated("consent-not-cited", "the latest of the consents used is cited")
    used = [_consent(state, version, data.valid_from) for version in data.consents]
    consenting = {consent.mortgage for consent in used}
    burdens = {mortgage.number for mortgage in at(state.mortgages, data.valid_from)}
    if len(consenting) != len(data.consents) or not consenting <= burdens:
        raise RuleViolated("consent-idle", "each consent used is of another mortgage that burdens the parcel then")
    if not forced and consenting != burdens:
        raise RuleViolated("consent-missing", "a transfer under mortgage rests on the consent of each mortgagee")
    if not used:
        return state
    return dataclasses.replace(state, consents=tuple(c for c in state.consents if c not in used))


def contradictions(state: ParcelState) -> tuple[str, ...]:
    """Name the rules that a state breaks: a title whose shares do not add up to 1."""
    shares = [holding.share for holding in state.holdings if holding.valid_to is None]
    return ("shares-not-whole",) if shares and not is_whole(shares) else ()


def _consent(state: ParcelState, version: int, moment: str) -> Consent:
    for consent in state.consents:
        if consent.version == version and holds_at(consent.valid_from, consent.valid_to, moment):
            return consent
    raise RuleViolated("no-such-consent", "no unused consent of this version holds at that time")


def _holding_of(state: ParcelState, holder: str, moment: str) -> Holding:
    for holding in current_holdings(state, moment):
        if holding.id == holder:
            return holding
    raise RuleViolated("not-a-holder", "only a holder's share moves")


def _pass_on(state: ParcelState, fact: Fact, holding: Holding, owners: tuple[Owner, ...]) -> ParcelState:
    valid_from: str = fact.data.valid_from  # type: ignore[attr-defined]
    given = total(owner.share for owner in owners)
    if given.above > given.below:
        raise RuleViolated("share-exceeded", "a holder cannot give more than the share held")
    left = remainder(holding.share, f"{given.above}/{given.below}")
    state = _end_holdings(state, (holding,), valid_from)
    kept = () if left is None else (Holding(holding.id, left, valid_from, None),)
    return _with_owners(state, fact, owners, valid_from, kept=kept)


def _end_holdings(state: ParcelState, holdings: tuple[Holding, ...], moment: str) -> ParcelState:
    """End holdings at a moment; one that began at that very moment never held, and is forgotten."""
    closed = [
        dataclasses.replace(held, valid_to=moment) if held in holdings else held
        for held in state.holdings
        if held not in holdings or is_before(held.valid_from, moment)
    ]
    return dataclasses.replace(state, holdings=tuple(closed))


def _with_owners(
    state: ParcelState,
    fact: Fact,
    owners: tuple[Owner, ...],
    valid_from: str,
    *,
    kept: tuple[Holding, ...] = (),
) -> ParcelState:
    ids = [person.id for owner in owners for person in owner.persons]
    if len(set(ids)) != len(ids) or {holding.id for holding in state.holdings} & set(ids):
        raise RuleViolated("person-id-used", "a new holder comes under a fresh id")
    new = (*kept, *(Holding(owner.id, owner.share, valid_from, None) for owner in owners))
    holdings, horizon = state.holdings, state.horizon
    if sum(holding.valid_to is None for holding in holdings) + len(new) > MOST_HOLDERS:
        raise RuleViolated("too-many", f"a parcel has at most {MOST_HOLDERS} holders at a time")
    for _ in range(max(0, len(holdings) + len(new) - MOST_HOLDINGS)):
        holdings, forgotten = make_room(holdings, limit=len(holdings), now=recorded_second(fact.time))
        horizon = later(horizon, forgotten)
    return dataclasses.replace(state, holdings=(*holdings, *new), horizon=horizon)
