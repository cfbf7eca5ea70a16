import asyncio
from collections.abc import Sequence

from litopys.service.writing import Stream
from litopys.sourcing import commands as common
from services.energy.domain.generation_account import commands as a
from services.energy.domain.guarantee_of_origin import commands as g
from services.energy.domain.recording import Record
from services.energy.gathers import ON_ACCOUNTS, ON_BATCHES
from services.energy.sector import GENERATION_ACCOUNTS, GUARANTEES_OF_ORIGIN
from tests.support.driving import COURT, Driven, refused
from tests.support.energy import BEGIN, BUYER, END, METERS, MWH, PLANT, SETTLED, TRADER, Account, Batch, readings


class Store:
    """The streams of a sector's store, as a command would look them up."""

    def __init__(self, subject: str, *streams: Driven) -> None:
        self.subject = subject
        self._streams = {one.subject: one for one in streams}

    async def streams(self, subjects: Sequence[str]) -> dict[str, Stream]:
        return {
            one: Stream(one, self._streams[one].version, self._streams[one].state)
            if one in self._streams
            else Stream(one, 0, None)
            for one in subjects
        }

    async def facts(self, subject: str):
        return self._streams[subject].facts if subject in self._streams else []


def look(name: str, command: object, subject: str, *streams: Driven) -> None:
    gather = (ON_ACCOUNTS if subject.startswith("generation_account:") else ON_BATCHES)[name]
    assert asyncio.run(gather(command, Store(subject, *streams))) is command


def february(carried: int | None) -> Account:
    account = Account(f"generation_account:{PLANT}:2024-02")
    account.open(valid_from="2024-01-31T22:00:00Z", valid_to=BEGIN)
    return account if carried is None else closed(account, carried)


def closed(account: Account, carried: int) -> Account:
    account.do(a.MeterOutput(valid_from="2024-02-01T09:00:00Z", readings=readings(carried), basis=METERS))
    return account.close()


def test_commands_that_speak_of_other_streams_look_at_them():
    looked = {
        command.name
        for kind in (GENERATION_ACCOUNTS, GUARANTEES_OF_ORIGIN)
        for command in kind.commands
        if command.gather is not None
    }
    assert looked == {*ON_ACCOUNTS, *ON_BATCHES}


def test_the_remainder_is_what_last_month_carried_on():
    march = f"generation_account:{PLANT}:2024-03"

    def carry(wh: int) -> a.CarryRemainder:
        return a.CarryRemainder(carried_in_wh=wh, closed_at=3, basis=METERS)

    look("carry-remainder", carry(-7), march, february(-7))
    look("carry-remainder", carry(0), march)
    for command, streams in ((carry(7), [february(-7)]), (carry(0), [february(-7)]), (carry(5), [])):
        with refused("carry-differs"):
            look("carry-remainder", command, march, *streams)
    with refused("carry-differs"):
        look("carry-remainder", carry(0), march, february(None))


def certified() -> Account:
    return Account().open().meter(0, 9 * MWH).issue(4).issue(5)


def issue(**changes) -> g.IssueGuarantee:
    given = {
        "certificate": 1,
        "certified_at": 3,
        "produced_from": BEGIN,
        "produced_to": END,
        "technology": "solar",
        "holder": BUYER,
        "valid_from": SETTLED,
        "basis": METERS,
    }
    return g.IssueGuarantee(**{**given, **changes})


def test_a_batch_is_of_a_certificate_not_used_yet():
    look("issue", issue(), Batch(1, 4).subject, certified())
    look("issue", issue(certificate=2, certified_at=4), Batch(5, 9).subject, certified())
    for changes in (
        {"certified_at": 2},
        {"certified_at": 5},
        {"certificate": 2},
        {"technology": "wind"},
        {"holder": TRADER},
        {"produced_to": "2024-04-30T21:00:00Z"},
    ):
        with refused("certificate-differs"):
            look("issue", issue(**changes), Batch(1, 4).subject, certified())
    with refused("certificate-differs"):
        look("issue", issue(), Batch(1, 3).subject, certified())
    with refused("certificate-differs"):
        look("issue", issue(), Batch(1, 4).subject, certified().use(1))
    with refused("certificate-differs"):
        look("issue", issue(), Batch(1, 4).subject)


