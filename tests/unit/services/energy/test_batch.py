import dataclasses

import pytest

from litopys.event.streams import Citation
from litopys.sourcing import commands as common
from litopys.sourcing.facts import Decided
from services.energy.domain.guarantee_of_origin import commands as g
from services.energy.domain.guarantee_of_origin.batch import batch_of, units_of
from services.energy.domain.guarantee_of_origin.register_rules import months_after
from services.energy.domain.guarantee_of_origin.views import view_at
from services.energy.domain.recording import Record
from tests.support.driving import COURT, ONE, refused
from tests.support.energy import BUYER, LAW, METERS, PLANT, SUPPLIER, TRADER, Batch

NAME = f"guarantee_of_origin:{PLANT}:2024-03:1-100"
ACCOUNT = f"generation_account:{PLANT}:2024-03"


def split(*mwh, by=BUYER, on="2024-05-02"):
    return g.SplitGuarantee(holder=by, mwh=mwh, valid_from=on, basis=METERS)


def test_a_batch_rests_on_a_certificate_and_its_deadlines_are_stated():
    p = Batch().issue()
    assert p.facts[0].cites == (Citation(ACCOUNT, 4),)
    assert (p.state.transfer_until, p.state.expires) == ("2025-03-31T21:00:00Z", "2025-09-30T21:00:00Z")
    with refused("certificate-not-cited"):
        Batch().take(Decided("issued", 1, p.facts[0].data))


def test_months_after_end_where_a_month_is_shorter():
    assert months_after("2024-08-31T21:00:00Z", 18) == "2026-02-28T21:00:00Z"
    assert months_after("2024-12-01T00:00:00Z", 12) == "2025-12-01T00:00:00Z"


def test_a_batch_is_named_by_its_units():
    issued = Batch().issue().facts[0]
    with refused("batch-key"):
        Batch(1, 99).take(Decided("issued", 1, issued.data, issued.cites))
    with refused("batch-key"):
        Batch(1, 99).do(Record(as_of="2024", state=Batch().issue().state, basis=METERS))
    assert units_of(NAME) == (ACCOUNT, 1, 100)
    assert batch_of(*units_of(NAME)) == NAME


@pytest.mark.parametrize("changes", [{"produced_to": "2024-02-29T22:00:00Z"}, {"expires": "2024-04-01T00:00:00Z"}])
def test_deadlines_follow_production(changes):
    issued = Batch().issue().facts[0]
    with refused("deadlines"):
        Batch().take(Decided("issued", 1, dataclasses.replace(issued.data, **changes), issued.cites))


def test_only_the_holder_moves_it():
    p = Batch().issue().transfer(TRADER)
    with refused("not-the-holder"):
        p.transfer(SUPPLIER, by=BUYER)
    with refused("not-the-holder"):
        p.redeem(by=BUYER)
    with refused("not-the-holder"):
        p.do(split(1, 99))
    with refused("holder-already"):
        p.transfer(TRADER, by=TRADER)
    with refused("eic-check"):
        p.transfer("99XTRADER-ONE--P", by=TRADER)
    p.transfer(SUPPLIER, by=TRADER, on="2024-05-03").redeem(by=SUPPLIER)
    assert p.state.ended_by == "redeemed"


def test_it_is_redeemed_once():
    p = Batch().issue().redeem()
    with refused("ended"):
        p.redeem()
    with refused("ended"):
        p.transfer(TRADER)


def test_a_beneficiary_is_named_with_a_code_and_stands_as_digests():
    with refused("beneficiary-unidentified"):
        Batch().issue().redeem(code=None)
    p = Batch().issue().redeem()
    assert "99000015" not in repr(p.events[-1].data)
    kept = list(p.sealing.kept(repr(p.events[-1].data).encode()))
    assert {one.name for one in kept} == {"kind", "name", "edrpou", "code_check", "country"}
    assert all(one.is_open for one in kept)


def test_the_tax_number_of_a_natural_beneficiary_is_closed():
    p = Batch().issue().redeem(kind="natural", name="Зразко Олена", code="9900000001")
    kept = list(p.sealing.kept(repr(p.events[-1].data).encode()))
    assert [one.name for one in kept if not one.is_open] == ["code"]
    assert len(kept) == 5


