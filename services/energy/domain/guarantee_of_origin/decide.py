"""What a command on a batch amounts to: register rules first, then the event with its deadlines and citations."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider
from litopys.sourcing.facts import Decided
from services.energy.domain.eic import check_eic
from services.energy.domain.guarantee_of_origin import commands as c
from services.energy.domain.guarantee_of_origin import events as e
from services.energy.domain.guarantee_of_origin.batch import units_of
from services.energy.domain.guarantee_of_origin.evolve import GUARANTEE_OF_ORIGIN
from services.energy.domain.guarantee_of_origin.register_rules import (
    LIFE_MONTHS,
    TRANSFER_MONTHS,
    check_beneficiary,
    check_past,
    months_after,
)
from services.energy.domain.guarantee_of_origin.state import GuaranteeState
from services.energy.domain.recording import Record, listed


def issue(command: c.IssueGuarantee, _state: GuaranteeState | None, context: Context) -> Decided:
    """Begin a batch: the deadlines are counted from the end of its production."""
    check_eic(command.holder)
    check_past(command.valid_from, context.time)
    account, first, last = units_of(context.subject)
    data = e.Issued(
        account=account,
        certificate=command.certificate,
        first=first,
        last=last,
        produced_from=command.produced_from,
        produced_to=command.produced_to,
        technology=command.technology,  # type: ignore[arg-type]
        holder=command.holder,
        transfer_until=months_after(command.produced_to, TRANSFER_MONTHS),
        expires=months_after(command.produced_to, LIFE_MONTHS),
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("issued", 1, data, (Citation(account, command.certified_at),))


def record(command: Record, _state: GuaranteeState | None, _context: Context) -> Decided:
    """Take a batch over as another register held it."""
    data = e.Recorded(
        as_of=command.as_of,
        state=listed(GUARANTEE_OF_ORIGIN, command.state),
        original=command.original,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("recorded", 1, data)


def separate(command: c.SeparateGuarantee, _state: GuaranteeState | None, context: Context) -> Decided:
    """Begin a part of a batch."""
    check_past(command.valid_from, context.time)
    _, first, last = units_of(context.subject)
    data = e.Separated(
        parent=command.parent,
        first=first,
        last=last,
        produced_from=command.produced_from,
        produced_to=command.produced_to,
        technology=command.technology,  # type: ignore[arg-type]
        holder=command.holder,
        transfer_until=command.transfer_until,
        expires=command.expires,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("separated", 1, data, (Citation(command.parent, command.split_at),))


def split(command: c.SplitGuarantee, state: GuaranteeState, context: Context) -> Decided:
    """Split the batch by MWh; together they are the batch."""
    check_past(command.valid_from, context.time)
    if sum(command.mwh) != state.last - state.first + 1:
        raise RuleViolated("split-sum", "the parts hold together as many MWh as the batch")
    parts, first = [], state.first
    for mwh in command.mwh:
        parts.append(e.Part(first, first + mwh - 1))
        first += mwh
    data = e.Split(command.holder, tuple(parts), command.valid_from, command.basis, command.imported)
    return Decided("split", 1, data)


def transfer(command: c.TransferGuarantee, _state: GuaranteeState, context: Context) -> Decided:
    """Pass the batch on."""
    check_eic(command.to)
    check_past(command.valid_from, context.time)
    data = e.Transferred(command.holder, command.to, command.valid_from, command.basis, command.imported)
    return Decided("transferred", 1, data)


def redeem(command: c.RedeemGuarantee, _state: GuaranteeState, context: Context) -> Decided:
    """Use the batch up."""
    check_past(command.valid_from, context.time)
    check_beneficiary(command.beneficiary)
    data = e.Redeemed(
        holder=command.holder,
        beneficiary=e.Beneficiary(command.beneficiary.id, command.beneficiary.sd),
        valid_from=command.valid_from,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("redeemed", 1, data)


def expire(command: c.ExpireGuarantee, state: GuaranteeState, _context: Context) -> Decided:
    """Enter that the batch's time is over."""
    return Decided("expired", 1, e.Expired(state.expires, command.basis, command.imported))


def withdraw(command: c.WithdrawGuarantee, _state: GuaranteeState, context: Context) -> Decided:
    """Propose a withdrawal."""
    check_past(command.valid_from, context.time)
    return Decided("withdrawn", 1, e.Withdrawn(command.valid_from, command.basis, command.imported))


DECISIONS: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    Record: record,
    c.IssueGuarantee: issue,
    c.SeparateGuarantee: separate,
    c.SplitGuarantee: split,
    c.TransferGuarantee: transfer,
    c.RedeemGuarantee: redeem,
    c.ExpireGuarantee: expire,
    c.WithdrawGuarantee: withdraw,
}

DECIDER: Final = Decider(
    aggregate=GUARANTEE_OF_ORIGIN,
    decisions=DECISIONS,
    openers=(Record, c.IssueGuarantee, c.SeparateGuarantee),
)