def test_a_part_is_one_that_the_split_names():
    parent = Batch(1, 100).issue()
    parent.do(g.SplitGuarantee(holder=BUYER, mwh=(60, 40), valid_from="2024-05-02", basis=METERS))

    def part(**changes) -> g.SeparateGuarantee:
        given = {
            "parent": parent.subject,
            "split_at": 2,
            "produced_from": BEGIN,
            "produced_to": END,
            "technology": "solar",
            "holder": BUYER,
            "transfer_until": "2025-03-31T21:00:00Z",
            "expires": "2025-09-30T21:00:00Z",
            "valid_from": "2024-05-02",
            "basis": METERS,
        }
        return g.SeparateGuarantee(**{**given, **changes})

    look("separate", part(), Batch(61, 100).subject, parent)
    for changes in ({"split_at": 1}, {"split_at": 3}, {"holder": TRADER}, {"expires": "2026-09-30T21:00:00Z"}):
        with refused("split-differs"):
            look("separate", part(**changes), Batch(61, 100).subject, parent)
    with refused("split-differs"):
        look("separate", part(), Batch(61, 99).subject, parent)
    with refused("split-differs"):
        look("separate", part(), Batch(61, 100).subject)


def test_a_certificate_is_used_up_by_a_guarantee_that_stands():
    use = a.UseCertificate(number=1, valid_from=SETTLED, basis=METERS)
    account = certified()
    look("use-certificate", use, account.subject, account, Batch(1, 4).issue())
    with refused("guarantee-differs"):
        look("use-certificate", use, account.subject, account, Batch(5, 9).issue())


def test_units_come_back_from_a_guarantee_that_was_withdrawn():
    back = a.WithdrawCertificate(first=1, last=4, withdrawn_at=4, valid_from=SETTLED, basis=COURT)
    batch = Batch(1, 4).issue()
    with refused("guarantee-differs"):
        look("withdraw-certificate", back, certified().subject, batch)
    batch.both(g.WithdrawGuarantee(valid_from="2024-05-02", basis=COURT))
    look("withdraw-certificate", back, certified().subject, batch)
    with refused("guarantee-differs"):
        look("withdraw-certificate", back, certified().subject)


def test_a_certificate_does_not_come_back_under_a_guarantee_that_stands():
    back = a.WithdrawCertificate(first=1, last=4, valid_from=SETTLED, basis=COURT)
    account, batch = certified(), Batch(1, 4).issue()
    look("withdraw-certificate", back, account.subject, account)
    with refused("guarantee-differs"):
        look("withdraw-certificate", back, account.subject, account, batch)
    account.do(back)
    approve = common.Approve(proposal=account.version)
    look("approve", approve, account.subject, account)
    with refused("guarantee-differs"):  # the guarantee began while the withdrawal waited
        look("approve", approve, account.subject, account, batch)


def test_a_batch_does_not_come_back_whose_account_took_its_units_back():
    account, batch = certified(), Batch(1, 4).issue()
    batch.both(g.WithdrawGuarantee(valid_from="2024-05-02", basis=COURT))
    again = common.Reinstate(by="court", basis=COURT)
    look("reinstate", again, batch.subject, batch, account)
    batch.do(again)
    approve = common.Approve(proposal=batch.version)
    look("approve", approve, batch.subject, batch, account)
    account.both(a.WithdrawCertificate(first=1, last=4, valid_from=SETTLED, basis=COURT))
    for name, command in (("reinstate", again), ("approve", approve)):
        with refused("units-elsewhere"):
            look(name, command, batch.subject, batch, account)


def test_a_batch_does_not_come_back_beside_its_parts():
    batch = Batch(1, 100).issue()
    undo = common.Annul(by="court", basis=COURT, from_version=2)
    look("annul", undo, batch.subject, batch)
    batch.do(g.SplitGuarantee(holder=BUYER, mwh=(60, 40), valid_from="2024-05-02", basis=METERS))
    look("annul", undo, batch.subject, batch)
    with refused("units-elsewhere"):
        look("annul", undo, batch.subject, batch, Batch(61, 100).separate(batch.subject))


def test_a_month_is_not_opened_again_whose_remainder_is_used():
    month, again = february(1_500_000), common.Reinstate(by="court", basis=COURT)
    march = Account()
    look("reinstate", again, month.subject, month)
    month.do(again)
    approve = common.Approve(proposal=month.version)
    march.open(carried_in_wh=month.state.closing.carried_wh, closed_at=month.version)
    for name, command in (("reinstate", again), ("approve", approve)):
        with refused("carry-differs"):
            look(name, command, month.subject, month, march)


def test_units_are_not_recorded_whose_account_stands_here():
    batch = Batch(1, 4).issue()
    told = Record(as_of="2024", state=batch.state, basis=METERS)
    look("record", told, batch.subject)
    with refused("units-elsewhere"):
        look("record", told, batch.subject, certified())
