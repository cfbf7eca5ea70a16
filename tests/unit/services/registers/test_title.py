from dataclasses import replace

import pytest
from stdnum.ua import rntrc

from litopys.event.streams import Citation
from litopys.sourcing.common import Approved
from litopys.sourcing.facts import Decided
from litopys.sourcing.shapes import shape_of
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.events import TitleTransferred
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from tests.support.parcels import CONTRACT, COURT, IMPORTED, ONE, TWO, Parcel, refused


def test_no_title_no_shares():
    parcel = Parcel().record()
    with refused("no-title"):
        parcel.do(parcel.transfer())
    with refused("no-title"):
        parcel.do(parcel.mortgage())


def test_shares_of_a_first_title_add_up_to_one():
    parcel = Parcel().record()
    for shares in (("1/2",), ("1/2", "1/3"), ("1/1", "1/2"), ("999999998/999999999",)):
        owners = tuple(parcel.owner(share) for share in shares)
        with refused("shares-not-whole"):
            parcel.do(c.RegisterTitle(owners=owners, valid_from="2026-02-01", basis=CONTRACT))
    owners = tuple(parcel.owner(share) for share in ("1/2", "1/3", "1/6"))
    assert parcel.do(c.RegisterTitle(owners=owners, valid_from="2026-02-01", basis=CONTRACT)) == ["title_registered"]
    assert parcel.shares() == ["1/2", "1/3", "1/6"]


def test_a_second_first_title_is_refused():
    parcel = Parcel().record("1/1")
    with refused("title-exists"):
        parcel.do(c.RegisterTitle(owners=(parcel.owner(),), valid_from="2026-02-01", basis=CONTRACT))
    with refused("title-exists"):
        parcel.do(c.RegisterTitle(owners=(parcel.owner(),), valid_from="2001-02-01", basis=CONTRACT))


def test_joint_owners_are_one_undivided_holder():
    parcel = Parcel().record()
    joint = parcel.owner("1/1", persons=2)
    parcel.do(c.RegisterTitle(owners=(joint,), valid_from="2026-02-01", basis=CONTRACT))
    assert parcel.holders() == [joint.persons[0].id]
    with refused("not-a-holder"):
        parcel.do(
            c.TransferShare(
                holder=joint.persons[1].id,
                owners=(parcel.owner("1/2"),),
                ground="sale",
                valid_from="2026-03-01",
                basis=CONTRACT,
            )
        )


def test_title_passes_with_four_eyes():
    parcel = Parcel().record("1/2", "1/2")
    before = parcel.holders()
    assert parcel.do(parcel.transfer("1/3", "2/3"), actor=ONE) == ["proposed"]
    assert parcel.holders() == before
    with refused("four-eyes"):
        parcel.agree(actor=ONE)
    assert parcel.agree(actor=TWO) == ["approved", "title_transferred"]
    assert parcel.shares() == ["1/3", "2/3"]
    assert parcel.state.standing.proposals == ()
    assert not set(before) & set(parcel.holders())


def test_share_passes_in_part_and_the_rest_stays():
    parcel = Parcel().record("1/2", "1/2")
    giver, other = parcel.holders()
    given = c.TransferShare(
        holder=giver, owners=(parcel.owner("1/6"),), ground="gift", valid_from="2026-03-01", basis=CONTRACT
    )
    parcel.both(given)
    assert sorted(parcel.shares()) == ["1/2", "1/3", "1/6"]
    assert {h.id: h.share for h in parcel.state.holdings if h.valid_to is None}[giver] == "1/3"
    assert {h.id: h.share for h in parcel.state.holdings if h.valid_to is None}[other] == "1/2"


@pytest.mark.parametrize("shares", [("2/3",), ("1/2", "1/100"), ("1/1", "1/1")])
def test_nobody_gives_more_than_held(shares):
    parcel = Parcel().record("1/2", "1/2")
    owners = tuple(parcel.owner(share) for share in shares)
    with refused("share-exceeded"):
        parcel.do(
            c.TransferShare(
                holder=parcel.holders()[0], owners=owners, ground="sale", valid_from="2026-03-01", basis=CONTRACT
            )
        )


