"""Blocks that were passed over, beside those that count: what a listed key signed, and no more, tells of that key."""

import dataclasses

import pytest

from litopys.ledger.blocks import format_block
from litopys.ledger.chain import Dropped
from litopys.ledger.evidence import Accused, EvidenceKind, Role, weigh
from litopys.ledger.passed_over import Beside, Placed, judge_passed_over
from litopys.note.notes import Note, format_note, parse_note, sign_text
from tests.support.council import WithSealers
from tests.support.simulated import make_key

SIMULATED = WithSealers()
NETWORK = SIMULATED.network()
LIE = b"\x01" * 32
RECORD = SIMULATED.record_of("thing:1", offset=0)
COUNTED = SIMULATED.block(0, NETWORK.digest, [RECORD])
NEXT = SIMULATED.block(1, COUNTED.hash, [SIMULATED.record_of("thing:1", 2, offset=1)])
B = f"{NETWORK.origin}/sealer/b"


def placed(block, sealer="a"):
    return Placed(block.height, SIMULATED.block_note(block, sealer), block.hash)


FIRST = Beside(placed(COUNTED), placed(COUNTED), NETWORK.digest)
"""Judged with block 0 itself."""
LATE = Beside(placed(NEXT), placed(COUNTED), NETWORK.digest)
"""Judged with block 1, for height 0."""


def note(block, sealer="b"):
    return SIMULATED.block_note(block, sealer)


def shown(raw, reason, beside):
    return [(one.kind.value, one.who) for one in judge_passed_over(raw, reason, network=NETWORK, beside=beside)]


OTHER = dataclasses.replace(COUNTED, ranges=(COUNTED.ranges[0]._replace(digest=LIE),))


@pytest.mark.parametrize("reason", [Dropped.PREVIOUS, Dropped.AMENDMENT, Dropped.RANGE, Dropped.DIGEST])
def test_a_block_that_broke_a_rule_when_its_turn_was(reason):
    assert shown(note(OTHER), reason, FIRST) == [("broken-block", B)]


def test_the_loser_of_a_race_is_no_liar():
    assert shown(note(OTHER), Dropped.HEIGHT, LATE) == [("lost-race", B)]
    weighed = weigh("lost-race", B, FIRST.counted.note, network=NETWORK, final_height=9)
    assert weighed.accused is None


def test_one_key_for_two_blocks_of_a_height():
    assert shown(note(OTHER, "a"), Dropped.HEIGHT, LATE) == [("two-blocks", B[:-1] + "a")]


def test_a_late_block_on_another_one_before():
    late = dataclasses.replace(OTHER, previous=LIE)
    assert shown(note(late), Dropped.HEIGHT, LATE) == [("broken-block", B)]
    late = dataclasses.replace(OTHER, amendment=LIE)
    assert shown(note(late), Dropped.HEIGHT, LATE) == [("broken-block", B)]


def test_a_block_before_its_turn():
    early = dataclasses.replace(OTHER, height=4)
    assert shown(note(early), Dropped.HEIGHT, Beside(placed(COUNTED), None, None)) == [("broken-block", B)]


def test_both_who_signed_a_lie_are_named():
    text = format_block(OTHER)
    both = format_note(Note(text, tuple(sign_text(SIMULATED.signer(f"sealer/{one}"), text) for one in "ab")))
    assert shown(both, Dropped.DIGEST, FIRST) == [
        ("broken-block", B[:-1] + "a"),
        ("broken-block", B),
        ("two-blocks", B[:-1] + "a"),
    ]


TEXT, (LINE,) = parse_note(note(OTHER))
STRANGER = make_key(f"{NETWORK.origin}/sealer/z")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"poison", Dropped.MALFORMED),
        (note(COUNTED), Dropped.HEIGHT),
        (format_note(Note(TEXT, (LINE._replace(signature=bytes(64)),))), Dropped.SIGNATURE),
        (format_note(Note(TEXT, (LINE, LINE))), Dropped.SIGNATURE),
        (format_note(Note(b"hello\n", (sign_text(STRANGER, b"hello\n"),))), Dropped.MALFORMED),
        (format_note(Note(TEXT, (LINE._replace(signature=bytes(64)), sign_text(STRANGER, TEXT)))), Dropped.SIGNATURE),
    ],
    ids=["poison", "a copy", "broken line", "line twice", "a stranger's note", "listed and broken"],
)
def test_what_says_nothing(raw, reason):
    assert shown(raw, reason, LATE) == []


def test_what_is_no_block_is_the_signers_alone():
    hello = format_note(Note(b"hello\n", (sign_text(SIMULATED.signer("sealer/b"), b"hello\n"),)))
    (one,) = judge_passed_over(hello, Dropped.MALFORMED, network=NETWORK, beside=FIRST)
    assert (one.kind, one.who, one.second) == (EvidenceKind.BROKEN_BLOCK, B, b"")
    assert weigh(*one[:2], one.second, network=NETWORK, final_height=-1).accused == Accused(Role.SEALER, "b")


def test_an_unlisted_key_is_named_by_its_id():
    raw = format_note(Note(TEXT, (sign_text(STRANGER, TEXT),)))
    ((kind, who),) = shown(raw, Dropped.SIGNATURE, FIRST)
    weighed = weigh(kind, who, b"", network=NETWORK, final_height=-1)
    assert weighed.accused == Accused(Role.KEY, STRANGER.vkey.key_id.hex())
    assert "not accused" in weighed.words


def test_an_unlisted_line_with_a_listed_id_names_nobody():
    line = LINE._replace(name=f"{NETWORK.origin}/sealer/z")
    ((kind, who),) = shown(format_note(Note(TEXT, (line,))), Dropped.SIGNATURE, FIRST)
    assert weigh(kind, who, b"", network=NETWORK, final_height=9).accused is None


def test_what_our_records_say_of_a_block_accuses_once_a_quorum_says_the_same():
    (one,) = judge_passed_over(note(OTHER), Dropped.DIGEST, network=NETWORK, beside=FIRST)
    early = weigh(one.kind, one.who, one.second, network=NETWORK, final_height=-1)
    assert early.accused is None
    assert early.words.startswith("nobody yet")
    assert weigh(one.kind, one.who, one.second, network=NETWORK, final_height=0).accused == Accused(Role.SEALER, "b")
