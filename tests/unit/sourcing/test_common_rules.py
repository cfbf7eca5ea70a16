"""The rules of every stream, on an aggregate that has little beside them: a key that lies somewhere."""

from dataclasses import dataclass, replace
from typing import Annotated

import pytest

from litopys.sourcing import commands as c
from litopys.sourcing.accesses import access_aggregate
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import COMMON_EVENTS, LIVE, Annulled, Approved, Imported, Proposal, Reinstated, Standing
from litopys.sourcing.constraints import MaxBytes
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider
from litopys.sourcing.domains import domain
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.frame import StandardFrame
from litopys.sourcing.imports import import_aggregate
from tests.support.driving import COURT, IMPORTED, NOW, ONE, TWO, Driven, refused, sealing

Place = Annotated[str, MaxBytes(40, least=1)]


@dataclass(frozen=True, slots=True)
class Key:
    standing: Standing
    place: Place
    number: int


@dataclass(frozen=True, slots=True)
class Recorded:
    state: Key
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Moved:
    place: Place


def evolve(state: Key, fact: Fact) -> Key:
    return replace(state, place=fact.data.place)


KEY = Aggregate(
    name="key",
    state=Key,
    events={
        **COMMON_EVENTS,
        ("recorded", 1): Recorded,
        ("moved", 1): Moved,
        ("annulled", 1): Annulled[Key, Moved],
        ("reinstated", 1): Reinstated[Key, Moved],
    },
    evolve=evolve,
    contradictions=lambda state: ("lost",) if state.place == "?" else (),
    four_eyes=frozenset({"corrected", "annulled", "reinstated", "superseded"}),
    fixed_fields=frozenset({"number"}),
    kept_fields=frozenset({"number"}),
    import_stream="keys_import",
)
KEYS = domain("keys", 1, [KEY, import_aggregate("keys"), access_aggregate("keys")])


@dataclass(frozen=True, slots=True)
class Record:
    state: Key


@dataclass(frozen=True, slots=True)
class Move:
    place: str


DECIDER = Decider(
    aggregate=KEY,
    decisions={
        Record: lambda command, _state, _context: Decided("recorded", 1, Recorded(command.state, None)),
        Move: lambda command, _state, _context: Decided("moved", 1, Moved(command.place)),
    },
    openers=(Record,),
)
LYING = Key(LIVE, "shelf", 7)


@pytest.fixture
def key() -> Driven:
    stream = Driven(KEYS, DECIDER, "key:7")
    stream.do(Record(LYING))
    return stream


def correct(field: str = "place", old: object = "shelf", new: object = "hook") -> c.Correct:
    return c.Correct(field=field, old=old, new=new, basis=COURT)


def test_an_opener_comes_first_and_once(key):
    with refused("already-open"):
        key.do(Record(LYING))
    with refused("not-open"):
        Driven(KEYS, DECIDER, "key:8").do(Move("hook"))
    with refused("not-open"):
        Driven(KEYS, DECIDER, "key:8").take(Decided("moved", 1, Moved("hook")))


def test_a_carried_state_holds_no_proposals_and_lists_its_contradictions():
    proposal = Proposal(1, "corrected", 1, "A" * 43, ONE, approved=False)
    new = Driven(KEYS, DECIDER, "key:8")
    with refused("carried-proposals"):
        new.do(Record(replace(LYING, standing=Standing("live", (proposal,), ()))))
    with refused("contradictions-unlisted"):
        new.do(Record(replace(LYING, place="?")))
    new.do(Record(replace(LYING, place="?", standing=Standing("live", (), ("lost",)))))


def test_a_correction_names_a_plain_field_and_what_stood_there(key):
    with refused("no-such-field"):
        key.do(correct(field="colour"))
    with refused("no-such-field"):
        key.do(correct(field="standing2/status"))
    with refused("not-correctable"):
        key.do(correct(field="number", old=7, new=8))
    with refused("old-value"):
        key.do(correct(old="drawer"))
    with refused("nothing-corrected"):
        key.do(correct(new="shelf"))
    with refused("contradiction"):
        key.do(correct(new="?"))
    key.both(correct())
    assert key.state.place == "hook"


