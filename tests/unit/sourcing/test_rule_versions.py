"""A second version of rules beside the first: states carried over, types old and new, nothing copied."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed, RuleViolated, Unavailable
from litopys.event.cloudevents import parse_event
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import LIVE
from litopys.sourcing.domains import Domain, next_domain
from tests.support.simulated import Simulated
from tests.support.toy_sector.domain import BOX, RULES, Box
from tests.support.toy_sector.later import LATER_RULES, ROOM, RoomyBox

SIMULATED = Simulated(sectors=("toy",))
BOXES = st.builds(Box, st.just(LIVE), st.text("abc ", min_size=1, max_size=9), st.integers(0, 300))


def event(name: str, version: int, **data: object):
    kind = f"ua.gov.litopys.toy.box.{name}.v1"
    return parse_event(SIMULATED.event("box:b1", version, sector="toy", type=kind, data=data))


def added(version: int, count: int):
    return event("items_added", version, count=count, valid_from="2026-01-02", imported=None)


@given(BOXES)
def test_states_of_the_first_version_are_carried_over_when_they_are_read(box):
    data = RULES.encode_state(box)
    assert RULES.decode_state("box", data) == box
    carried = LATER_RULES.decode_state("box", data)
    assert carried == RoomyBox(box.standing, box.label, box.content, max(ROOM, box.content))
    assert LATER_RULES.carry("box", box, rules=1) == carried
    again = LATER_RULES.encode_state(carried)
    assert again.startswith(b"2 {")
    assert LATER_RULES.decode_state("box", again) == carried
    assert LATER_RULES.carry("box", carried, rules=2) == carried


def test_a_stream_without_a_state_stays_without():
    assert LATER_RULES.decode_state("box", RULES.encode_state(None)) is None
    assert LATER_RULES.decode_state("box", LATER_RULES.encode_state(None)) is None


def test_earlier_rules_do_not_read_later_states():
    later = LATER_RULES.encode_state(RoomyBox(LIVE, "shoes", 1, 100))
    with pytest.raises(Unavailable):
        RULES.decode_state("box", later)
    with pytest.raises(Unavailable):
        LATER_RULES.decode_state("box", b"3 " + later[2:])


@pytest.mark.parametrize("data", [b"", b"2", b"2  {}", b"x {}", b"2 {}", b"1 {}", "² {}".encode()])
def test_what_is_no_state(data):
    with pytest.raises(Malformed):
        LATER_RULES.decode_state("box", data)


def test_the_changed_rule_holds_and_the_first_stays_as_it_was():
    opened = event("box_opened", 1, label="shoes", keeper=None, _sd_alg="sha-256", imported=None)
    old, new = RULES.evolve(None, opened), LATER_RULES.evolve(None, opened)
    assert RULES.evolve(old, added(2, 101)).content == 101
    assert LATER_RULES.evolve(new, added(2, 100)).content == 100
    with pytest.raises(RuleViolated, match="no-room"):
        LATER_RULES.evolve(new, added(2, 101))


def test_a_type_of_the_later_version_is_unknown_to_the_first():
    emptied = event("box_emptied", 2, valid_from="2026-01-02")
    assert not RULES.knows("box", "box_emptied", 1)
    with pytest.raises(RuleViolated, match="unknown-type"):
        RULES.evolve(Box(LIVE, "shoes", 3), emptied)
    assert LATER_RULES.evolve(RoomyBox(LIVE, "shoes", 3, 100), emptied).content == 0


def test_a_type_that_was_given_up_is_read_but_not_admitted():
    fewer = {name: kind for name, kind in BOX.events.items() if name != ("items_taken", 1)}
    rules = next_domain(RULES, dataclasses.replace(BOX, events=fewer))
    taken = event("items_taken", 2, count=1, valid_from="2026-01-02", imported=None)
    assert rules.fact(taken).data.count == 1
    assert not rules.knows("box", "items_taken", 1)
    with pytest.raises(RuleViolated, match="unknown-type"):
        rules.evolve(Box(LIVE, "shoes", 3), taken)


def test_what_did_not_change_is_the_same_object():
    assert LATER_RULES.aggregates["toy_import"] is RULES.aggregates["toy_import"]
    assert LATER_RULES.rules == 2
    assert LATER_RULES.follows is RULES


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: next_domain(RULES, dataclasses.replace(BOX, state=RoomyBox)), id="no way over"),
        pytest.param(lambda: Domain("toy", 2, {"box": BOX}, RULES), id="streams left behind"),
        pytest.param(
            lambda: next_domain(RULES, dataclasses.replace(BOX, events={**BOX.events, ("items_taken", 1): RoomyBox})),
            id="a type with another meaning",
        ),
        pytest.param(lambda: Domain("toy", 3, RULES.aggregates, RULES), id="a version left out"),
        pytest.param(lambda: Domain("fish", 2, RULES.aggregates, RULES), id="another sector"),
    ],
)
def test_what_cannot_follow_fails_at_the_start(make):
    with pytest.raises(Malformed):
        make()


def test_states_go_over_several_versions_in_order():
    third = next_domain(LATER_RULES, LATER_RULES.aggregates["box"], carries={"box": _with_more_room})
    assert third.decode_state("box", RULES.encode_state(Box(LIVE, "shoes", 7))).room == ROOM + 1
    assert third.carry("box", RoomyBox(LIVE, "shoes", 7, 50), rules=2).room == 51
    assert isinstance(third.aggregates["box"], Aggregate)


def _with_more_room(box: RoomyBox) -> RoomyBox:
    return dataclasses.replace(box, room=box.room + 1)
