import dataclasses
from dataclasses import dataclass

import pytest

from litopys.errors import Malformed, RuleViolated
from litopys.event.cloudevents import Event
from litopys.event.streams import Citation
from litopys.sourcing import Aggregate, Decided, Fact, decode_state, domain, encode_state
from litopys.sourcing.accesses import Granted, access_aggregate
from litopys.sourcing.codec import content_digest
from litopys.sourcing.common import (
    COMMON_EVENTS,
    LIVE,
    Approved,
    Basis,
    Corrected,
    Imported,
    Proposed,
    Standing,
    Superseded,
    Voided,
)
from litopys.sourcing.imports import Closed, Opened, import_aggregate
from litopys.sourcing.shapes import ShapeMismatch, shape_of

BASIS = Basis("registrar", "картка 1", None)
SD = ("A" * 43,)


@dataclass(frozen=True, slots=True)
class State:
    """A counter."""

    standing: Standing
    count: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """Opens."""

    state: State
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Added:
    """Adds."""

    number: int
    imported: Imported | None


def evolve(state: State, fact: Fact) -> State:
    added: Added = fact.data  # type: ignore[assignment]
    return State(state.standing, state.count + added.number)


COUNTER = Aggregate(
    name="counter",
    state=State,
    events={**COMMON_EVENTS, ("recorded", 1): Recorded, ("added", 1): Added, ("set_apart", 1): Added},
    evolve=evolve,
    contradictions=lambda state: ("negative",) if state.count < 0 else (),
    four_eyes=frozenset({"set_apart", "corrected"}),
    import_stream="toy_import",
)
TOY = domain("toy", 1, [COUNTER, import_aggregate("toy"), access_aggregate("toy")])


def event(name: str, data: dict, version: int = 1, aggregate: str = "counter") -> Event:
    return Event(
        id="0199a5c7-7cca-72bc-8c94-aba60bc403b1",
        source="https://litopys.example/test/toy",
        type=f"ua.gov.litopys.toy.{aggregate}.{name}.v1",
        subject=f"{aggregate}:1",
        streamversion=version,
        time="2026-11-23T10:00:00.000Z",
        actor="a",
        cites=(),
        dataschema="https://litopys.example/s",
        data=data,
    )


def fact(name: str, data: object, version: int = 2, actor: str = "a", cites=(), aggregate: str = "counter") -> Fact:
    return Fact(f"{aggregate}:1", version, name, 1, "2026-11-23T10:00:00.000Z", actor, cites, data)


STARTED = State(LIVE, 1)


def test_a_domain_knows_its_types():
    assert TOY.knows("counter", "added", 1)
    assert not TOY.knows("counter", "added", 2)
    assert not TOY.knows("other", "added", 1)
    assert TOY.knows("toy_import", "opened", 1)


def test_an_event_is_decoded_strictly_and_folds():
    opened = event("recorded", {"state": shape_of(State).encode(STARTED), "imported": None})
    added = event("added", {"number": 4, "imported": None}, 2)
    assert TOY.fold([opened, added]) == State(LIVE, 5)
    with pytest.raises(ShapeMismatch):
        TOY.evolve(STARTED, event("added", {"number": "4", "imported": None}, 2))
    with pytest.raises(RuleViolated, match=r"^unknown-type"):
        TOY.evolve(STARTED, event("removed", {}, 2))
    with pytest.raises(RuleViolated, match=r"^unknown-aggregate"):
        TOY.apply(None, fact("added", Added(1, None))._replace(subject="other:1"))


def test_states_travel_as_bytes():
    data = encode_state(STARTED)
    assert data == b'{"standing":{"status":"live","proposals":[],"inconsistent":[]},"count":1}'
    assert decode_state(State, data) == TOY.decode_state("counter", data) == STARTED
    assert TOY.encode_state(None) == b"null"
    assert decode_state(State, b"null") is None
    for bad in (b"", b"{", b"[]", b'{"count":1}', b"\xff", data[:-1], data.replace(b"1", b"1.0")):
        with pytest.raises(Malformed):
            decode_state(State, bad)


def test_openers_come_first_and_once():
    recorded = fact("recorded", Recorded(STARTED, None), 1)
    assert TOY.apply(None, recorded) == STARTED
    with pytest.raises(RuleViolated, match=r"^already-open"):
        TOY.apply(STARTED, recorded)
    with pytest.raises(RuleViolated, match=r"^not-open"):
        TOY.apply(None, fact("added", Added(1, None), 1))


def test_a_carried_state_lists_its_contradictions():
    listed = State(Standing("live", (), ("negative",)), -1)
    assert TOY.apply(None, fact("recorded", Recorded(listed, None), 1)) == listed
    for state in (State(LIVE, -1), State(Standing("live", (), ("negative",)), 1)):
        with pytest.raises(RuleViolated, match=r"^contradictions-unlisted"):
            TOY.apply(None, fact("recorded", Recorded(state, None), 1))


