"""Register rules over several streams: what one says of another is what that other says itself.

The ledger sees the citation alone, and validators check that what is cited is there. The sector compares the rest with
its own store before it acknowledges anything; `services.energy.balance` does it again from the ledger.
"""

from collections.abc import Sequence
from typing import Any

from litopys.errors import RuleViolated
from litopys.sourcing.facts import Fact
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.guarantee_of_origin.commands import IssueGuarantee, SeparateGuarantee
from services.energy.domain.guarantee_of_origin.state import GuaranteeState


def check_carried(carried_in_wh: int, last_month: AccountState | None) -> None:
    """Refuse another remainder than last month's account carried on; without such an account there is none."""
    closing = None if last_month is None else last_month.closing
    if last_month is not None and closing is None:
        raise RuleViolated("carry-differs", "last month is not closed yet")
    if carried_in_wh != (0 if closing is None else closing.carried_wh):
        raise RuleViolated("carry-differs", "last month's account carried on another remainder")


def check_may_reopen(account: AccountState, next_month: AccountState | None) -> None:
    """Refuse to open a month again whose remainder the next one has taken in: it would be certified twice."""
    carried = 0 if account.closing is None else account.closing.carried_wh
    if carried and next_month is not None and next_month.carried_in_wh:
        raise RuleViolated("carry-differs", "next month has taken this month's remainder in")


def check_comes_from_elsewhere(account: AccountState | None) -> None:
    """Refuse to record units whose account stands here: they come out of its certificates."""
    if account is not None:
        raise RuleViolated("units-elsewhere", "the account of these units stands here: its certificates issue them")


def check_certificate(
    command: IssueGuarantee, *, units: tuple[int, int], account: AccountState | None, facts: Sequence[Fact]
) -> None:
    """Refuse a batch that differs from the certificate that it cites, or from that certificate's account."""
    fact = facts[command.certified_at - 1] if command.certified_at <= len(facts) else None
    data: Any = None if fact is None else fact.data
    if fact is None or fact.name != "certificate_issued" or account is None:
        raise RuleViolated("certificate-differs", "no certificate was issued in that event of the account")
    if (data.number, data.first, data.last) != (command.certificate, *units):
        raise RuleViolated("certificate-differs", "the certificate is of another number, or of other units")
    if all(one.number != command.certificate for one in account.certificates):
        raise RuleViolated("certificate-differs", "the certificate is used up or withdrawn")
    of_account = (account.valid_from, account.valid_to, account.technology, account.holder)
    if of_account != (command.produced_from, command.produced_to, command.technology, command.holder):
        raise RuleViolated("certificate-differs", "period, technology or holder are not those of the account")


def check_split(
    command: SeparateGuarantee, *, units: tuple[int, int], parent: GuaranteeState | None, facts: Sequence[Fact]
) -> None:
    """Refuse a part that differs from the split that it cites, or from the batch that was split."""
    fact = facts[command.split_at - 1] if command.split_at <= len(facts) else None
    data: Any = None if fact is None else fact.data
    if fact is None or fact.name != "split" or parent is None or parent.ended_by != "split":
        raise RuleViolated("split-differs", "the batch was not split in that event, or its split was undone")
    if all((part.first, part.last) != units for part in data.parts):
        raise RuleViolated("split-differs", "the split names no such part")
    names = ("produced_from", "produced_to", "technology", "holder", "transfer_until", "expires")
    if any(getattr(parent, name) != getattr(command, name) for name in names):
        raise RuleViolated("split-differs", "a part is in all else as its batch was")


def check_stands(guarantee: GuaranteeState | None) -> None:
    """Refuse to use a certificate up for a guarantee that does not stand."""
    if guarantee is None:
        raise RuleViolated("guarantee-differs", "there is no guarantee of these units")


def check_taking_back(withdrawn_at: int | None, guarantee: GuaranteeState | None) -> None:
    """Refuse to take units back whose guarantee was not withdrawn; without one, a certificate comes back as it is."""
    if guarantee is None and withdrawn_at is None:
        return
    if guarantee is None or guarantee.ended_by != "withdrawn":
        raise RuleViolated("guarantee-differs", "the guarantee of these units was not withdrawn")


def check_may_return(
    guarantee: GuaranteeState, *, account: AccountState | None, parts: Sequence[GuaranteeState | None]
) -> None:
    """Refuse to bring a batch back whose units are elsewhere by now: in parts of it, or back in their account."""
    if any(part is not None for part in parts):
        raise RuleViolated("units-elsewhere", "its units stand in its parts by now")
    taken = () if account is None else account.withdrawn
    if any(one.first <= guarantee.last and guarantee.first <= one.last for one in taken):
        raise RuleViolated("units-elsewhere", "its account took its units back")