def test_heirs_get_exactly_the_share():
    parcel = Parcel().record("1/2", "1/2")
    dead = parcel.holders()[0]
    for shares in (("1/4",), ("1/4", "1/3")):
        owners = tuple(parcel.owner(share) for share in shares)
        with refused("share-not-conserved"):
            parcel.do(c.Inherit(holder=dead, owners=owners, valid_from="2026-03-01", basis=CONTRACT))
    owners = (parcel.owner("1/6"), parcel.owner("1/3"))
    parcel.both(c.Inherit(holder=dead, owners=owners, valid_from="2026-03-01", basis=CONTRACT))
    assert sorted(parcel.shares()) == ["1/2", "1/3", "1/6"]
    assert dead not in parcel.holders()


def test_no_title_moves_under_seizure_but_by_force_or_death():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.seize())
    for ground in ("sale", "gift", "exchange", "privatisation", "contribution"):
        with refused("under-seizure"):
            parcel.do(parcel.transfer(ground=ground))
    for ground in ("enforcement", "court", "succession"):
        parcel.both(parcel.transfer(ground=ground))
    parcel.both(
        c.Inherit(holder=parcel.holders()[0], owners=(parcel.owner(),), valid_from="2026-03-01", basis=CONTRACT)
    )
    with refused("under-seizure"):
        parcel.do(parcel.mortgage(on="2026-03-02"))


def test_a_late_fact_is_judged_by_its_valid_time():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.seize(on="2026-05-01"))
    parcel.both(parcel.transfer(on="2026-03-01"))  # recorded after the seizure, held before it
    with refused("under-seizure"):
        parcel.do(parcel.transfer(on="2026-05-01"))
    parcel.both(c.LiftSeizure(number=1, valid_from="2026-06-01", basis=COURT))
    with refused("under-seizure"):
        parcel.do(parcel.transfer(on="2026-05-15"))
    parcel.both(parcel.transfer(on="2026-06-01"))


def test_a_late_mortgage_is_by_who_held_then():
    parcel = Parcel().record("1/1")
    first = parcel.holders()[0]
    parcel.both(parcel.transfer(on="2026-03-01"))
    with refused("not-a-holder"):
        parcel.do(parcel.mortgage(on="2026-02-01", holders=(parcel.holders()[0],)))
    assert parcel.do(parcel.mortgage(on="2026-02-01", holders=(first,))) == ["mortgaged"]
    with refused("not-a-holder"):
        parcel.do(parcel.mortgage(on="2026-03-02", holders=(first,)))


def test_nothing_slips_under_a_later_title():
    parcel = Parcel().record("1/1")
    parcel.both(parcel.transfer(on="2026-03-01"))
    with refused("later-title"):
        parcel.do(parcel.transfer(on="2026-02-01"))


def test_precision_decides_what_held():
    parcel = Parcel().record("1/1", since="2015-06")
    with refused("later-title"):
        parcel.do(parcel.transfer(on="2015-05"))
    parcel.both(parcel.transfer(on="2015-06"))
    parcel.both(parcel.transfer(on="2015-06-01T12:00:00Z"))
    assert len(parcel.state.holdings) == 2  # the first never held: it was replaced at the moment of its beginning


