"""Which amendments hold: by a quorum, in one chain from the network file on; and what is asked by height then."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import LitopysError, Malformed, VerificationFailed
from litopys.ledger.amending import amend_network, check_amendment_of
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, format_note, parse_note, sign_text
from tests.support.simulated import Simulated

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
FIRST = SIMULATED.amendment(NETWORK, 10, registers=2)
ONCE = amend_network(NETWORK, [FIRST])
SECOND = SIMULATED.amendment(ONCE, 20, energy=2, registers=3)
TWICE = amend_network(NETWORK, [FIRST, SECOND])


def test_versions_by_height():
    assert [TWICE.rules("registers", height) for height in (0, 9, 10, 19, 20, 99)] == [1, 1, 2, 2, 3, 3]
    assert [TWICE.rules("energy", height) for height in (0, 19, 20)] == [1, 1, 2]
    assert [TWICE.next_change("registers", height) for height in (0, 9, 10, 19, 20)] == [10, 10, 20, 20, None]
    assert [TWICE.next_change("energy", height) for height in (0, 20)] == [20, None]
    with pytest.raises(KeyError):
        TWICE.rules("health", 0)


def test_blocks_name_the_newest_amendment_in_force():
    first, second = (one.hash for one in TWICE.amendments)
    assert [TWICE.amendment(height) for height in (9, 10, 19, 20)] == [None, first, first, second]
    for height in (9, 10, 20):
        block = SIMULATED.block(height, bytes(32), [SIMULATED.record(b"", partition=0, offset=0)])
        if height == 9:
            check_amendment_of(block, TWICE)
            continue
        with pytest.raises(VerificationFailed, match="another amendment"):
            check_amendment_of(block, TWICE)


def test_files_come_in_any_order_and_one_after_the_other():
    for notes in permutations([FIRST, SECOND]):
        assert amend_network(NETWORK, notes) == TWICE
    assert amend_network(ONCE, [SECOND]) == TWICE
    assert amend_network(NETWORK, []) == NETWORK


def test_who_signs_changes_nothing_of_what_it_is():
    others = SIMULATED.amendment(NETWORK, 10, registers=2, names=("dnipro", "odesa", "lviv", "kyiv"))
    assert amend_network(NETWORK, [others]).amendments == ONCE.amendments


def resigned(*lines):
    return format_note(Note(parse_note(FIRST).text, lines))


def test_less_than_a_quorum_is_refused():
    with pytest.raises(VerificationFailed, match="2 validators"):
        amend_network(NETWORK, [SIMULATED.amendment(NETWORK, 10, names=("kyiv", "lviv"), registers=2)])


@pytest.mark.parametrize(
    "notes",
    [
        pytest.param(lambda: [SECOND], id="what it amends is missing"),
        pytest.param(lambda: [FIRST, FIRST], id="twice"),
        pytest.param(lambda: [FIRST, SIMULATED.amendment(NETWORK, 20, registers=2)], id="a second one of the file"),
        pytest.param(lambda: [FIRST, SIMULATED.amendment(ONCE, 10, energy=2)], id="at the same height"),
        pytest.param(lambda: [FIRST, SIMULATED.amendment(ONCE, 9, energy=2)], id="before the one before"),
        pytest.param(lambda: [SIMULATED.amendment(NETWORK, 10, registers=3)], id="a version left out"),
        pytest.param(lambda: [FIRST, SIMULATED.amendment(ONCE, 20, registers=2)], id="no new version"),
        pytest.param(lambda: [SIMULATED.amendment(NETWORK, 10, health=2)], id="no such sector"),
        pytest.param(lambda: [Simulated(origin="simulated.example/two").amendment(NETWORK, 10, energy=2)], id="origin"),
        pytest.param(lambda: [resigned(*parse_note(SECOND).lines)], id="lines of another text"),
        pytest.param(lambda: [resigned(*[parse_note(FIRST).lines[0]] * 3)], id="one validator thrice"),
        pytest.param(
            lambda: [resigned(*parse_note(FIRST).lines, sign_text(SIMULATED.signer("log"), parse_note(FIRST).text))],
            id="a line by somebody else",
        ),
        pytest.param(
            lambda: [
                resigned(
                    *(
                        cosign(SIMULATED.signer(f"validator/{name}"), parse_note(FIRST).text + b"rules energy 2\n", 1)
                        for name in SIMULATED.validators
                    )
                )
            ],
            id="signatures over more",
        ),
    ],
)
def test_what_does_not_hold(notes):
    with pytest.raises(VerificationFailed):
        amend_network(NETWORK, notes())


@given(st.integers(0, len(FIRST) - 1), st.integers(1, 255))
def test_one_byte_changed_anywhere_fails(place, flip):
    changed = bytearray(FIRST)
    changed[place] ^= flip
    with pytest.raises((Malformed, VerificationFailed)):
        amend_network(NETWORK, [bytes(changed)])


@pytest.mark.parametrize("data", [b"", b"{}", FIRST[:-1], parse_note(FIRST).text])
def test_what_is_no_note_of_an_amendment(data):
    with pytest.raises(LitopysError):
        amend_network(NETWORK, [data])
