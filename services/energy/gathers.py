"""Looks at other streams before a command is decided: whatever one stream says of another must be so."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from litopys.service.gathering import Gathering
from litopys.sourcing.commands import Annul, Approve, Reinstate
from services.energy.domain.generation_account.account import next_account, previous_account
from services.energy.domain.generation_account.certificates import guarantee_of
from services.energy.domain.generation_account.commands import (
    CarryRemainder,
    OpenAccount,
    UseCertificate,
    WithdrawCertificate,
)
from services.energy.domain.generation_account.events import CertificateWithdrawn
from services.energy.domain.generation_account.evolve import GENERATION_ACCOUNT
from services.energy.domain.guarantee_of_origin.batch import batch_of, units_of
from services.energy.domain.guarantee_of_origin.commands import IssueGuarantee, SeparateGuarantee
from services.energy.domain.guarantee_of_origin.events import Split
from services.energy.domain.other_streams import (
    check_carried,
    check_certificate,
    check_comes_from_elsewhere,
    check_may_reopen,
    check_may_return,
    check_split,
    check_stands,
    check_taking_back,
)
from services.energy.domain.recording import Record


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
    await _check_taking_back(command, gathering)
    return command


async def look_at_next_month(command: Annul | Reinstate, gathering: Gathering) -> object:
    """See whether what a closed month left over is used by now; raises RuleViolated."""
    await _check_may_reopen(gathering)
    return command


async def look_at_account_again(command: Approve, gathering: Gathering) -> object:
    """See once more when a change of an account is approved: other streams may have moved since it was proposed."""
    for fact in await gathering.facts(gathering.subject):
        if fact.version != command.proposal or fact.name != "proposed":
            continue
        proposed: Any = fact.data
        if proposed.change == "certificate_withdrawn":
            change: Any = GENERATION_ACCOUNT.decode_content(fact)
            await _check_taking_back(change, gathering)
        elif proposed.change in ("annulled", "reinstated"):
            await _check_may_reopen(gathering)
    return command


async def look_at_account(command: Record, gathering: Gathering) -> object:
    """See whether recorded units come from another register; raises RuleViolated."""
    account, _, _ = units_of(gathering.subject)
    check_comes_from_elsewhere(await _state(gathering, account))
    return command


async def look_at_units(command: Annul | Reinstate, gathering: Gathering) -> object:
    """See where the units of a batch are that is to come back; raises RuleViolated."""
    await _check_may_return(gathering)
    return command


async def look_at_units_again(command: Approve, gathering: Gathering) -> object:
    """See once more when a batch's return is approved."""
    batch = await _state(gathering, gathering.subject)
    proposals = () if batch is None else batch.standing.proposals
    if any(one.version == command.proposal and one.change in ("annulled", "reinstated") for one in proposals):
        await _check_may_return(gathering)
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


async def _check_taking_back(change: WithdrawCertificate | CertificateWithdrawn, gathering: Gathering) -> None:
    name = guarantee_of(gathering.subject, change.first, change.last)
    check_taking_back(change.withdrawn_at, await _state(gathering, name))


async def _check_may_reopen(gathering: Gathering) -> None:
    account = await _state(gathering, gathering.subject)
    if account is not None:
        _, plant, month = gathering.subject.split(":")
        check_may_reopen(account, await _state(gathering, next_account(plant, month)))


async def _check_may_return(gathering: Gathering) -> None:
    batch = await _state(gathering, gathering.subject)
    if batch is None or batch.ended_by not in ("split", "withdrawn"):
        return
    splits = [fact.data for fact in await gathering.facts(gathering.subject) if isinstance(fact.data, Split)]
    names = [batch_of(batch.account, part.first, part.last) for split in splits for part in split.parts]
    parts = [await _state(gathering, name) for name in names]
    check_may_return(batch, account=await _state(gathering, batch.account), parts=parts)


async def _state(gathering: Gathering, subject: str) -> Any:  # noqa: ANN401 - an account's or a batch's
    return (await gathering.streams([subject]))[subject].state


Gathers = dict[str, Callable[[Any, Gathering], Awaitable[object]]]

ON_ACCOUNTS: Final[Gathers] = {
    "open": look_at_last_month,
    "carry-remainder": look_at_last_month,
    "use-certificate": look_at_guarantee,
    "withdraw-certificate": look_at_withdrawal,
    "annul": look_at_next_month,
    "reinstate": look_at_next_month,
    "approve": look_at_account_again,
}
ON_BATCHES: Final[Gathers] = {
    "record": look_at_account,
    "issue": look_at_certificate,
    "separate": look_at_split,
    "annul": look_at_units,
    "reinstate": look_at_units,
    "approve": look_at_units_again,
}