def test_four_eyes():
    content = {"number": 3, "imported": None}
    change = fact("set_apart", Added(3, None), 4)
    with pytest.raises(RuleViolated, match=r"^four-eyes"):
        TOY.apply(STARTED, change)
    proposed = TOY.apply(STARTED, fact("proposed", Proposed("set_apart", 1, content)))
    assert proposed.standing.proposals[0].digest == content_digest(content)
    with pytest.raises(RuleViolated, match=r"^four-eyes"):
        TOY.apply(proposed, change)
    with pytest.raises(RuleViolated, match=r"^four-eyes"):
        TOY.apply(proposed, fact("approved", Approved(2), 3))
    approved = TOY.apply(proposed, fact("approved", Approved(2), 3, actor="b"))
    with pytest.raises(RuleViolated, match=r"^four-eyes"):
        TOY.apply(approved, fact("set_apart", Added(4, None), 4))
    done = TOY.apply(approved, change)
    assert done == State(LIVE, 4)


@pytest.mark.parametrize(
    "proposed",
    [Proposed("added", 1, {"number": 1, "imported": None}), Proposed("set_apart", 2, {}), Proposed("voided", 1, {})],
)
def test_only_what_needs_it_is_proposed(proposed):
    with pytest.raises(RuleViolated, match=r"^not-proposable"):
        TOY.apply(STARTED, fact("proposed", proposed))


def test_what_is_proposed_is_decoded_as_strictly_as_the_event():
    with pytest.raises(ShapeMismatch):
        TOY.apply(STARTED, fact("proposed", Proposed("set_apart", 1, {"number": 1.5, "imported": None})))


def test_a_migrated_change_cites_its_import():
    data = Added(3, Imported("a" * 32, 1, 0))
    own = (Citation("toy_import:" + "a" * 32, 1),)
    assert TOY.apply(STARTED, fact("set_apart", data, cites=own)).count == 4
    for cites in ((), (Citation("toy_import:" + "b" * 32, 1),), (Citation("other_import:" + "a" * 32, 1),)):
        with pytest.raises(RuleViolated, match=r"^four-eyes"):
            TOY.apply(STARTED, fact("set_apart", data, cites=cites))


def test_voided_changes_nothing_in_any_state():
    for state in (None, STARTED, State(Standing("ended", (), ()), 1)):
        assert TOY.apply(state, fact("voided", Voided("rule"))) is state


def test_an_import_adds_up_and_needs_two_persons_to_close():
    def of(name, data, version, actor="a"):
        return fact(name, data, version, actor, aggregate="toy_import")

    opened = Opened("Держгеокадастр", BASIS, "2021", "parcels", None, 1, None, SD, "sha-256")
    state = TOY.apply(None, of("opened", opened, 1))
    closed = Closed(read=5, admitted=3, merged=1, refused=1)
    with pytest.raises(RuleViolated, match=r"^four-eyes"):
        TOY.apply(state, of("closed", closed, 2))
    content = TOY.encode_data("toy_import:1", Decided("closed", 1, closed))
    state = TOY.apply(state, of("proposed", Proposed("closed", 1, content), 2))
    state = TOY.apply(state, of("approved", Approved(2), 3, "b"))
    assert TOY.apply(state, of("closed", closed, 4)).standing.status == "ended"
    wrong = Closed(read=5, admitted=3, merged=1, refused=0)
    content = TOY.encode_data("toy_import:1", Decided("closed", 1, wrong))
    state = TOY.apply(state, of("proposed", Proposed("closed", 1, content), 4))
    state = TOY.apply(state, of("approved", Approved(4), 5, "b"))
    with pytest.raises(RuleViolated, match=r"^import-counts"):
        TOY.apply(state, of("closed", wrong, 6))


def test_an_access_stands_alone():
    granted = Granted("counter:1", 1, tuple(letter * 43 for letter in "ABCD"), "sha-256")
    state = TOY.apply(None, fact("granted", granted, 1, aggregate="toy_access"))
    with pytest.raises(RuleViolated, match=r"^already-open"):
        TOY.apply(state, fact("granted", granted, 2, aggregate="toy_access"))


def test_what_an_object_is_kept_for_hinders_changes_corrections_and_proposals_alike():
    def hinder(state: State, change: Fact) -> None:
        if state.count == 7 and change.name != "added":
            raise RuleViolated("kept", "only additions")

    counter = dataclasses.replace(COUNTER, hinder=hinder)
    kept = State(LIVE, 7)
    corrected = Corrected("count", 7, 8, BASIS, None)
    content = counter.encode_data(Decided("corrected", 1, corrected))
    for change in (
        fact("proposed", Proposed("set_apart", 1, {"number": 3, "imported": None})),
        fact("proposed", Proposed("corrected", 1, content)),
    ):
        with pytest.raises(RuleViolated, match=r"^kept"):
            counter.apply(kept, change)
        assert counter.apply(STARTED, change).standing.proposals
    for change in (fact("corrected", corrected), fact("superseded", Superseded("counter:2", BASIS, None))):
        with pytest.raises(RuleViolated, match=r"^kept"):
            counter.apply_change(kept, change)
    assert counter.apply(kept, fact("added", Added(1, None))) == State(LIVE, 8)
    assert counter.apply(kept, fact("voided", Voided("rule"))) is kept
