"""The streams of erasures and of legal holds, and what a reach is."""

import dataclasses

import pytest

from litopys.sourcing.common import Basis
from litopys.sourcing.domains import domain
from litopys.sourcing.erasures import AskErasure, DeclineErasure, Erase, Erased, erasure_decider, find_erasure
from litopys.sourcing.facts import Decided
from litopys.sourcing.frame import frame_aggregates
from litopys.sourcing.holds import AskHold, DeclineHold, Impose, Imposed, Lift, hold_decider
from litopys.sourcing.reach import Reach, check_fields_known, check_is_there, check_not_held, check_person_known
from tests.support.driving import CONTRACT, COURT, TWO, Driven, refused

TOY = domain("toy", 1, frame_aggregates("toy"))
PERSON, OTHER = "1" * 32, "2" * 32
REACH = Reach("box:1", PERSON, ("name", "phone"))


def erasure(reach: Reach = REACH) -> Driven:
    stream = Driven(TOY, erasure_decider("toy"), f"toy_erasure:{'a' * 32}")
    stream.do(AskErasure(reach=reach, up_to=3, basis=CONTRACT))
    return stream


def hold() -> Driven:
    stream = Driven(TOY, hold_decider("toy"), f"toy_hold:{'b' * 32}")
    stream.do(AskHold(reach=REACH, basis=COURT))
    return stream


def test_an_erasure_is_asked_for_proposed_and_approved():
    stream = erasure()
    stream.both(Erase())
    assert (stream.state.stage, stream.state.standing.status) == ("erased", "ended")
    with refused("ended"):
        stream.do(Erase())


def test_only_the_event_itself_erases():
    stream = erasure()
    stream.both(Erase())
    found = [find_erasure(event) for event in stream.events]
    assert found[:3] == [None, None, None]
    assert found[3] == (REACH, 3, f"toy_erasure:{'a' * 32}@4")


def test_another_stream_of_that_name_erases_nothing():
    """An aggregate of another sector that happens to be called so."""
    stream = erasure()
    stream.both(Erase())
    foreign = stream.events[3]._replace(type="ua.gov.litopys.other.toy_erasure.erased.v1")
    assert find_erasure(foreign) is None


def test_nothing_is_erased_but_what_was_asked_for():
    for data in (
        Erased(dataclasses.replace(REACH, person=None), 3),
        Erased(dataclasses.replace(REACH, fields=()), 3),
        Erased(REACH, 4),
    ):
        stream = erasure()
        changed = Decided("erased", 1, data)
        with refused("otherwise-than-asked"):
            TOY.aggregates["toy_erasure"].apply_change(
                stream.state, stream.facts[0]._replace(version=2, name="erased", data=changed.data)
            )


def test_a_declined_erasure_is_over_and_its_proposal_with_it():
    stream = erasure()
    stream.do(Erase())
    stream.do(DeclineErasure(basis=COURT))
    assert (stream.state.stage, stream.state.standing.proposals) == ("declined", ())
    with refused("no-such-proposal"):
        stream.take(Decided("approved", 1, TOY.aggregates["toy_erasure"].events["approved", 1](2)), TWO)


def test_a_hold_is_imposed_and_lifted_by_two_persons():
    stream = hold()
    with refused("not-imposed"):
        stream.do(Lift(basis=COURT))
    stream.both(Impose())
    assert (stream.state.stage, stream.state.standing.status) == ("imposed", "live")
    for command in (Impose(), DeclineHold(basis=COURT)):
        with refused("already-imposed"):
            stream.do(command)
    stream.both(Lift(basis=CONTRACT))
    assert (stream.state.stage, stream.state.standing.status) == ("lifted", "ended")


def test_nothing_is_held_but_what_was_asked_for():
    stream = hold()
    imposed = Imposed(dataclasses.replace(REACH, person=None), COURT)
    with refused("otherwise-than-asked"):
        TOY.aggregates["toy_hold"].apply_change(stream.state, stream.facts[0]._replace(name="imposed", data=imposed))


def test_a_declined_hold_is_over():
    stream = hold()
    stream.do(DeclineHold(basis=CONTRACT))
    assert (stream.state.stage, stream.state.standing.status) == ("declined", "ended")


@pytest.mark.parametrize(
    ("other", "do"),
    [
        (REACH, True),
        (Reach("box:1", None, ()), True),
        (Reach("box:1", PERSON, ("phone", "rank")), True),
        (Reach("box:1", None, ("phone",)), True),
        (Reach("box:1", OTHER, ("phone",)), False),
        (Reach("box:1", PERSON, ("rank",)), False),
        (Reach("box:2", PERSON, ("phone",)), False),
        (Reach("box:2", None, ()), False),
    ],
)
def test_reaches_overlap(other, do):
    assert REACH.overlaps(other) == do
    assert other.overlaps(REACH) == do


def test_what_is_held_is_refused_with_the_basis_of_each_hold():
    holds = {
        "toy_hold:2": (Reach("box:1", None, ("phone",)), COURT),
        "toy_hold:1": (Reach("box:1", None, ()), Basis("law", "строк", None)),
        "toy_hold:3": (Reach("box:1", OTHER, ()), CONTRACT),
    }
    with refused("legal-hold") as refusal:
        check_not_held(REACH, holds)
    assert refusal.value.detail == f"held by toy_hold:1 (law: строк), toy_hold:2 (court: {COURT.document})"
    check_not_held(dataclasses.replace(REACH, subject="box:2"), holds)


def test_what_is_named_is_there():
    check_fields_known(("name",), {"name": 1, "phone": 2})
    with refused("unknown-field"):
        check_fields_known(("name", "nome"), {"name": 1})
    check_is_there(REACH, 3, stands_at=3)
    check_is_there(REACH, None, stands_at=1)
    for stands_at in (None, 2):
        with refused("no-such-object"):
            check_is_there(REACH, 3, stands_at=stands_at)
    check_person_known(dataclasses.replace(REACH, person=None), ())
    check_person_known(REACH, {PERSON})
    with refused("no-such-person"):
        check_person_known(REACH, {OTHER})
