"""Near a changeover: what is acknowledged must hold before it and after it, and come to the same."""

import pytest

from litopys.errors import Conflict, RuleViolated, Unavailable
from litopys.event.cloudevents import parse_event
from litopys.ledger.amending import amend_network
from litopys.postgres.sector_verdicts import FinalHead
from litopys.service.in_force import RulesByHeight
from litopys.service.writing import Stream, Writer
from litopys.sourcing.common import LIVE
from litopys.sourcing.facts import Decided
from tests.support.simulated import Simulated
from tests.support.toy_sector.domain import RULES, Box, BoxOpened, ItemsAdded, ItemsTaken
from tests.support.toy_sector.later import DOMAINS, LATER_RULES, BoxEmptied, RoomyBox

pytestmark = pytest.mark.anyio

SIMULATED = Simulated(sectors=("toy", "fish"))
NETWORK = SIMULATED.network()
FIRST = 100
AMENDED = amend_network(NETWORK, [SIMULATED.amendment(NETWORK, FIRST, toy=2)])
MARGIN = 10
SETTLED, NEAR, SINCE = FIRST - MARGIN - 2, FIRST - MARGIN - 1, FIRST - 1
"""Final heights: the last that is far enough, the first near the change, the last before the new rules hold."""


def writer_at(final_height: int, *, domains=DOMAINS, network=AMENDED) -> Writer:
    rules = RulesByHeight(network, "toy", domains, MARGIN)
    writer = Writer(origin=network.origin, sector="toy", partitions=2, domain=RULES, rules=rules)
    writer.reached(final_height)
    return writer


def box(content: int) -> Stream:
    return Stream("box:b1", 3, Box(LIVE, "shoes", content), 1)


def add(count: int) -> Decided:
    return Decided("items_added", 1, ItemsAdded(count, "2026", None))


@pytest.mark.parametrize(
    ("height", "rules", "coming"),
    [(-1, 1, []), (SETTLED, 1, []), (NEAR, 1, [2]), (SINCE - 1, 1, [2]), (SINCE, 2, []), (FIRST + 500, 2, [])],
)
def test_which_rules_count(height, rules, coming):
    writer = writer_at(height)
    assert (writer.domain.rules, [one.rules for one in writer.coming]) == (rules, coming)


def test_other_sectors_go_by_their_own_rules():
    rules = RulesByHeight(AMENDED, "fish", {1: RULES})
    assert not rules.are_amended
    assert rules.coming(FIRST - 1) == ()


def test_before_the_margin_the_rules_in_force_decide_alone():
    _, after = writer_at(SETTLED).change(box(99), [add(2)], actor="o:1")
    assert after == Stream("box:b1", 4, Box(LIVE, "shoes", 101), 1)


def test_within_the_margin_what_both_admit_is_acknowledged_under_the_first():
    writer = writer_at(NEAR)
    change, after = writer.change(box(98), [add(1), add(1)], actor="o:1")
    assert after == Stream("box:b1", 5, Box(LIVE, "shoes", 100), 1)
    assert change.state == RULES.encode_state(after.state)
    events = [parse_event(one.value) for one in change.events]
    for carried_after in range(3):
        state = RULES.fold(events[:carried_after], Box(LIVE, "shoes", 98))
        state = LATER_RULES.fold(events[carried_after:], LATER_RULES.carry("box", state, rules=1))
        assert state == RoomyBox(LIVE, "shoes", 100, 100), "it matters which event is the first after the change"


def test_within_the_margin_what_the_coming_rules_refuse_is_held_back_not_refused():
    with pytest.raises(Unavailable, match="no-room"):
        writer_at(NEAR).change(box(99), [add(2)], actor="o:1")
    with pytest.raises(Unavailable, match="no-room"):
        writer_at(NEAR).change(box(98), [add(1), add(2)], actor="o:1")


def test_within_the_margin_what_would_come_to_another_state_is_held_back():
    with pytest.raises(Unavailable, match="something else"):
        writer_at(NEAR).change(box(150), [Decided("items_taken", 1, ItemsTaken(10, "2026", None))], actor="o:1")


