"""Ledger rules of a batch: how it begins, who moves it and until when, how it ends."""

import dataclasses
import itertools
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import with_standing
from litopys.sourcing.common import LIVE
from litopys.sourcing.facts import Fact
from litopys.sourcing.moments import first_second, is_before, recorded_second
from services.energy.domain.guarantee_of_origin.events import (
    Expired,
    Issued,
    Recorded,
    Redeemed,
    Separated,
    Split,
    Transferred,
)
from services.energy.domain.guarantee_of_origin.state import Ending, GuaranteeState

_KIND: Final = "guarantee_of_origin:"


def open_issued(fact: Fact) -> GuaranteeState:
    """Begin a batch with a certificate of its account, which is cited."""
    data: Issued = fact.data  # type: ignore[assignment]
    if not any(cited.subject == data.account for cited in fact.cites):
        raise RuleViolated("certificate-not-cited", "a batch rests on a certificate of its account, and cites it")
    return _opened(fact, data.account)


def open_separated(fact: Fact) -> GuaranteeState:
    """Begin a part of a batch; the split of that batch is cited."""
    data: Separated = fact.data  # type: ignore[assignment]
    if not any(cited.subject == data.parent for cited in fact.cites):
        raise RuleViolated("split-not-cited", "a part rests on the split of its batch, and cites it")
    account, first, last = units_of(data.parent)
    if not first <= data.first <= data.last <= last or (first, last) == (data.first, data.last):
        raise RuleViolated("not-a-part", "a part holds some of the units of its batch, not all of them and no others")
    return _opened(fact, account)


def open_recorded(fact: Fact) -> GuaranteeState:
    """Take over the batch that a register held."""
    data: Recorded = fact.data  # type: ignore[assignment]
    _check_key(fact.subject, data.state)
    return data.state


def split(state: GuaranteeState, fact: Fact) -> GuaranteeState:
    """End the batch in favour of parts that hold all its units, one after another."""
    data: Split = fact.data  # type: ignore[assignment]
    _check_holder(state, data.holder, data.valid_from)
    _check_in_time(state.expires, data.valid_from)
    edges = [(part.first, part.last) for part in data.parts]
    follow = all(before[1] + 1 == after[0] for before, after in itertools.pairwise(edges))
    if not follow or edges[0][0] != state.first or edges[-1][1] != state.last or any(a > b for a, b in edges):
        raise RuleViolated("units-not-conserved", "the parts hold the units of the batch, in order and without a gap")
    return _ended(state, "split")


def transfer(state: GuaranteeState, fact: Fact) -> GuaranteeState:
    """Pass the batch from its holder to another, while it may still move."""
    data: Transferred = fact.data  # type: ignore[assignment]
    _check_holder(state, data.holder, data.valid_from)
    _check_in_time(state.transfer_until, data.valid_from)
    if data.to == state.holder:
        raise RuleViolated("holder-already", "it passes to another")
    return dataclasses.replace(state, holder=data.to, held_since=data.valid_from)


def redeem(state: GuaranteeState, fact: Fact) -> GuaranteeState:
    """Use the batch up."""
    data: Redeemed = fact.data  # type: ignore[assignment]
    _check_holder(state, data.holder, data.valid_from)
    _check_in_time(state.expires, data.valid_from)
    return _ended(dataclasses.replace(state, beneficiary=data.beneficiary.id), "redeemed")


def expire(state: GuaranteeState, fact: Fact) -> GuaranteeState:
    """End a batch whose time is over, at that very time and not before."""
    data: Expired = fact.data  # type: ignore[assignment]
    if first_second(data.valid_from) != state.expires or recorded_second(fact.time) < state.expires:
        raise RuleViolated("not-expired", f"the batch expires at {state.expires}")
    return _ended(state, "expired")


def withdraw(state: GuaranteeState, _fact: Fact) -> GuaranteeState:
    """End a batch that should not have been issued."""
    return _ended(state, "withdrawn")


def revive(state: GuaranteeState) -> GuaranteeState:
    """Give an ended batch as a living one."""
    alive: GuaranteeState = with_standing(dataclasses.replace(state, beneficiary=None, ended_by=None), status="live")
    return alive


def check_state(state: GuaranteeState) -> None:
    """Refuse a carried state that makes no sense whatever its register held; raises RuleViolated."""
    if state.first > state.last:
        raise RuleViolated("state-unsound", "the first unit comes before the last")
    if not state.produced_from < state.produced_to <= state.transfer_until <= state.expires:
        raise RuleViolated("deadlines", "production comes first, then the end of transfers, then the end")
    if (state.standing.status == "ended") != (state.ended_by is not None):
        raise RuleViolated("state-unsound", "what has ended says by what")
    if state.beneficiary is not None and state.ended_by != "redeemed":
        raise RuleViolated("state-unsound", "a beneficiary is of what was redeemed")


def units_of(subject: str) -> tuple[str, int, int]:
    """Read a batch's account and units from its stream id."""
    key, _, units = subject.removeprefix(_KIND).rpartition(":")
    first, _, last = units.partition("-")
    return f"generation_account:{key}", int(first), int(last)


def batch_of(account: str, first: int, last: int) -> str:
    """Name the batch of some units of an account."""
    return f"{_KIND}{account.partition(':')[2]}:{first}-{last}"


def _opened(fact: Fact, account: str) -> GuaranteeState:
    data: Any = fact.data
    state = GuaranteeState(
        standing=LIVE,
        account=account,
        first=data.first,
        last=data.last,
        produced_from=data.produced_from,
        produced_to=data.produced_to,
        technology=data.technology,
        holder=data.holder,
        since=data.valid_from,
        held_since=data.valid_from,
        transfer_until=data.transfer_until,
        expires=data.expires,
        beneficiary=None,
        ended_by=None,
    )
    _check_key(fact.subject, state)
    check_state(state)
    return state


def _check_key(subject: str, state: GuaranteeState) -> None:
    if subject != batch_of(state.account, state.first, state.last):
        raise RuleViolated("batch-key", "a batch is named by its account and its units")


def _check_holder(state: GuaranteeState, holder: str, moment: str) -> None:
    if holder != state.holder:
        raise RuleViolated("not-the-holder", "only who holds a batch moves it")
    if is_before(moment, state.held_since):
        raise RuleViolated("later-holder", "it changed hands after that time: what rests on it is annulled first")


def _check_in_time(until: str, moment: str) -> None:
    if first_second(moment) > until:
        raise RuleViolated("too-late", f"that was possible until {until}")


def _ended(state: GuaranteeState, how: Ending) -> GuaranteeState:
    standing = dataclasses.replace(state.standing, status="ended", proposals=())
    return dataclasses.replace(state, standing=standing, ended_by=how)
