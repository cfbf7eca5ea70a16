"""Standings of streams: at most one query a block, a bound that holds, and nothing forgotten before it is stored."""

import pytest

from litopys.errors import Halted
from litopys.ledger.admission import Examined, Stream
from litopys.ledger.rejections import Reason
from litopys.replica.streams import StreamStandings, format_streams
from litopys.sourcing.common import LIVE
from litopys.sourcing.domains import next_domain
from tests.support.live_network import CountingDomain
from tests.support.simulated import Citation, Simulated
from tests.support.toy_sector.domain import RULES as RULES_1
from tests.support.toy_sector.domain import Box
from tests.support.toy_sector.later import LATER_RULES, RoomyBox

pytestmark = pytest.mark.anyio

RULES = {"registers": CountingDomain()}
SIMULATED = Simulated(sectors=("energy", "registers", "toy"))


class FakeConnection:
    """Answers the one query from a dictionary, and counts."""

    def __init__(self, **stored):
        self.stored = stored
        self.asked = []

    async def fetch(self, _query, subjects):
        self.asked.append(set(subjects))
        return [(s, *self.stored[s.partition(":")[2]]) for s in subjects if s.partition(":")[2] in self.stored]


def examined(*subjects, cites=(), reason=None):
    from litopys.event.cloudevents import parse_event  # noqa: PLC0415

    outcomes = []
    for subject in subjects:
        value = SIMULATED.event(subject, cites=tuple(Citation(cited, 1) for cited in cites))
        outcomes.append(Examined(SIMULATED.record(value, partition=0, offset=0), parse_event(value), reason))
    return outcomes


async def test_one_query_then_memory():
    standings = StreamStandings(capacity_bytes=1 << 20)
    connection = FakeConnection(a=(3, 17, b"3"), b=(1, 4, b"1"))
    wanted = examined("thing:a", "thing:b", "thing:new")
    found = await standings.load(connection, wanted, rules=RULES)
    assert found == {"thing:a": Stream(3, 17, 3), "thing:b": Stream(1, 4, 1)}
    assert await standings.load(connection, examined("thing:a", "thing:b"), rules=RULES) == found
    assert connection.asked == [{"thing:a", "thing:b", "thing:new"}]


async def test_a_cited_stream_is_asked_for_its_version_alone():
    standings = StreamStandings(capacity_bytes=1 << 20)
    connection = FakeConnection(a=(3, 17, b"not decodable"))
    found = await standings.load(connection, examined("thing:new", cites=["thing:a"]), rules=RULES)
    assert found == {"thing:a": Stream(3, 17, None)}
    connection.stored["a"] = (3, 17, b"3")
    assert (await standings.load(connection, examined("thing:a"), rules=RULES))["thing:a"].state == 3


async def test_refused_records_ask_for_nothing():
    standings = StreamStandings(capacity_bytes=1 << 20)
    connection = FakeConnection()
    assert await standings.load(connection, examined("thing:a", reason=Reason.KEY), rules=RULES) == {}
    assert connection.asked == []


async def test_what_is_not_stored_yet_is_known_and_newer_wins():
    standings = StreamStandings(capacity_bytes=0)
    connection = FakeConnection(a=(1, 0, b"1"))
    first, second = {"thing:a": Stream(2, 5, 2)}, {"thing:a": Stream(3, 9, 3)}
    standings.hold(first)
    standings.hold(second)
    assert await standings.load(connection, examined("thing:a"), rules=RULES) == second
    standings.release(format_streams(first, rules=RULES, sectors={"thing:a": "registers"}))
    assert await standings.load(connection, examined("thing:a"), rules=RULES) == second
    assert connection.asked == []
    standings.release(format_streams(second, rules=RULES, sectors={"thing:a": "registers"}))
    assert len(standings) == 0, "no room for anything"
    connection.stored["a"] = (3, 9, b"3")
    assert await standings.load(connection, examined("thing:a"), rules=RULES) == second
    assert connection.asked == [{"thing:a"}]


async def test_memory_is_bounded_and_the_least_used_goes_first():
    standings = StreamStandings(capacity_bytes=100 * (1_200 + 4 * 1))
    connection = FakeConnection(**{str(n): (1, n, b"1") for n in range(1_000)})
    for n in range(1_000):
        await standings.load(connection, examined(f"thing:{n}", "thing:0"), rules=RULES)
        assert len(standings) <= 100
    asked = len(connection.asked)
    await standings.load(connection, examined("thing:0", "thing:999", "thing:950"), rules=RULES)
    assert len(connection.asked) == asked
    await standings.load(connection, examined("thing:1"), rules=RULES)
    assert len(connection.asked) == asked + 1


def toy_examined(subject):
    from litopys.event.cloudevents import parse_event  # noqa: PLC0415

    value = SIMULATED.event(subject, sector="toy")
    return [Examined(SIMULATED.record(value, sector="toy", partition=0, offset=0), parse_event(value), None)]


async def test_at_a_changeover_what_is_held_and_what_is_stored_is_carried_over():
    standings = StreamStandings(capacity_bytes=1 << 20)
    stored = RULES_1.encode_state(Box(LIVE, "shoes", 150))
    connection = FakeConnection(stored=(3, 17, stored))
    before, after = {"toy": RULES_1}, {"toy": LATER_RULES}
    found = await standings.load(connection, toy_examined("box:stored"), rules=before)
    assert found["box:stored"].state == Box(LIVE, "shoes", 150)
    held = {"box:held": Stream(1, 20, Box(LIVE, "hats", 7))}
    standings.hold(held)
    for _ in range(2):
        found = await standings.load(connection, toy_examined("box:held"), rules=after)
        assert found["box:held"].state == RoomyBox(LIVE, "hats", 7, 100)
    found = await standings.load(connection, toy_examined("box:stored"), rules=after)
    assert found["box:stored"].state == RoomyBox(LIVE, "shoes", 150, 150)
    standings.release(format_streams(held, rules=before, sectors={"box:held": "toy"}))
    assert (await standings.load(connection, toy_examined("box:held"), rules=after))["box:held"].state.room == 100


async def test_a_state_that_cannot_be_carried_over_stops_the_machine():
    broken = next_domain(RULES_1, RULES_1.aggregates["box"], carries={"box": lambda state: state.content / 0})
    connection = FakeConnection(b1=(3, 17, RULES_1.encode_state(Box(LIVE, "shoes", 1))))
    with pytest.raises(Halted, match="box:b1"):
        await StreamStandings(capacity_bytes=1 << 20).load(connection, toy_examined("box:b1"), rules={"toy": broken})
