import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litopys.errors import RuleViolated
from litopys.sourcing import commands as common
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import commands as parcels
from services.registers.domain.land_parcel.change_state import ForeseenParcel, ReservedParcel
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change.events import PlacedUseRight, PlannedShare
from tests.support.changes import APPLICATION, CHANGE, EXPIRES, LATER, Land, disclosed, live_parcels, number, plan
from tests.support.driving import CONTRACT, COURT, ONE, TWO, refused
from tests.support.parcels import Parcel

OTHER = "parcel_change:2026-118"
THREE = {11: 10_000, 12: 10_000, 13: 14_800}


def subject(last: int) -> str:
    return f"land_parcel:{number(last)}"


def lease(parcel: Parcel, **changes):
    given = {"kind": "lease", "holder": parcel.person(), "valid_from": "2020", "basis": CONTRACT}
    return parcels.RegisterUseRight(**{**given, **changes})


@pytest.fixture
def land() -> Land:
    """A parcel with two holders, leased and mortgaged with a consent, and another that lies beside it."""
    land = Land()
    parcel = land.record(1, "1/3", "2/3")
    parcel.do(lease(parcel))
    parcel.do(parcel.mortgage())
    parcel.do(parcels.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    land.record(2, "1/1", area_m2=5_200)
    return land


def authorised(land: Land) -> Land:
    land.propose([1], THREE)
    land.keep()
    land.approve()
    return land


def test_a_division_passes_on_title_and_burdens(land):
    land.carry_through([1], THREE)
    assert land.change.phase == "completed"
    assert land.change.standing.status == "ended"
    parent = land.parcel(1).state
    assert (parent.standing.status, parent.ended_by) == ("ended", "divided")
    for last, area in THREE.items():
        child = land.parcel(last)
        assert child.state.area_m2 == area
        assert child.shares() == ["1/3", "2/3"]
        assert [(right.number, right.kind) for right in child.state.use_rights] == [(1, "lease")]
        assert [(held.number, held.valid_from) for held in child.state.mortgages] == [(1, "2026-01-10")]
        assert child.state.details == parent.details
        child.both(child.transfer("1/1", ground="court", on="2026-11-21"))


def test_persons_pass_on_under_fresh_ids_with_their_fields(land):
    land.carry_through([1], THREE)
    before = disclosed(land.parcel(1))
    seen = set(before)
    for last in THREE:
        after = disclosed(land.parcel(last))
        assert len(after) == 4, "two holders, a tenant, a bank"
        assert seen.isdisjoint(after)
        seen |= set(after)
        assert sorted(map(str, after.values())) == sorted(map(str, before.values()))


def test_what_was_erased_stays_erased(land, monkeypatch):
    erased = land.parcel(1).holders()[0]
    monkeypatch.setattr("tests.support.changes.disclosed", lambda stream: _without(stream, erased))
    land.carry_through([1], THREE)
    monkeypatch.undo()
    child = land.parcel(11)
    assert len(child.events[1].data["owners"][0]["persons"][0]["_sd"]) == 6
    assert child.holders()[0] not in disclosed(child)


def _without(stream, person):
    found = disclosed(stream)
    found.pop(person, None)
    return found


def test_a_merger_of_one_persons_parcels_needs_no_word_on_the_title():
    land = Land()
    for last, area in ((1, 100), (2, 200)):
        parcel = land.parcel(last)
        parcel.record(owners=(parcel.owner("1/1", code="3184710691"),), area_m2=area)
        parcel.do(lease(parcel))
    land.carry_through([1, 2], {11: 300})
    child = land.parcel(11).state
    assert land.parcel(11).shares() == ["1/1"]
    assert [right.number for right in child.use_rights] == [1, 2]
    formed = land.parcel(11).events[1].data
    assert [(r["parent"], r["parent_number"], r["area_m2"]) for r in formed["use_rights"]] == [
        (number(1), 1, 100),
        (number(2), 1, 200),
    ], "what lay on a whole parcel lies on a part of the merged one"
    assert land.parcel(1).state.ended_by == land.parcel(2).state.ended_by == "merged"


def test_a_merger_of_several_persons_parcels_says_who_holds_what(land):
    land.parcel(1).do(parcels.ReleaseMortgage(number=1, valid_from="2026-03", basis=CONTRACT))
    with refused("title-unsaid"):
        land.propose([1, 2], {11: 40_000})
    one, two = land.parcel(1).holders()
    (three,) = land.parcel(2).holders()
    title = (
        PlannedShare(number(1), one, "1/4"),
        PlannedShare(number(1), two, "1/4"),
        PlannedShare(number(2), three, "1/2"),
    )
    for dropped in (title[:2], title[1:]):
        whole = tuple(dataclasses.replace(share, share=s) for share, s in zip(dropped, ("1/4", "3/4"), strict=True))
        with refused("holder-dropped"):
            land.do(CHANGE, merger(whole))
    land.do(CHANGE, merger(title))
    land.keep()
    land.approve()
    land.follow()
    assert land.parcel(11).shares() == ["1/4", "1/4", "1/2"]


def merger(title):
    return plan([1, 2], {}, children=(c.NewParcel(number=number(11), area_m2=40_000, title=title),))


def test_a_division_can_part_the_holders_and_place_the_rights(land):
    one, two = land.parcel(1).holders()
    children = tuple(
        c.NewParcel(
            number=number(last),
            area_m2=17_400,
            title=(PlannedShare(number(1), holder, "1/1"),),
            use_rights=(PlacedUseRight(number(1), 1),) if last == 11 else (),
        )
        for last, holder in ((11, one), (12, two))
    )
    land.carry_through([1], {}, children=children)
    assert [len(land.parcel(last).state.use_rights) for last in (11, 12)] == [1, 0]
    assert [len(land.parcel(last).state.mortgages) for last in (11, 12)] == [1, 1], "a mortgage lies on every part"
    assert [land.parcel(last).shares() for last in (11, 12)] == [["1/1"], ["1/1"]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tolerance_m2": 349}, "tolerance"),
        ({"kind": "merger"}, "change-form"),
        ({"parents": (number(1), number(1))}, "change-form"),
        ({"parents": (number(7),)}, "no-such-parcel"),
        ({"expires": "2026-11-23T10:00:00Z"}, "reservation-over"),
        ({"expires": "2026-12-01"}, "reservation-over"),
        ({"valid_from": "2027"}, "future"),
        ({"children": (c.NewParcel(number=number(11), area_m2=34_800),)}, "change-form"),
        ({"children": (c.NewParcel(number=number(11), area_m2=17_400),) * 2}, "parcel-twice"),
        ({"children": (c.NewParcel(number=number(2), area_m2=1), c.NewParcel(number=number(3), area_m2=1))}, "number-"),
    ],
)
@pytest.mark.rule("tolerance", "change-form", "no-such-parcel", "reservation-over", "future", "parcel-twice")
def test_plans_that_are_refused(land, change, code):
    with pytest.raises(RuleViolated, match=f"^{code}"):
        land.do(CHANGE, plan([1], THREE, **change))