def test_a_change_that_needs_four_eyes_gets_them(key):
    with refused("four-eyes"):
        key.take(Decided("corrected", 1, KEY.decode_content(_proposed(key))))
    with refused("four-eyes"):
        key.agree(actor=ONE)
    key.take(Decided("approved", 1, Approved(2)), TWO)
    with refused("already-approved"):
        key.take(Decided("approved", 1, Approved(2)), TWO)
    with refused("no-such-proposal"):
        key.take(Decided("approved", 1, Approved(1)), TWO)
    with refused("no-such-proposal"):
        key.do(c.Approve(proposal=9), TWO)


def test_a_migrated_correction_cites_its_import_instead(key):
    (decided,) = DECIDER.decide(replace(correct(), imported=IMPORTED), key.state, _context(key))
    assert [cited.subject for cited in decided.cites] == [f"keys_import:{IMPORTED.id}"]
    with refused("four-eyes"):
        key.take(decided._replace(cites=()))
    key.take(decided)


def test_only_what_needs_four_eyes_is_proposed(key):
    key.do(correct())
    proposed = key.facts[-1].data
    with refused("not-proposable"):
        key.take(Decided("proposed", 1, replace(proposed, change="moved", content={"place": "hook"})))


def test_what_is_superseded_accepts_correction_alone(key):
    with refused("superseded-by-itself"):
        key.do(c.Supersede(by="key:7", basis=COURT))
    key.both(c.Supersede(by="key:9", basis=COURT))
    with refused("ended"):
        key.do(Move("hook"))
    with refused("ended"):
        key.do(c.Supersede(by="key:9", basis=COURT))
    key.both(correct())
    key.both(c.Reinstate(by="court", basis=COURT))
    key.do(Move("drawer"))


def test_an_annulment_names_a_version_or_a_moment_and_what_results(key):
    key.do(Move("hook"))
    with refused("annulled-from"):
        key.do(c.Annul(by="court", basis=COURT, from_version=9, state=LYING))
    with refused("annulled-from"):
        key.do(c.Annul(by="court", basis=COURT, from_version=2, from_moment="2026", state=LYING))
    with refused("annulled-from"):
        key.do(c.Annul(by="court", basis=COURT, state=LYING))
    with refused("annulled-state"):
        key.do(c.Annul(by="court", basis=COURT, from_version=1))
    key.both(c.Annul(by="court", basis=COURT, from_version=2))
    assert key.state.place == "shelf"


def test_what_is_reinstated_lives(key):
    ended = replace(LYING, standing=Standing("ended", (), ()))
    data = Reinstated("court", COURT, ended, (), "sha-256", IMPORTED)
    key.events.append(key.event(Decided("reinstated", 1, data)))
    with refused("not-live"):
        KEY.apply_change(key.state, key.facts[-1])


def test_nothing_follows_an_access():
    access = Driven(KEYS, None, "keys_access:1")
    asked = {"who": ONE, "office": "o", "why": "w", "fields": ["name"], "subject": "key:7", "version": 1}
    access.take(StandardFrame().access_recorded(asked, sealing()))
    with refused("unknown-change"):
        KEYS.apply(access.state, access.facts[0]._replace(version=2, name="forgotten"))


def _proposed(key: Driven) -> Fact:
    key.do(correct())
    return key.facts[-1]


def _context(key: Driven):
    return Context(subject=key.subject, version=key.version, actor=ONE, time=NOW)


def test_a_carried_state_is_of_the_same_object(key):
    with refused("carried-otherwise"):
        key.do(c.Annul(by="court", basis=COURT, from_moment="2024", state=replace(LYING, number=8)))
    with refused("carried-otherwise"):
        key.do(c.Reinstate(by="court", basis=COURT, state=replace(LYING, number=8)))