def test_a_transfer_under_mortgage_rests_on_the_consent():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.mortgage())
    with refused("consent-missing"):
        parcel.do(parcel.transfer())
    with refused("no-such-number"):
        parcel.do(c.ConsentToTransfer(mortgage=2, valid_from="2026-02-01", basis=CONTRACT))
    parcel.do(c.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", valid_to="2026-04-01", basis=CONTRACT))
    consent = parcel.version
    with refused("no-such-consent"):
        parcel.do(parcel.transfer(on="2026-04-01", consents=(consent,)))
    parcel.both(parcel.transfer(on="2026-03-01", consents=(consent,)))
    assert parcel.events[-1].cites == ((parcel.subject, consent),)
    with refused("no-such-consent"):  # used up
        parcel.do(parcel.transfer(on="2026-03-02", consents=(consent,)))
    assert parcel.state.mortgages[0].valid_to is None  # the mortgage follows the land


def test_each_mortgagee_consents():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.mortgage())
    parcel.do(parcel.mortgage(on="2026-01-12"))
    parcel.do(c.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    first = parcel.version
    parcel.do(c.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    again = parcel.version
    with refused("consent-missing"):
        parcel.do(parcel.transfer(consents=(first,)))
    with refused("consent-idle"):
        parcel.do(parcel.transfer(consents=(first, again)))
    parcel.do(c.ConsentToTransfer(mortgage=2, valid_from="2026-02-01", basis=CONTRACT))
    second = parcel.version
    parcel.both(parcel.transfer(consents=(first, second)))
    assert parcel.events[-1].cites == ((parcel.subject, second),)


def test_consent_is_cited():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.mortgage())
    parcel.do(c.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    parcel.do(parcel.transfer(consents=(3,)))
    proposed = parcel.facts[-1]
    parcel.take(Decided("approved", 1, Approved(4)), TWO)
    with refused("consent-not-cited"):
        parcel.take(Decided("title_transferred", 1, LAND_PARCEL.decode_content(proposed)), TWO)


def test_release_ends_the_burden_and_its_consents():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.mortgage())
    parcel.do(c.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    parcel.do(c.ReleaseMortgage(number=1, valid_from="2026-02-20", basis=CONTRACT))
    assert parcel.state.consents == ()
    parcel.both(parcel.transfer(on="2026-03-01"))
    with refused("ended-already"):
        parcel.do(c.ReleaseMortgage(number=1, valid_from="2026-02-21", basis=CONTRACT))


def test_the_whole_title_passes_from_all_its_holders():
    parcel = Parcel().record("1/2", "1/2")
    parcel.do(parcel.transfer())
    content = dict(parcel.events[-1].data["content"])
    parcel.events.pop()
    transfer = shape_of(TitleTransferred).decode(content)
    only_one = replace(transfer, holders=transfer.holders[:1], imported=IMPORTED)
    with refused("not-the-holders"):
        parcel.take(Decided("title_transferred", 1, only_one, (Citation(f"registers_import:{IMPORTED.id}", 1),)))


def test_a_person_comes_under_a_fresh_id():
    parcel = Parcel().record("1/1")
    owner = parcel.owner()
    parcel.both(c.TransferTitle(owners=(owner,), ground="sale", valid_from="2026-03-01", basis=CONTRACT))
    with refused("person-id-used"):
        parcel.do(c.TransferTitle(owners=(owner,), ground="sale", valid_from="2026-03-02", basis=CONTRACT))


def test_holders_are_bounded():
    parcel = Parcel().record("1/1")
    parcel.both(parcel.transfer(*["1/32"] * 32))
    with refused("too-many"):
        parcel.do(
            c.TransferShare(
                holder=parcel.holders()[0],
                owners=(parcel.owner("1/64"),),
                ground="gift",
                valid_from="2026-03-02",
                basis=CONTRACT,
            )
        )


def test_what_is_forgotten_is_not_judged():
    parcel = Parcel().record("1/1", since="1990")
    for year in range(1991, 2026):
        parcel.both(parcel.transfer("1/2", "1/2", on=str(year)))
    assert parcel.state.horizon is not None
    with refused("beyond-memory"):
        parcel.do(parcel.mortgage(on="1991"))


def test_inherited_contradiction_is_listed_and_does_not_bind_later_changes():
    parcel = Parcel().record("1/2", "1/3")
    assert parcel.state.standing.inconsistent == ("shares-not-whole",)
    parcel.do(parcel.mortgage())
    parcel.do(c.ReleaseMortgage(number=1, valid_from="2026-02-01", basis=CONTRACT))
    parcel.both(
        c.Inherit(holder=parcel.holders()[0], owners=(parcel.owner("1/2"),), valid_from="2026-03-01", basis=CONTRACT)
    )
    assert parcel.state.standing.inconsistent == ("shares-not-whole",)
    parcel.both(parcel.transfer("1/1", on="2026-03-02"))
    assert parcel.state.standing.inconsistent == ()


def test_a_title_is_not_entered_before_it_holds():
    parcel = Parcel().record("1/1")
    with refused("future"):
        parcel.do(parcel.transfer(on="2027-01-01"))


def test_a_person_is_named_once_and_by_something():
    parcel = Parcel().record()
    code = "990010000" + rntrc.calc_check_digit("990010000")
    owners = (parcel.owner("1/2", code=code), parcel.owner("1/2", code=code))
    with refused("person-twice"):
        parcel.do(c.RegisterTitle(owners=owners, valid_from="2026-02-01", basis=CONTRACT))
    bad = "12345"
    owners = (parcel.owner("1/2", code=bad), parcel.owner("1/2", code=bad))
    parcel.do(c.RegisterTitle(owners=owners, valid_from="2026-02-01", basis=CONTRACT))  # a failing code is no key
    with refused("person-unidentified"):
        Parcel().record().do(
            c.RegisterTitle(owners=(parcel.owner(code=None, document=None),), valid_from="2026-02-01", basis=CONTRACT)
        )