def child(last: int, area: int, **changes) -> c.NewParcel:
    return c.NewParcel(number=number(last), area_m2=area, **changes)


def test_areas_add_up_within_the_tolerance(land):
    for areas in ({11: 10_000, 12: 24_801}, {11: 10_000, 12: 24_799}):
        with refused("areas-differ"):
            land.propose([1], areas)
    land.propose([1], {11: 10_000, 12: 24_799}, tolerance_m2=1)


@pytest.mark.rule("no-such-holder", "shares-not-whole", "burden-origin", "no-such-number")
def test_titles_and_rights_in_a_plan_are_the_parents_own(land):
    one, two = land.parcel(1).holders()
    (stranger,) = land.parcel(2).holders()
    for title, code in (
        ((PlannedShare(number(1), stranger, "1/1"),), "no-such-holder"),
        ((PlannedShare(number(1), one, "1/2"), PlannedShare(number(1), one, "1/2")), "no-such-holder"),
        ((PlannedShare(number(1), one, "1/2"), PlannedShare(number(1), two, "1/3")), "shares-not-whole"),
    ):
        with refused(code):
            land.do(CHANGE, plan([1], {}, children=(child(11, 34_000), child(12, 800, title=title))))
    for placed, code in (
        ((PlacedUseRight(number(1), 2),), "no-such-number"),
        ((PlacedUseRight(number(1), 1), PlacedUseRight(number(1), 1)), "burden-origin"),
    ):
        with refused(code):
            land.do(CHANGE, plan([1], {}, children=(child(11, 34_000), child(12, 800, use_rights=placed))))


