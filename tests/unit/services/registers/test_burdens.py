import pytest

from litopys.sourcing import commands as common
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.events import SeizureImposed
from tests.support.parcels import CONTRACT, COURT, TWO, Parcel, refused


def lease(parcel: Parcel, on: str, until: str | None = None, **changes):
    return c.RegisterUseRight(
        **{
            "kind": "lease",
            "holder": parcel.person(),
            "valid_from": on,
            "valid_to": until,
            "basis": CONTRACT,
            **changes,
        }
    )


def test_rights_mortgages_and_seizures_are_numbered():
    parcel = Parcel().record("1/1")
    parcel.do(lease(parcel, "2020", "2021"))
    parcel.do(lease(parcel, "2021", "2022"))
    parcel.do(parcel.mortgage())
    parcel.do(parcel.seize())
    parcel.do(parcel.seize(on="2026-02-01"))
    assert [right.number for right in parcel.state.use_rights] == [1, 2]
    assert [seizure.number for seizure in parcel.state.seizures] == [1, 2]
    assert parcel.state.mortgages[0].number == 1


@pytest.mark.parametrize("kind", ["lease", "emphyteusis", "superficies", "permanent_use", "servitude"])
def test_every_kind_of_use_begins_and_ends(kind):
    parcel = Parcel().record()
    if kind == "permanent_use":
        with refused("permanent-use-private"):
            parcel.do(lease(parcel, "2020", kind=kind))
        parcel.both(common.Correct(field="details/ownership", old="private", new="state", basis=COURT))
    parcel.do(lease(parcel, "2020", kind=kind, area_m2=100))
    parcel.do(c.EndUseRight(number=1, valid_from="2024-05-01", basis=CONTRACT))
    assert parcel.state.use_rights[0].valid_to == "2024-05-01"
    with refused("ended-already"):
        parcel.do(c.EndUseRight(number=1, valid_from="2024-05-01", basis=CONTRACT))
    with refused("no-such-number"):
        parcel.do(c.EndUseRight(number=2, valid_from="2024-05-01", basis=CONTRACT))


def test_the_whole_parcel_is_leased_to_one_at_a_time():
    parcel = Parcel().record("1/1")
    parcel.do(lease(parcel, "2020", "2025"))
    for on, until in (("2019", None), ("2024-12-31", None), ("2021", "2022"), ("2019", "2020-02")):
        with refused("lease-overlap"):
            parcel.do(lease(parcel, on, until))
    parcel.do(lease(parcel, "2025", None))
    parcel.do(lease(parcel, "2019", "2020"))
    parcel.do(lease(parcel, "2021", None, area_m2=100))


def test_a_right_ends_after_it_begins_and_within_the_parcel():
    parcel = Parcel().record("1/1")
    with refused("valid-time"):
        parcel.do(lease(parcel, "2020", "2020"))
    with refused("area-exceeded"):
        parcel.do(lease(parcel, "2020", None, area_m2=34801))
    parcel.do(lease(parcel, "2020"))
    with refused("valid-time"):
        parcel.do(c.EndUseRight(number=1, valid_from="2019-12-31", basis=CONTRACT))


def test_lifting_a_seizure_needs_four_eyes():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.seize())
    assert parcel.do(c.LiftSeizure(number=1, valid_from="2026-02-01", basis=COURT)) == ["proposed"]
    assert parcel.state.seizures[0].valid_to is None
    assert parcel.agree(TWO) == ["approved", "seizure_lifted"]
    assert parcel.state.seizures[0].valid_to == "2026-02-01"


def test_an_untitled_parcel_can_be_seized_and_leased_but_not_mortgaged():
    parcel = Parcel().record()
    parcel.do(parcel.seize())
    parcel.do(lease(parcel, "2026-02"))
    with refused("no-title"):
        parcel.do(parcel.mortgage(on="2025"))


def test_what_ended_makes_room_and_what_lives_does_not():
    parcel = Parcel().record("1/1")
    for year in range(1990, 2020):
        parcel.do(lease(parcel, str(year), str(year + 1)))
    assert len(parcel.state.use_rights) == 16
    assert parcel.state.horizon == "2004"
    parcel = Parcel().record("1/1")
    for day in range(12):
        parcel.do(parcel.seize(on=f"2026-01-{day + 1:02}"))
    with refused("too-many"):
        parcel.do(parcel.seize(on="2026-02-01"))


def test_a_wrong_number_is_refused():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.seize())
    for number in (1, 3):
        data = SeizureImposed(number, "суд", "2026-01-01", None, COURT, None)
        decided = Decided("seizure_imposed", 1, data)
        with refused("number"):
            parcel.take(decided)


def test_consents_are_bounded():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.mortgage())
    for _ in range(20):
        parcel.do(c.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    assert [consent.version for consent in parcel.state.consents] == list(range(11, 23))


def test_an_annulment_that_waited_gives_no_number_twice():
    parcel = Parcel().record("1/1")
    parcel.do(common.Annul(by="court", basis=COURT, from_moment="2026", state=parcel.state))
    waiting = parcel.version
    parcel.do(parcel.seize())
    with refused("carried-otherwise"):
        parcel.do(common.Approve(proposal=waiting), TWO)
    assert [seizure.number for seizure in parcel.state.seizures] == [1]


def test_what_names_a_holder_or_a_burden_is_not_corrected():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.seize(until="2026-02-01"))
    parcel.do(parcel.seize())
    (holder,) = parcel.holders()
    for field, old, new in ((f"holdings/{holder}/id", holder, "f" * 32), ("seizures/1/number", 1, 2)):
        with refused("not-correctable"):
            parcel.do(common.Correct(field=field, old=old, new=new, basis=COURT))
