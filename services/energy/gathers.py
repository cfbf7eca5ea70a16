"""Looks at other streams before a command is decided: whatever one stream says of another must be so."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from litopys.service.gathering import Gathering
from services.energy.domain.generation_account.account import previous_account
from services.energy.domain.generation_account.certificates import guarantee_of
from services.energy.domain.generation_account.commands import (
    CarryRemainder,
    OpenAccount,
    UseCertificate,
    WithdrawCertificate,
)
from services.energy.domain.guarantee_of_origin.batch import units_of
from services.energy.domain.guarantee_of_origin.commands import IssueGuarantee, SeparateGuarantee
from services.energy.domain.other_streams import (
    check_carried,
    check_certificate,
    check_split,
    check_stands,
    check_withdrawn,
)


async def look_at_last_month(command: OpenAccount | CarryRemainder, gathering: Gathering) -> object:
    """Compare what last month left over with its closing; raises RuleViolated."""
    if command.carried_in_wh is not None:
        _, plant, month = gathering.subject.split(":")
        check_carried(command.carried_in_wh, await _state(gathering, previous_account(plant, month)))
    return command


async def look_at_guarantee(command: UseCertificate, gathering: Gathering) -> object:
    """See whether the guarantee of a certificate stands; raises RuleViolated."""
    account = await _state(gathering, gathering.subject)
    unused = () if account is None else account.certificates
    for certificate in unused:
        if certificate.number == command.number:
            name = guarantee_of(gathering.subject, certificate.first, certificate.last)
            check_stands(await _state(gathering, name))
    return command


async def look_at_withdrawal(command: WithdrawCertificate, gathering: Gathering) -> object:
    """See whether the guarantee of units that come back was withdrawn; raises RuleViolated."""
    if command.withdrawn_at is not None:
        name = guarantee_of(gathering.subject, command.first, command.last)
        check_withdrawn(await _state(gathering, name))
    return command


async def look_at_certificate(command: IssueGuarantee, gathering: Gathering) -> object:
    """Compare a new batch with its certificate; raises RuleViolated."""
    account, first, last = units_of(gathering.subject)
    state, facts = await _state(gathering, account), await gathering.facts(account)
    check_certificate(command, units=(first, last), account=state, facts=facts)
    return command


async def look_at_split(command: SeparateGuarantee, gathering: Gathering) -> object:
    """Compare a part with the split of its batch; raises RuleViolated."""
    _, first, last = units_of(gathering.subject)
    parent, facts = await _state(gathering, command.parent), await gathering.facts(command.parent)
    check_split(command, units=(first, last), parent=parent, facts=facts)
    return command


async def _state(gathering: Gathering, subject: str) -> Any:  # noqa: ANN401 - an account's or a batch's
    return (await gathering.streams([subject]))[subject].state


Gathers = dict[str, Callable[[Any, Gathering], Awaitable[object]]]

ON_ACCOUNTS: Final[Gathers] = {
    "open": look_at_last_month,
    "carry-remainder": look_at_last_month,
    "use-certificate": look_at_guarantee,
    "withdraw-certificate": look_at_withdrawal,
}
ON_BATCHES: Final[Gathers] = {"issue": look_at_certificate, "separate": look_at_split}
