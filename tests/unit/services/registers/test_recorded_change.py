"""Changes of parcels that another register decided."""

import dataclasses

import pytest

from litopys.sourcing.facts import Decided
from services.registers.course import next_steps
from services.registers.domain.parcel_change.events import Recorded
from tests.contracts.stories.registers_changes import told_division
from tests.support.changes import CHANGE, LATER, Land
from tests.support.driving import CONTRACT, refused


def taken_over(*areas: int) -> Land:
    land = Land()
    land.do(CHANGE, told_division(*areas))
    return land


def test_it_is_over_and_nothing_follows():
    land = taken_over(12_800, 22_000)
    assert (land.change.phase, land.change.standing.status) == ("completed", "ended")
    assert land.change.standing.inconsistent == ()
    parcels = dict.fromkeys([f"land_parcel:{one.number}" for one in (*land.change.parents, *land.change.children)])
    assert next_steps(CHANGE, land.change, parcels, now=LATER) == ()


def test_areas_that_never_added_up_are_listed():
    assert taken_over(12_000, 22_000).change.standing.inconsistent == ("areas-differ",)


def test_a_form_that_no_change_has_is_refused():
    with refused("change-form"):
        taken_over(34_800)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phase": "planned"}, "change-phase"),
        ({"turn": 2}, "change-phase"),
        ({"plan": "A" * 43}, "another-plan"),
        ({"tolerance_m2": 1}, "another-plan"),
    ],
)
def test_what_is_told_is_what_the_state_digests(changes, code):
    state = taken_over(12_800, 22_000).change
    land = Land()
    with refused(code):
        told = Recorded("2021-11-03", dataclasses.replace(state, **changes), CONTRACT, None)
        land.stream(CHANGE).take(Decided("recorded", 1, told))