def test_a_plan_of_an_ended_or_a_kept_parcel_is_refused(land):
    land.propose([1], THREE)
    land.keep()
    for parents, code in (([1], "reserved"), ([11], "no-such-parcel")):
        with refused(code):
            land.do(OTHER, plan(parents, {21: 10_000, 22: 24_800}))
    with refused("number-taken"):
        land.do(OTHER, plan([2], {11: 5_000, 22: 200}))
    land.parcel(2).do(parcels.Close(reason="скасування", valid_from="2026", basis=COURT))
    with refused("ended"):
        land.do(OTHER, plan([2], {21: 5_000, 22: 200}))


def test_a_parcel_is_kept_for_one_change_at_a_time(land):
    land.propose([1], THREE)
    land.do(OTHER, plan([1], {21: 10_000, 22: 24_800}))
    land.do(subject(1), c.ReserveParcel(change=CHANGE))
    with refused("reserved"):
        land.do(subject(1), c.ReserveParcel(change=OTHER))
    land.do(subject(11), c.ForeseeParcel(change=CHANGE))
    with refused("number-taken"):
        land.do(subject(11), c.ForeseeParcel(change=CHANGE))
    with refused("not-in-plan"):
        land.do(subject(2), c.ReserveParcel(change=CHANGE))
    with refused("not-in-plan"):
        land.do(subject(12), c.ForeseeParcel(change=OTHER))
    with refused("no-such-change"):
        land.do(subject(12), c.ForeseeParcel(change="parcel_change:2026-999"))


def test_a_kept_parcel_neither_passes_on_nor_is_burdened_but_can_be_seized(land):
    parcel = land.parcel(1)
    parcel.do(parcel.transfer(ground="court"))
    land.propose([1], THREE)
    land.keep()
    assert isinstance(parcel.state, ReservedParcel)
    for command in (
        parcel.transfer(ground="court"),
        parcel.mortgage(),
        lease(parcel, kind="servitude"),
        parcels.CorrectBoundary(area_m2=1, boundary=None, valid_from="2026-10", basis=CONTRACT),
        parcels.Close(reason="скасування", valid_from="2026-10", basis=CONTRACT),
        parcels.Inherit(holder=parcel.holders()[0], owners=(parcel.owner("1/3"),), valid_from="2026-10", basis=COURT),
        common.Correct(field="details/purpose_code", old="01.01", new="01.03", basis=COURT),
        common.Annul(by="court", basis=COURT, from_version=2),
        common.Supersede(by=subject(2), basis=COURT),
        common.Approve(proposal=5),
    ):
        with refused("reserved"):
            parcel.do(command, TWO)
    proposed = Decided("proposed", 1, parcel.facts[4].data)
    with refused("reserved"):
        parcel.take(proposed)
    parcel.do(parcel.seize())
    parcel.both(parcels.LiftSeizure(number=1, valid_from="2026-11-01", basis=COURT))
    parcel.do(parcels.EndUseRight(number=1, valid_from="2026-11-01", basis=CONTRACT))
    parcel.do(parcels.Value(amount=parcels.Money(1, "UAH"), valid_from="2026", basis=CONTRACT))
    land.approve()
    land.follow()
    assert land.parcel(11).state.use_rights == ()


def test_a_foreseen_number_is_no_parcel(land):
    land.propose([1], THREE)
    land.keep()
    foreseen = land.parcel(11)
    assert isinstance(foreseen.state, ForeseenParcel)
    for command in (
        foreseen.transfer(),
        foreseen.mortgage(),
        foreseen.seize(),
        lease(foreseen),
        common.Correct(field="area_m2", old=10_000, new=2, basis=COURT),
        common.Supersede(by=subject(2), basis=COURT),
    ):
        with refused("foreseen"):
            foreseen.do(command)
    for command in (common.Reinstate(by="court", basis=COURT), common.Annul(by="court", basis=COURT, from_version=1)):
        with pytest.raises(RuleViolated, match=r"^foreseen|^annulled-state"):
            foreseen.do(command)
    with pytest.raises(RuleViolated):
        foreseen.record("1/1")


