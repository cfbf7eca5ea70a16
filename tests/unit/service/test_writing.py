from datetime import UTC, datetime

import pytest

from litopys.errors import Malformed, RuleViolated
from litopys.event.cloudevents import parse_event
from litopys.service.queries import parse_instant
from litopys.service.writing import Stream, Writer, format_time
from litopys.sourcing.facts import Decided
from tests.support.toy_sector import domain as toy

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 10, 5, 6, 7_999, tzinfo=UTC)
WRITER = Writer(origin="simulated.example/one", sector="toy", partitions=2, domain=toy.RULES, now=lambda: NOW)


def opened() -> Decided:
    return Decided("box_opened", 1, toy.BoxOpened("shoes", None, "sha-256", None))


def test_an_event_says_where_it_belongs():
    change, stream = WRITER.change(Stream("box:b1", 0, None), [opened()], actor="o:1")
    (new,) = change.events
    event = parse_event(new.value)
    assert event.source == "https://simulated.example/one/toy"
    assert event.type == "ua.gov.litopys.toy.box.box_opened.v1"
    assert (event.subject, event.streamversion, event.actor) == ("box:b1", 1, "o:1")
    assert event.time == "2026-11-23T10:05:06.007Z"
    assert event.dataschema == "https://simulated.example/one/toy/schemas/box.box_opened.v1"
    assert (stream.version, stream.state.label, change.expected_version, change.version) == (1, "shoes", 0, 1)


async def test_states_travel_through_bytes():
    change, stream = WRITER.change(Stream("box:b1", 0, None), [opened()], actor="o:1")
    assert WRITER.decode("box:b1", version=1, state=change.state) == stream
    assert await WRITER.fold(None, [e.value for e in change.events]) == stream.state


def test_whatever_a_rule_raises_refuses():
    class Broken:
        def evolve(self, state, event):
            raise ZeroDivisionError

    event = parse_event(WRITER.change(Stream("box:b1", 0, None), [opened()], actor="o:1")[0].events[0].value)
    broken = Writer(origin="x", sector="toy", partitions=2, domain=Broken())
    with pytest.raises(RuleViolated, match="ZeroDivisionError"):
        broken.evolve(None, event)


def test_time_has_milliseconds_cut_never_rounded():
    assert format_time(datetime(2026, 1, 1, 0, 0, 59, 999_999, tzinfo=UTC)) == "2026-01-01T00:00:59.999Z"
    assert format_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000Z"),
        ("2026-11-23T10:00:00.5Z", "2026-11-23T10:00:00.500Z"),
        ("2026-11-23T10:00:00.123Z", "2026-11-23T10:00:00.123Z"),
    ],
)
def test_recorded_times(text, instant):
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-02-30T00:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+02:00"]
)
def test_what_is_no_recorded_time(text):
    with pytest.raises(Malformed):
        parse_instant(text)
