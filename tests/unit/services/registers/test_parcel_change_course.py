"""A change follows its course from whatever point it was left at, in whatever order its steps are taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registers import course
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change.events import PlannedShare
from services.registers.sector import SECTOR
from tests.support.changes import CHANGE, EXPIRES, LATER, Land, number, plan
from tests.support.driving import COURT, NOW, TWO

COMMANDS = {
    "reserve": c.ReserveParcel,
    "foresee": c.ForeseeParcel,
    "release": c.ReleaseParcel,
    "end-by-change": c.EndParcel,
    "form": c.FormParcel,
    "complete": c.CompleteChange,
    "abandon": c.AbandonChange,
}


def steps_of(land: Land, time: str = NOW):
    state = land.change
    parcels = {subject: land.stream(subject).state for subject in course.parcels_of(state)}
    return course.next_steps(CHANGE, state, parcels, now=time)


def take(land: Land, step, time: str = NOW) -> None:
    land.do(step.subject, COMMANDS[step.command](**step.body), time=time)


@pytest.fixture
def land() -> Land:
    land = Land()
    land.record(1, "1/1", area_m2=100)
    land.record(2, "1/1", area_m2=200)
    return land


def planned(land: Land, kind: str) -> None:
    if kind == "division":
        land.propose([1], {11: 10, 12: 20, 13: 70})
    else:
        title = tuple(PlannedShare(number(last), land.parcel(last).holders()[0], "1/2") for last in (1, 2))
        land.do(CHANGE, plan([1, 2], {}, children=(c.NewParcel(number=number(11), area_m2=300, title=title),)))


@settings(max_examples=40)
@given(data=st.data(), kind=st.sampled_from(["division", "merger"]), end=st.sampled_from(["approved", "given up"]))
def test_it_comes_to_its_end_however_it_is_interrupted(data, kind, end):
    land = Land()
    land.record(1, "1/1", area_m2=100)
    land.record(2, "1/1", area_m2=200)
    planned(land, kind)
    gives_up_after = data.draw(st.integers(0, 4))
    for turn in range(60):
        steps = steps_of(land)
        is_planned = land.change.phase == "planned"
        if is_planned and end == "given up" and (turn >= gives_up_after or not steps):
            land.do(CHANGE, c.AbandonChange(reason="withdrawn"))
        elif steps:
            for step in data.draw(st.lists(st.sampled_from(steps), min_size=1, unique_by=lambda s: s.subject)):
                take(land, step)
        elif is_planned:
            land.approve()
        else:
            break
    assert land.change.phase == ("completed" if end == "approved" else "abandoned")
    areas = [one.state.area_m2 for one in land.streams.values() if hasattr(one.state, "ended_by")]
    living = [one for one in land.streams.values() if hasattr(one.state, "ended_by") and not one.state.ended_by]
    assert sum(one.state.area_m2 for one in living) == 300, areas


def test_it_expires_by_itself_and_lets_everything_go(land):
    planned(land, "division")
    land.keep()
    assert steps_of(land) == ()
    (step,) = steps_of(land, LATER)
    assert (step.command, step.body) == ("abandon", {"reason": "expired"})
    take(land, step, LATER)
    for step in steps_of(land, LATER):
        take(land, step, LATER)
    assert not steps_of(land, LATER)
    assert EXPIRES <= LATER
    assert [land.parcel(last).state for last in (11, 12, 13)] == [None] * 3


def test_what_is_left_of_an_annulled_change_is_let_go(land):
    planned(land, "division")
    land.keep()
    land.approve()
    land.do(CHANGE, c.AnnulChange(by="court", basis=COURT))
    land.do(CHANGE, c.ApproveChange(proposal=land.stream(CHANGE).version), actor=TWO)
    assert {step.command for step in steps_of(land)} == {"release"}
    assert len(steps_of(land)) == 4


def test_every_step_is_a_command_that_the_sector_takes():
    for subject, name in [("land_parcel", name) for name in COMMANDS] + [("parcel_change", "complete")]:
        aggregate = SECTOR.aggregate("parcel_change" if name in ("complete", "abandon") else subject)
        command = next(one for one in aggregate.commands if one.name == name)
        body = {"change": CHANGE} if subject == "land_parcel" else {}
        if name == "abandon":
            body = {"reason": "expired"}
        command.wire.model_validate(body if name != "complete" else {})


def test_open_changes_are_found_by_their_phase(land):
    planned(land, "division")
    aggregate = SECTOR.aggregate("parcel_change")
    for _ in range(2):
        terms = set(aggregate.search.terms_of(land.change))
        assert terms & set(aggregate.course.open_terms)
        if land.change.phase == "planned":
            land.keep()
            land.approve()
    land.follow()
    assert not set(aggregate.search.terms_of(land.change)) & set(aggregate.course.open_terms)
    assert ("parcel", number(12)) in terms