def test_a_parcel_is_kept_only_as_it_was_planned_upon(land):
    land.propose([1], THREE)
    parcel = land.parcel(1)
    parcel.both(parcel.transfer("1/1", ground="court"))
    with refused("not-as-planned"):
        land.do(subject(1), c.ReserveParcel(change=CHANGE))
    land.do(OTHER, plan([1], {21: 10_000, 22: 24_800}))
    measured = parcels.CorrectBoundary(area_m2=34_801, boundary=None, valid_from="2026-10", basis=CONTRACT)
    parcel.do(measured)
    with refused("not-as-planned"):
        land.do(subject(1), c.ReserveParcel(change=OTHER))


def test_a_mortgaged_parcel_is_kept_with_the_mortgagees_consent_which_is_used_up(land):
    land.propose([1], THREE)
    assert len(land.parcel(1).state.consents) == 1
    land.keep()
    assert land.parcel(1).state.consents == ()
    other = Land()
    other.record(1, "1/1").do(other.parcel(1).mortgage())
    other.propose([1], THREE)
    with refused("consent-missing"):
        other.do(subject(1), c.ReserveParcel(change=CHANGE))


def test_a_seized_parcel_is_not_kept_and_one_seized_since_is_not_authorised(land):
    parcel = land.parcel(1)
    land.propose([1], THREE)
    parcel.do(parcel.seize(until="2026-11-21"))
    with refused("under-seizure"):
        land.do(subject(1), c.ReserveParcel(change=CHANGE))
    parcel.both(parcels.LiftSeizure(number=1, valid_from="2026-02", basis=COURT))
    land.keep()
    parcel.do(parcel.seize())
    with refused("under-seizure"):
        land.approve()


def test_a_seizure_after_the_authorisation_lies_on_every_part(land):
    authorised(land)
    land.parcel(1).do(land.parcel(1).seize(on="2026-11-22"))
    land.follow()
    for last in THREE:
        formed = land.parcel(last).events[1].data
        assert [(s["number"], s["parent_number"], s["authority"]) for s in formed["seizures"]] == [
            (1, 1, "Вигаданський районний суд")
        ]
        with refused("under-seizure"):
            land.parcel(last).do(land.parcel(last).transfer(on="2026-11-22"))


def test_a_change_of_before_the_title_does_not_slip_under_it(land):
    land.do(CHANGE, plan([1], THREE, valid_from="2014"))
    with refused("later-title"):
        land.do(subject(1), c.ReserveParcel(change=CHANGE))


def test_two_persons_authorise_and_only_what_is_kept(land):
    land.propose([1], THREE)
    with refused("not-reserved"):
        land.approve()
    land.keep()
    with refused("four-eyes"):
        land.approve(actor=ONE)
    with refused("change-expired"):
        land.approve(time=LATER)
    assert land.approve() == ["approved", "authorised"]
    cited = {citation.subject: citation.version for citation in land.stream(CHANGE).events[-1].cites}
    assert cited == {subject(1): 5, subject(11): 1, subject(12): 1, subject(13): 1}
    with refused("no-such-proposal"):
        land.approve()


def test_a_change_is_authorised_or_abandoned_and_never_both(land):
    land.propose([1], THREE)
    land.keep()
    with refused("not-expired"):
        land.do(CHANGE, c.AbandonChange(reason="expired"))
    land.do(CHANGE, c.AbandonChange(reason="withdrawn", basis=APPLICATION))
    with refused("no-such-proposal"):
        land.approve()
    other = authorised(_one_parcel())
    for reason in ("withdrawn", "hindered", "expired"):
        with refused("change-phase"):
            other.do(CHANGE, c.AbandonChange(reason=reason), time=LATER)


def _one_parcel() -> Land:
    land = Land()
    land.record(1, "1/1")
    return land