def test_what_is_refused_now_is_refused_whatever_comes():
    with pytest.raises(RuleViolated, match="too-few"):
        writer_at(NEAR).change(box(1), [Decided("items_taken", 1, ItemsTaken(2, "2026", None))], actor="o:1")
    with pytest.raises(RuleViolated, match="not-in-force"):
        writer_at(NEAR).change(box(1), [Decided("box_emptied", 1, BoxEmptied("2026"))], actor="o:1")


def test_after_the_change_states_are_carried_over_and_the_new_rules_decide():
    writer = writer_at(SINCE)
    stored = RULES.encode_state(Box(LIVE, "shoes", 99))
    stream = writer.decode("box:b1", version=3, state=stored)
    assert stream == Stream("box:b1", 3, RoomyBox(LIVE, "shoes", 99, 100), 2)
    with pytest.raises(RuleViolated, match="no-room"):
        writer.change(stream, [add(2)], actor="o:1")
    change, _ = writer.change(stream, [Decided("box_emptied", 1, BoxEmptied("2026"))], actor="o:1")
    assert change.state.startswith(b"2 {")


def test_a_stream_that_was_read_before_the_change_is_not_written_after_it():
    writer = writer_at(SINCE - 1)
    stream = writer.decode("box:b1", version=3, state=RULES.encode_state(Box(LIVE, "shoes", 1)))
    writer.reached(SINCE)
    with pytest.raises(Conflict):
        writer.change(stream, [add(1)], actor="o:1")


def test_a_build_that_lacks_the_coming_rules_goes_on_until_they_are_near_and_then_waits():
    writer = writer_at(SETTLED, domains={1: RULES})
    writer.change(box(1), [add(1)], actor="o:1")
    for height in (NEAR, SINCE, FIRST):
        with pytest.raises(Unavailable, match="lacks rules 2"):
            writer.reached(height)


class Store:
    """A store that says how far the chain is final, and which events stand at which height."""

    def __init__(self, head: int = -1, heights=()) -> None:
        self.head, self.heights, self.asked = head, dict(enumerate(heights, 1)), 0

    async def fetchrow(self, _query):
        self.asked += 1
        return FinalHead(self.head, 0)

    async def fetch(self, _query, subjects, versions):
        found = {"reason": None, "index": 1, "sealed": True}
        return [
            {"subject": s, "version": v, "height": self.heights.get(v), **found}
            for s, v in zip(subjects, versions, strict=True)
        ]


async def test_it_looks_how_far_the_chain_is_only_while_a_change_is_ahead():
    writer, store = writer_at(SETTLED), Store(NEAR)
    await writer.follow(store)
    assert [one.rules for one in writer.coming] == [2]
    store.head = SINCE
    await writer.follow(store)
    assert writer.domain is LATER_RULES
    await writer.follow(store)
    assert store.asked == 2
    fixed = writer_at(0, network=NETWORK)
    await fixed.follow(store)
    assert store.asked == 2


async def test_a_history_is_folded_under_the_rules_of_each_block():
    first, last = writer_at(SETTLED), writer_at(SINCE)
    opened = Decided("box_opened", 1, BoxOpened("shoes", None, "sha-256", None))
    early, stream = first.change(Stream("box:b1", 0, None), [opened, add(150)], actor="o:1")
    carried = last.decode("box:b1", version=2, state=early.state)
    late, _ = last.change(carried, [Decided("items_taken", 1, ItemsTaken(5, "2026", None))], actor="o:1")
    values = [one.value for one in (*early.events, *late.events)]
    assert stream.state.content == 150
    assert await last.fold(Store(heights=(3, FIRST - 1, FIRST)), values) == RoomyBox(LIVE, "shoes", 145, 150)
    assert await last.fold(Store(heights=(3, FIRST - 1, None)), values) == RoomyBox(LIVE, "shoes", 145, 150)
    assert await last.fold(Store(heights=(3, FIRST - 1)), values[:2]) == RoomyBox(LIVE, "shoes", 150, 150)
    with pytest.raises(RuleViolated, match="no-room"):
        await last.fold(Store(heights=(3, FIRST, FIRST)), values)
