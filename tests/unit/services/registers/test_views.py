from litopys.sourcing import commands as common
from litopys.sourcing.common import Voided
from litopys.sourcing.facts import Decided
from litopys.sourcing.money import Money
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.views import view, view_at
from services.registers.domain.parcel_change.views import view as view_change
from services.registers.domain.parcel_change.views import view_at as view_change_at
from tests.support.changes import CHANGE, Land
from tests.support.parcels import CONTRACT, COURT, Parcel


def holders(seen) -> set[str]:
    return {holding["id"] for holding in seen["holdings"]}


def test_now_is_the_state():
    parcel = Parcel().record("1/2", "1/2")
    assert view(parcel.state)["holdings"][0]["share"] == "1/2"
    assert list(view(parcel.state)) == list(parcel.state.__dataclass_fields__)


def test_who_held_when():
    parcel = Parcel().record("1/1", since="2015")
    first = parcel.holders()[0]
    parcel.both(parcel.transfer("1/2", "1/2", on="2026-03-01"))
    second = set(parcel.holders())
    assert holders(view_at(parcel.facts, "2026-02-28")) == {first}
    assert holders(view_at(parcel.facts, "2026-03-01")) == second
    assert holders(view_at(parcel.facts, "2014")) == set()
    assert view_at(parcel.facts[:1], "2026-03-01")["holdings"][0]["valid_to"] is None  # nobody knew yet


def test_also_what_the_state_has_forgotten():
    parcel = Parcel().record("1/1", since="1980")
    first = parcel.holders()[0]
    for year in range(1981, 2025):
        parcel.both(parcel.transfer("1/2", "1/2", on=str(year)))
    assert first not in {holding.id for holding in parcel.state.holdings}
    assert holders(view_at(parcel.facts, "1980-06")) == {first}


def test_measures_and_values_by_their_time():
    parcel = Parcel().record()
    parcel.do(c.CorrectBoundary(area_m2=2, boundary=None, valid_from="2020", basis=CONTRACT))
    parcel.do(c.CorrectBoundary(area_m2=1, boundary=None, valid_from="2018", basis=CONTRACT))  # told late
    parcel.do(c.Value(amount=Money(20, "UAH"), valid_from="2020", basis=CONTRACT))
    parcel.do(c.Value(amount=Money(10, "UAH"), valid_from="2018", basis=CONTRACT))
    for moment, area, minor in (("2017", 34800, None), ("2018", 1, 10), ("2019-12-31", 1, 10), ("2020-01-01", 2, 20)):
        seen = view_at(parcel.facts, moment)
        assert seen["area_m2"] == area
        assert (seen["valuation"] and seen["valuation"]["amount"]["minor"]) == minor


def test_a_correction_is_of_what_was_wrong_all_along():
    parcel = Parcel().record("1/1", since="2015")
    holder = parcel.holders()[0]
    parcel.both(common.Correct(field="area_m2", old=34800, new=34801, basis=COURT))
    parcel.both(common.Correct(field=f"holdings/{holder}/valid_from", old="2015", new="2016", basis=COURT))
    assert view_at(parcel.facts, "2014")["area_m2"] == 34801
    assert holders(view_at(parcel.facts, "2015-06")) == set()
    assert holders(view_at(parcel.facts, "2016")) == {holder}


def test_annulled_facts_never_held():
    parcel = Parcel().record("1/1", since="2015")
    first = parcel.holders()[0]
    parcel.both(parcel.transfer(on="2020"))
    parcel.do(parcel.seize(on="2021"))
    parcel.both(common.Annul(by="court", basis=COURT, from_version=2))
    seen = view_at(parcel.facts, "2022")
    assert holders(seen) == {first}
    assert seen["seizures"] == []


def test_an_ended_parcel_lived_before():
    parcel = Parcel().record()
    parcel.do(c.Close(reason="скасування", valid_from="2025", basis=COURT))
    assert view_at(parcel.facts, "2024-12-31")["standing"]["status"] == "live"
    assert view_at(parcel.facts, "2024-12-31")["ended_by"] is None
    assert view_at(parcel.facts, "2025")["ended_by"] == "closed"


def test_voided_facts_tell_nothing():
    parcel = Parcel()
    parcel.take(Decided("voided", 1, Voided("rule")))
    assert view_at(parcel.facts, "2025") is None
    parcel.record("1/1")
    assert len(view_at(parcel.facts, "2025")["holdings"]) == 1


def test_a_parcel_in_a_change_is_there_from_the_changes_moment_on():
    land = Land()
    land.record(1, "1/1")
    land.propose([1], {11: 30_000, 12: 4_800})
    land.keep()
    parent, child = land.parcel(1), land.parcel(11)
    assert view(parent.state)["reservation"]["change"] == CHANGE
    assert view(child.state)["foreseen"]["change"] == CHANGE
    assert view_at(child.facts, "2026-11-20") is None
    land.approve()
    land.follow()
    assert view_at(child.facts, "2026-11-19") is None
    assert view_at(child.facts, "2026-11-20")["area_m2"] == 30_000
    before, after = view_at(parent.facts, "2026-11-19"), view_at(parent.facts, "2026-11-20")
    assert (before["standing"]["status"], before["ended_by"]) == ("live", None)
    assert (after["standing"]["status"], after["ended_by"]) == ("ended", "divided")


def test_a_change_has_effect_from_its_moment_on():
    land = Land()
    land.record(1, "1/1")
    land.propose([1], {11: 30_000, 12: 4_800})
    stream = land.stream(CHANGE)
    assert not view_change_at(stream.facts, "2026-11-21")["in_effect"]
    land.keep()
    land.approve()
    land.follow()
    assert view_change(stream.state)["in_effect"]
    assert [view_change_at(stream.facts, f"2026-11-{day}")["in_effect"] for day in (19, 20)] == [False, True]
    assert view_change_at([], "2026-11-21") is None


def test_a_title_that_passed_on_at_the_moment_it_began_is_not_shown():
    parcel = Parcel().record("1/1", since="2026-03-01")
    parcel.both(parcel.transfer("1/1", on="2026-03-01"))
    assert [held["id"] for held in view_at(parcel.facts, "2026-04-01")["holdings"]] == parcel.holders()
