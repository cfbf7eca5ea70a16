import dataclasses

from litopys.event.streams import Citation
from litopys.sourcing import commands as common
from litopys.sourcing.facts import Decided
from services.energy.domain.generation_account import commands as a
from services.energy.domain.generation_account.state import MOST_CERTIFICATES, MOST_WITHDRAWN, Units
from services.energy.domain.generation_account.sums import remainder_wh
from tests.support.driving import COURT, ONE, TWO, refused
from tests.support.energy import METERS, MWH, PLANT, SETTLED, Account


def withdraw(first, last, withdrawn_at=None):
    return a.WithdrawCertificate(first=first, last=last, withdrawn_at=withdrawn_at, valid_from=SETTLED, basis=COURT)


def test_certificates_never_exceed_the_output_in_whole_mwh():
    p = Account().open().meter(0, 5 * MWH - 1, MWH)
    with refused("exceeds-output"):
        p.issue(6)
    p.issue(2).issue()
    assert [(one.number, one.first, one.last) for one in p.state.certificates] == [(1, 1, 2), (2, 3, 5)]
    assert remainder_wh(p.state) == MWH - 1
    with refused("nothing-to-certify"):
        p.issue()
    p.meter(2, 1).issue()
    assert remainder_wh(p.state) == 0


def test_what_was_drawn_counts_against_it():
    p = Account().open().meter(0, 2 * MWH, -1)
    with refused("exceeds-output"):
        p.issue(2)


def test_certificates_and_units_are_numbered_on():
    p = Account().open().meter(0, 9 * MWH).issue(2)
    issued = p.facts[-1].data
    for changes in ({"number": 3, "first": 3, "last": 3}, {"number": 2, "first": 4, "last": 4}):
        with refused("number"):
            p.take(Decided("certificate_issued", 1, dataclasses.replace(issued, **changes)))
    with refused("number"):
        p.take(Decided("certificate_issued", 1, dataclasses.replace(issued, number=2, first=3, last=2)))


def test_a_certificate_is_used_up_once_by_the_guarantee_of_its_units():
    p = Account().open().meter(0, 9 * MWH).issue(4).issue(5)
    p.use(1)
    used = p.facts[-1]
    assert used.cites == (Citation(f"guarantee_of_origin:{PLANT}:2024-03:1-4", 1),)
    with refused("no-such-certificate"):
        p.use(1)
    for cites in ((), (Citation(f"guarantee_of_origin:{PLANT}:2024-03:1-4", 1),)):
        with refused("guarantee-not-cited"):
            p.take(Decided("certificate_used", 1, dataclasses.replace(used.data, number=2), cites))
    assert [one.number for one in p.state.certificates] == [2]


def test_a_correction_below_what_was_issued_leaves_a_deficit_that_blocks_issuing():
    p = Account().open().meter(0, 9 * MWH).meter(1, 9 * MWH).issue(18).use(1)
    p.correct(0, 9 * MWH, 4 * MWH, corrects=2)
    assert p.state.standing.inconsistent == ("deficit",)
    assert remainder_wh(p.state) == -5 * MWH
    with refused("deficit"):
        p.issue(1)
    p.both(withdraw(11, 18, withdrawn_at=4))
    assert p.state.standing.inconsistent == ()
    assert p.facts[-1].cites == (Citation(f"guarantee_of_origin:{PLANT}:2024-03:11-18", 4),)
    p.issue()
    assert [(one.first, one.last) for one in p.state.certificates] == [(19, 21)]


def test_units_are_taken_back_once_and_by_two_persons():
    p = Account().open().meter(0, 9 * MWH).issue(4).issue(5).use(1)
    with refused("no-such-certificate"):
        p.do(withdraw(9, 10))
    with refused("no-such-certificate"):
        p.do(withdraw(5, 8))
    with refused("guarantee-not-cited"):
        p.do(withdraw(1, 2))
    p.both(withdraw(5, 9))
    assert p.state.certificates == ()
    p.both(withdraw(1, 4, withdrawn_at=3))
    assert p.state.withdrawn == (Units(1, 9),)
    with refused("withdrawn-already"):
        p.do(withdraw(2, 3, withdrawn_at=3))
    alone = Account().open().meter(0, 9 * MWH).issue()
    assert alone.do(withdraw(1, 9), actor=ONE) == ["proposed"]
    with refused("four-eyes"):
        alone.do(common.Approve(proposal=alone.version), actor=ONE)


def test_lists_are_bounded():
    p = Account().open().meter(0, 100 * MWH)
    for _ in range(MOST_CERTIFICATES):
        p.issue(1)
    with refused("too-many"):
        p.issue(1)
    q = Account().open().meter(0, 100 * MWH).issue(99).use(1)
    for number in range(MOST_WITHDRAWN):
        q.both(withdraw(2 * number + 1, 2 * number + 1, withdrawn_at=3))
    with refused("too-many"):
        q.do(withdraw(98, 98, withdrawn_at=3))
    q.both(withdraw(2, 2, withdrawn_at=3))
    assert q.state.withdrawn[0] == Units(1, 3)


def test_the_register_asks_for_a_month_that_is_over():
    p = Account().open().meter(0, 9 * MWH)
    with refused("future"):
        p.do(a.IssueCertificate(valid_from="2027-01-01", basis=METERS))


def test_an_annulment_that_waited_takes_no_certificate_back():
    p = Account().open().meter(0, 5_900_000)
    p.do(common.Annul(by="court", basis=COURT, from_moment="2024-03", state=p.state))
    waiting = p.version
    p.issue(5)
    with refused("carried-otherwise"):
        p.do(common.Approve(proposal=waiting), TWO)
    assert p.state.issued == 5
