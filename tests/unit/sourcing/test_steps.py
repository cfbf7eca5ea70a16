"""What was applied once is not applied again: for the very same aggregate, state and fact, and for nothing else."""

import dataclasses

import pytest

from litopys.sourcing.facts import Fact
from litopys.sourcing.steps import UNKNOWN, Steps
from tests.support.toy_sector.domain import BOX, ItemsAdded

BEFORE, AFTER = object(), object()


def fact(**changes) -> Fact:
    given = Fact("box:1", 2, "items_added", 1, "2026-11-25T01:00:00.000Z", "o:1", (), ItemsAdded(1, "2026"))
    return given._replace(**changes)


@pytest.fixture
def steps() -> Steps:
    taken = Steps()
    taken.note(BOX, BEFORE, fact=fact(), after=AFTER)
    return taken


def test_the_same_again_is_known_once(steps):
    assert steps.after(BOX, BEFORE, fact=fact(data=ItemsAdded(1, "2026"))) is AFTER
    assert steps.after(BOX, BEFORE, fact=fact()) is UNKNOWN


@pytest.mark.parametrize(
    "changes",
    [
        {"data": ItemsAdded(2, "2026")},
        {"time": "2026-11-25T01:00:00.001Z"},
        {"actor": "o:2"},
        {"version": 3},
        {"subject": "box:2"},
        {"cites": (("box:3", 1),)},
    ],
)
def test_another_fact_is_not_known(steps, changes):
    assert steps.after(BOX, BEFORE, fact=fact(**changes)) is UNKNOWN
    assert steps.after(BOX, BEFORE, fact=fact()) is AFTER


def test_other_rules_and_another_state_are_not_known(steps):
    assert steps.after(dataclasses.replace(BOX), BEFORE, fact=fact()) is UNKNOWN
    assert steps.after(BOX, object(), fact=fact()) is UNKNOWN
    assert Steps().after(BOX, BEFORE, fact=fact()) is UNKNOWN
