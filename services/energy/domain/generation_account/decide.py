"""What a command on an account amounts to: register rules first, then the event with its numbers and citations."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.aggregates import with_standing
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider
from litopys.sourcing.facts import Decided
from services.energy.domain.eic import check_eic
from services.energy.domain.generation_account import commands as c
from services.energy.domain.generation_account import events as e
from services.energy.domain.generation_account.account import carried_on_wh, missing_hours, previous_account
from services.energy.domain.generation_account.certificates import guarantee_of
from services.energy.domain.generation_account.evolve import GENERATION_ACCOUNT
from services.energy.domain.generation_account.register_rules import (
    check_meter_time,
    check_old_readings,
    check_over,
)
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.generation_account.sums import (
    contradictions,
    readings_an_hour,
    remainder_wh,
    units_certified,
)
from services.energy.domain.measures import WH_PER_MWH
from services.energy.domain.recording import Record, listed


def open_account(command: c.OpenAccount, _state: AccountState | None, context: Context) -> Decided:
    """Begin a month; a plant is named by an EIC whose check character is right."""
    check_eic(context.subject.split(":")[1])
    check_eic(command.holder)
    data = e.Opened(
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        interval=command.interval,  # type: ignore[arg-type]
        technology=command.technology,  # type: ignore[arg-type]
        holder=command.holder,
        owner=None if command.owner is None else e.Owner(command.owner.id, command.owner.sd),
        net_rule=command.net_rule,  # type: ignore[arg-type]
        carry_rule=command.carry_rule,  # type: ignore[arg-type]
        carried_in_wh=command.carried_in_wh,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("opened", 1, data, _last_month(context, command.closed_at))


def record(command: Record, _state: AccountState | None, _context: Context) -> Decided:
    """Take an account over as another register held it."""
    data = e.Recorded(
        as_of=command.as_of,
        state=listed(GENERATION_ACCOUNT, command.state),
        owner=None if command.owner is None else e.Owner(command.owner.id, command.owner.sd),
        original=command.original,
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("recorded", 1, data)


def carry_remainder(command: c.CarryRemainder, _state: AccountState, context: Context) -> Decided:
    """Enter what last month left over."""
    data = e.RemainderCarried(command.carried_in_wh, command.basis, command.imported)
    return Decided("remainder_carried", 1, data, _last_month(context, command.closed_at))


def meter_output(command: c.MeterOutput, state: AccountState, context: Context) -> Decided:
    """Enter readings of intervals that are over."""
    check_meter_time(command.valid_from, len(command.readings) // readings_an_hour(state.interval), context.time)
    data = e.OutputMetered(
        command.valid_from, command.readings, command.original, command.basis, imported=command.imported
    )
    return Decided("output_metered", 1, data)


def correct_reading(command: c.CorrectReading, state: AccountState, context: Context) -> Decided:
    """Put one hour right; where the event that is corrected is at hand, each of its old readings is compared."""
    check_old_readings(command, state, context)
    data = e.ReadingCorrected(
        valid_from=command.valid_from,
        corrects=command.corrects,
        old=command.old,
        new=command.new,
        original=command.original,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("reading_corrected", 1, data)


def meter_sealed(command: c.MeterSealedOutput, _state: AccountState, context: Context) -> Decided:
    """Enter a household's readings."""
    check_meter_time(command.valid_from, command.hours, context.time)
    data = e.SealedOutputMetered(
        valid_from=command.valid_from,
        hours=command.hours,
        readings=e.SealedReadings(command.readings.id, command.readings.sd),
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("sealed_output_metered", 1, data)


def correct_sealed(command: c.CorrectSealedReading, _state: AccountState, _context: Context) -> Decided:
    """Put one hour of a household right."""
    data = e.SealedReadingCorrected(
        valid_from=command.valid_from,
        corrects=command.corrects,
        readings=e.SealedReadings(command.readings.id, command.readings.sd),
        basis=command.basis,
        sd_alg="sha-256",
        imported=command.imported,
    )
    return Decided("sealed_reading_corrected", 1, data)


def certify_output(command: c.CertifyOutput, _state: AccountState, _context: Context) -> Decided:
    """Enter a household's public sum."""
    return Decided("output_certified", 1, e.OutputCertified(command.certified_wh, command.basis, command.imported))


def issue_certificate(command: c.IssueCertificate, state: AccountState, context: Context) -> Decided:
    """Certify MWh of a month that is over, under the next numbers."""
    check_over(state, command.valid_from, context.time)
    mwh = remainder_wh(state) // WH_PER_MWH if command.mwh is None else command.mwh
    if mwh < 1:
        raise RuleViolated("nothing-to-certify", "there is no whole MWh to certify")
    data = e.CertificateIssued(
        number=state.numbers + 1,
        first=state.issued + 1,
        last=state.issued + mwh,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("certificate_issued", 1, data)


def use_certificate(command: c.UseCertificate, state: AccountState, context: Context) -> Decided:
    """Enter that the guarantee stands: its stream is cited from its first event."""
    used = next((one for one in state.certificates if one.number == command.number), None)
    cites = () if used is None else (Citation(guarantee_of(context.subject, used.first, used.last), 1),)
    data = e.CertificateUsed(command.number, command.valid_from, command.basis, command.imported)
    return Decided("certificate_used", 1, data, cites)


def withdraw_certificate(command: c.WithdrawCertificate, _state: AccountState, _context: Context) -> Decided:
    """Propose to take units back."""
    data = e.CertificateWithdrawn(
        first=command.first,
        last=command.last,
        withdrawn_at=command.withdrawn_at,
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("certificate_withdrawn", 1, data)


def cite_withdrawal(change: Decided, subject: str) -> Decided:
    """Cite the withdrawal of the guarantee whose units come back."""
    if not isinstance(change.data, e.CertificateWithdrawn) or change.data.withdrawn_at is None:
        return change
    guarantee = guarantee_of(subject, change.data.first, change.data.last)
    return change._replace(cites=(*change.cites, Citation(guarantee, change.data.withdrawn_at)))


def close_account(command: c.CloseAccount, state: AccountState, context: Context) -> Decided:
    """Settle a month that is over, with the sums that it has."""
    check_over(state, command.valid_from, context.time)
    data = e.Closed(
        metered=state.metered,
        missing=missing_hours(state),
        fed_wh=state.fed_wh,
        drawn_wh=state.drawn_wh,
        certified=units_certified(state),
        carried_wh=carried_on_wh(state),
        valid_from=command.valid_from,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("closed", 1, data)


def keep_certificates(resulting: AccountState, now: AccountState) -> AccountState:
    """Keep what was certified: a certificate is withdrawn, never annulled, so that no unit gets its number twice."""
    kept = dataclasses.replace(
        resulting,
        issued=now.issued,
        numbers=now.numbers,
        certificates=now.certificates,
        withdrawn=now.withdrawn,
    )
    listed: AccountState = with_standing(kept, inconsistent=contradictions(kept))
    return listed


def _last_month(context: Context, closed_at: int | None) -> tuple[Citation, ...]:
    if closed_at is None:
        return ()
    _, plant, month = context.subject.split(":")
    return (Citation(previous_account(plant, month), closed_at),)


DECISIONS: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    Record: record,
    c.OpenAccount: open_account,
    c.CarryRemainder: carry_remainder,
    c.MeterOutput: meter_output,
    c.CorrectReading: correct_reading,
    c.MeterSealedOutput: meter_sealed,
    c.CorrectSealedReading: correct_sealed,
    c.CertifyOutput: certify_output,
    c.IssueCertificate: issue_certificate,
    c.UseCertificate: use_certificate,
    c.WithdrawCertificate: withdraw_certificate,
    c.CloseAccount: close_account,
}


class AccountDecider(Decider):
    """Decides on an account's commands; a correction is decided with the event before it that it corrects."""

    def facts_needed(self, command: object) -> range:
        """Tell which earlier events of the stream a decision on this command reads."""
        if isinstance(command, c.CorrectReading):
            return range(command.corrects, command.corrects + 1)
        return super().facts_needed(command)


DECIDER: Final = AccountDecider(
    aggregate=GENERATION_ACCOUNT,
    decisions=DECISIONS,
    openers=(Record, c.OpenAccount),
    carry=keep_certificates,
    cite=cite_withdrawal,
)