def test_it_moves_and_is_redeemed_in_time():
    Batch().issue().transfer(TRADER, on="2025-03-31T21:00:00Z")
    with refused("too-late"):
        Batch().issue().transfer(TRADER, on="2025-03-31T21:00:01Z")
    with refused("too-late"):
        Batch().issue().redeem(on="2025-10")
    Batch().issue().redeem(on="2025-09-30T21:00:00Z")


def test_it_expires_at_its_end_and_not_before():
    early = "2025-09-30T20:59:59.000Z"
    with refused("not-expired"):
        Batch().issue().do(g.ExpireGuarantee(basis=LAW), time=early)
    p = Batch().issue()
    p.do(g.ExpireGuarantee(basis=LAW))
    assert p.state.ended_by == "expired"


def test_a_late_fact_does_not_slip_under_a_later_holder():
    p = Batch().issue().transfer(TRADER, on="2024-07-01")
    with refused("later-holder"):
        p.transfer(SUPPLIER, by=TRADER, on="2024-06-01")
    with refused("future"):
        p.transfer(SUPPLIER, by=TRADER, on="2030-06-01")


def test_the_parts_hold_the_units_of_the_batch():
    p = Batch().issue()
    with refused("split-sum"):
        p.do(split(60, 41))
    p.do(split(60, 30, 10))
    said = p.facts[-1].data
    assert [(part.first, part.last) for part in said.parts] == [(1, 60), (61, 90), (91, 100)]
    for parts in (said.parts[:2], said.parts[::-1], (said.parts[0], said.parts[2]), (said.parts[1], said.parts[2])):
        with refused("units-not-conserved"):
            Batch().issue().take(Decided("split", 1, dataclasses.replace(said, parts=parts)))


def test_a_part_rests_on_the_split_of_its_batch():
    p = Batch(61, 100).separate(NAME)
    assert p.facts[0].cites == (Citation(NAME, 2),)
    with refused("split-not-cited"):
        Batch(61, 100).take(Decided("separated", 1, p.facts[0].data))
    for first, last in ((61, 101), (1, 100)):
        with refused("not-a-part"):
            Batch(first, last).separate(NAME)
    with refused("not-a-part"):
        Batch(5, 6).separate(f"guarantee_of_origin:{PLANT}:2024-03:7-100")
    with refused("batch-key"):
        Batch(61, 100, account=f"{PLANT}:2024-04").separate(NAME)


def test_two_persons_withdraw_it():
    p = Batch().issue()
    assert p.do(g.WithdrawGuarantee(valid_from="2024-05-02", basis=COURT), actor=ONE) == ["proposed"]
    with refused("four-eyes"):
        p.do(common.Approve(proposal=2), actor=ONE)
    p.agree()
    assert p.state.ended_by == "withdrawn"
    with refused("ended"):
        p.redeem()


@pytest.mark.parametrize("changes", [{"first": 200}, {"ended_by": "split"}, {"beneficiary": "a" * 32}])
def test_a_carried_state_makes_sense(changes):
    state = dataclasses.replace(Batch().issue().state, **changes)
    with refused("state-unsound"):
        Batch(state.first, state.last).do(Record(as_of="2024", state=state, basis=METERS))


def test_whose_it_was_at_a_time():
    p = Batch().issue().transfer(TRADER, on="2024-05-02").transfer(SUPPLIER, by=TRADER, on="2024-07-01")
    p.redeem(by=SUPPLIER, on="2024-08-01")
    assert view_at(p.facts, "2024-04-09") is None
    holders = [view_at(p.facts, moment)["holder"] for moment in ("2024-04-10", "2024-05-02", "2024-07-05")]
    assert holders == [BUYER, TRADER, SUPPLIER]
    assert [view_at(p.facts, moment)["ended_by"] for moment in ("2024-07-31", "2024-08-01")] == [None, "redeemed"]
    assert view_at(p.facts, "2024-05-03")["beneficiary"] is None


def test_an_annulment_makes_no_other_batch_of_it():
    batch = Batch(1, 5).issue()
    for changes in ({"last": 500}, {"account": f"generation_account:{PLANT}:2024-04"}):
        with refused("carried-otherwise"):
            batch.do(
                common.Annul(
                    by="court", basis=COURT, from_moment="2024", state=dataclasses.replace(batch.state, **changes)
                )
            )