@pytest.mark.parametrize(("reason", "time"), [("withdrawn", "2026-11-24T10:00:00.000Z"), ("expired", LATER)])
def test_abandoning_lets_everything_go_and_the_numbers_are_free_again(land, reason, time):
    land.propose([1], THREE)
    land.keep()
    for last in (1, 11):
        with refused("change-phase"):
            land.do(subject(last), c.ReleaseParcel(change=CHANGE))
    land.do(CHANGE, c.AbandonChange(reason=reason), time=time)
    for last in (1, *THREE):
        assert land.do(subject(last), c.ReleaseParcel(change=CHANGE), time=time) == ["released"]
        with pytest.raises(RuleViolated, match=r"^not-(open|reserved)"):
            land.do(subject(last), c.ReleaseParcel(change=CHANGE), time=time)
    parcel = land.parcel(1)
    assert not isinstance(parcel.state, ReservedParcel)
    assert [land.parcel(last).state for last in THREE] == [None] * 3
    parcel.both(parcel.transfer("1/1", ground="court"))
    land.parcel(11).record("1/1", area_m2=7)
    parcel.do(parcels.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    land.do(OTHER, plan([1], {12: 10_000, 13: 24_800}, expires="2027-01-01T00:00:00Z"))
    land.do(subject(12), c.ForeseeParcel(change=OTHER))


def test_nothing_is_ended_or_formed_before_the_authorisation(land):
    land.propose([1], THREE)
    land.keep()
    for last, command in ((1, c.EndParcel(change=CHANGE)), (11, c.FormParcel(change=CHANGE))):
        with refused("change-phase"):
            land.do(subject(last), command)
    with refused("part-missing"):
        land.do(CHANGE, c.CompleteChange())


def test_children_wait_for_all_parents_and_the_change_for_all_children(land):
    authorised(land)
    with refused("part-missing"):
        land.do(subject(11), c.FormParcel(change=CHANGE))
    land.do(subject(1), c.EndParcel(change=CHANGE))
    with refused("not-reserved"):
        land.do(subject(1), c.EndParcel(change=CHANGE))
    for last in (11, 12):
        land.do(subject(last), c.FormParcel(change=CHANGE))
    with refused("part-missing"):
        land.do(CHANGE, c.CompleteChange())
    land.do(subject(13), c.FormParcel(change=CHANGE))
    with refused("not-foreseen"):
        land.do(subject(13), c.FormParcel(change=CHANGE))
    land.do(CHANGE, c.CompleteChange())
    with refused("ended"):
        land.do(CHANGE, c.CompleteChange())


def test_an_authorised_change_is_annulled_by_two_and_what_is_left_is_let_go(land):
    authorised(land)
    assert land.do(CHANGE, c.AnnulChange(by="court", basis=COURT)) == ["proposed"]
    proposal = land.stream(CHANGE).version
    assert land.do(CHANGE, c.ApproveChange(proposal=proposal), actor=TWO) == ["approved", "annulled"]
    assert land.change.phase == "annulled"
    for last in (1, *THREE):
        land.do(subject(last), c.ReleaseParcel(change=CHANGE))
    assert land.parcel(1).state.standing.status == "live"
    for command in (c.CompleteChange(), c.AnnulChange(by="court", basis=COURT)):
        with pytest.raises(RuleViolated):
            land.do(CHANGE, command)


def test_a_division_that_a_court_undoes(land):
    land.carry_through([1], THREE)
    land.do(CHANGE, c.AnnulChange(by="court", basis=COURT))
    land.do(CHANGE, c.ApproveChange(proposal=land.stream(CHANGE).version), actor=TWO)
    land.parcel(1).both(common.Reinstate(by="court", basis=COURT))
    assert land.parcel(1).state.standing.status == "live"
    assert not isinstance(land.parcel(1).state, ReservedParcel)
    with refused("change-phase"):
        land.do(subject(1), c.ReserveParcel(change=CHANGE))
    for last in THREE:
        land.parcel(last).do(parcels.Close(reason="рішення суду", valid_from="2026-11-22", basis=COURT))
    assert [parcel.subject for parcel in live_parcels(land)] == [subject(1), subject(2)]


@settings(max_examples=30)
@given(data=st.data())
def test_whatever_changes_land_neither_appears_nor_vanishes(data):
    """Any sequence of divisions and mergers, some given up on the way: area, shares and burdens are conserved."""
    land, last, serial = Land(), 1, 100
    land.record(1, "1/2", "1/2", area_m2=data.draw(st.integers(10, 1000)))
    parcel = land.parcel(1)
    parcel.do(lease(parcel, kind="servitude", area_m2=3))
    total = parcel.state.area_m2
    for _ in range(data.draw(st.integers(1, 4))):
        serial += 1
        change = f"parcel_change:2026-{serial}"
        living = [int(one.subject[-4:]) for one in live_parcels(land)]
        command, last = data.draw(_changes(land, living, last))
        land.do(change, command)
        outcome = data.draw(st.sampled_from(["completed", "completed", "abandoned"]))
        _bring(land, change, outcome)
        assert land.stream(change).state.phase == outcome
        areas = [one.state.area_m2 for one in live_parcels(land)]
        assert sum(areas) == total
        for one in live_parcels(land):
            assert one.shares()
            assert one.state.use_rights, "the servitude lies on every part"
    used = [
        citation
        for stream in land.streams.values()
        for event in stream.events
        if event.type.endswith(("parcel_change.completed.v1", "land_parcel.formed.v1"))
        for citation in event.cites
        if event.type.endswith("completed.v1")
    ]
    assert len(set(used)) == len(used), "no ending and no formation counts for two changes"


@st.composite
def _changes(draw, land, living, last):
    mergeable = len(living) >= 2 and draw(st.booleans())
    if mergeable:
        parents = draw(st.lists(st.sampled_from(living), min_size=2, max_size=4, unique=True))
        area = sum(land.parcel(one).state.area_m2 for one in parents)
        title = tuple(
            PlannedShare(number(one), holder, f"1/{sum(len(land.parcel(p).holders()) for p in parents)}")
            for one in parents
            for holder in land.parcel(one).holders()
        )
        if len(title) > 32 or sum(len(land.parcel(one).state.use_rights) for one in parents) > 16:
            mergeable = False
        else:
            new = c.NewParcel(number=number(last + 1), area_m2=area, title=title)
            return plan(parents, {}, children=(new,)), last + 1
    parent = draw(st.sampled_from([one for one in living if land.parcel(one).state.area_m2 > 1]))
    area = land.parcel(parent).state.area_m2
    cuts = sorted(draw(st.sets(st.integers(1, area - 1), min_size=1, max_size=3)))
    pieces = [b - a for a, b in zip([0, *cuts], [*cuts, area], strict=True)]
    return plan([parent], {last + 1 + place: piece for place, piece in enumerate(pieces)}), last + len(pieces)


def _bring(land: Land, change: str, outcome: str) -> None:
    state = land.stream(change).state
    parents = [f"land_parcel:{one.number}" for one in state.parents]
    children = [f"land_parcel:{one.number}" for one in state.children]
    for one in parents:
        land.do(one, c.ReserveParcel(change=change))
    for one in children:
        land.do(one, c.ForeseeParcel(change=change))
    if outcome == "abandoned":
        land.do(change, c.AbandonChange(reason="withdrawn"))
        for one in (*parents, *children):
            land.do(one, c.ReleaseParcel(change=change))
        return
    land.do(change, c.ApproveChange(proposal=2), actor=TWO)
    for one in parents:
        land.do(one, c.EndParcel(change=change))
    for one in children:
        land.do(one, c.FormParcel(change=change))
    land.do(change, c.CompleteChange())


def test_no_more_persons_pass_on_than_an_event_can_carry():
    land = Land()
    parcel = land.parcel(1)
    parcel.record(owners=tuple(parcel.owner("1/16", persons=6) for _ in range(16)))
    with refused("too-many"):
        land.propose([1], THREE)


def test_a_merged_parcel_has_no_more_burdens_than_a_parcel_can_have():
    land = Land()
    for last in (1, 2):
        parcel = land.record(last, "1/1", area_m2=100)
        for _ in range(9):
            parcel.do(lease(parcel, kind="servitude"))
    title = tuple(PlannedShare(number(last), land.parcel(last).holders()[0], "1/2") for last in (1, 2))
    with refused("too-many"):
        land.propose([1, 2], {}, children=(child(11, 200, title=title),))


def test_a_change_is_opened_once(land):
    land.propose([1], THREE)
    with refused("already-open"):
        land.propose([2], {21: 5_000, 22: 200})
    assert land.change.expires == EXPIRES
