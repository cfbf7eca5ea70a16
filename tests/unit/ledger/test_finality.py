"""Votes, quorum, the gate, block time, `/checkpoint`; and evidence of who votes twice."""

from dataclasses import replace

import pytest

from litopys.errors import Halted, Malformed, VerificationFailed
from litopys.ledger.collector import CosignatureCollector, Outcome
from litopys.ledger.finality import (
    SeenLogSignature,
    SeenVote,
    UnknownKey,
    Vote,
    block_time_s,
    format_final_checkpoint,
    format_receipt_checkpoint,
    is_vote_allowed,
    make_final_head,
    read_cosignature,
)
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, format_note, parse_note, sign_text
from litopys.note.vkeys import ED25519_COSIGNATURE, make_signer
from tests.support.simulated import ORIGIN, VALIDATORS, Simulated

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
HEAD = Checkpoint(ORIGIN, 100, bytes(32))
OTHER = Checkpoint(ORIGIN, 100, bytes(31) + b"\x01")
NEXT = Checkpoint(ORIGIN, 200, bytes(32))
STRANGER = make_signer(f"{ORIGIN}/validator/kyiv", ED25519_COSIGNATURE, bytes(32))


def collector_after(*notes: bytes) -> CosignatureCollector:
    collector = CosignatureCollector(NETWORK)
    for note in notes:
        collector.offer(note)
    return collector


def votes(checkpoint: Checkpoint, *validators: str) -> list[bytes]:
    return [SIMULATED.vote(checkpoint, validator) for validator in validators]


def test_reads_a_vote_and_the_logs_signature():
    seen = read_cosignature(SIMULATED.vote(HEAD, "lviv", 1_234), NETWORK)
    assert isinstance(seen, SeenVote)
    assert (seen.checkpoint, seen.vote.validator, seen.vote.timestamp_s) == (HEAD, "lviv", 1_234)
    assert f"{seen.vote.line}\n".encode() == SIMULATED.vote(HEAD, "lviv", 1_234).rpartition(b"\n\n")[2]
    assert isinstance(read_cosignature(SIMULATED.log_note(HEAD), NETWORK), SeenLogSignature)


BODY = format_checkpoint(HEAD)
VOTE = cosign(SIMULATED.signer("validator/kyiv"), BODY, 1_000)
BAD_NOTES = {
    "empty": (b"", Malformed),
    "garbage": (b"\xff" * 99, Malformed),
    "no line": (BODY + b"\n", Malformed),
    "two lines": (format_note(Note(BODY, (VOTE, VOTE))), Malformed),
    "another origin": (SIMULATED.vote(Checkpoint("simulated.example/two", 1, bytes(32)), "kyiv"), Malformed),
    "no checkpoint": (format_note(Note(b"x\n", (cosign(SIMULATED.signer("validator/kyiv"), b"x\n", 1),))), Malformed),
    "four lines of body": (BODY + b"x\n" + SIMULATED.vote(HEAD, "kyiv")[len(BODY) :], Malformed),
    "a stranger under the name": (format_note(Note(BODY, (cosign(STRANGER, BODY, 1),))), UnknownKey),
    "a sealer": (format_note(Note(BODY, (sign_text(SIMULATED.signer("sealer/a"), BODY),))), UnknownKey),
    "another size": (SIMULATED.vote(HEAD, "kyiv").replace(b"\n100\n", b"\n101\n"), VerificationFailed),
    "a time moved": (
        format_note(Note(BODY, (VOTE._replace(signature=bytes(8) + VOTE.signature[8:]),))),
        VerificationFailed,
    ),
    "a signature cut": (format_note(Note(BODY, (VOTE._replace(signature=VOTE.signature[:-1]),))), VerificationFailed),
    "the log's altered": (SIMULATED.log_note(HEAD).replace(b"\n100\n", b"\n101\n"), VerificationFailed),
}


@pytest.mark.parametrize("case", BAD_NOTES)
def test_refuses(case):
    note, error = BAD_NOTES[case]
    with pytest.raises(error):
        read_cosignature(note, NETWORK)
    outcome = {
        Malformed: Outcome.MALFORMED,
        UnknownKey: Outcome.UNKNOWN_KEY,
        VerificationFailed: Outcome.BAD_SIGNATURE,
    }[error]
    collector = CosignatureCollector(NETWORK)
    assert collector.offer(note).outcome is outcome
    assert collector.final() is None


def test_two_thirds_are_no_quorum():
    """With 3 validators 2n/3 is exactly 2: a network file with that quorum is refused, and 3 are needed."""
    with pytest.raises(Malformed):
        Simulated(validators=VALIDATORS[:3], quorum=2).network()
    network = Simulated(validators=VALIDATORS[:3], quorum=3).network()
    collector = CosignatureCollector(network)
    for note in votes(HEAD, *VALIDATORS[:2]):
        assert collector.offer(note).outcome is Outcome.COUNTED
        assert collector.final() is None
    collector.offer(SIMULATED.vote(HEAD, VALIDATORS[2]))
    assert collector.final() is not None


def test_repeated_votes_do_not_add_up():
    collector = collector_after(*votes(HEAD, "kyiv", "lviv"))
    assert collector.offer(SIMULATED.vote(HEAD, "kyiv")).outcome is Outcome.REPEATED
    assert collector.offer(SIMULATED.vote(HEAD, "kyiv", 5)).outcome is Outcome.REPEATED
    assert collector.offer(SIMULATED.log_note(HEAD)).outcome is Outcome.LOG_SIGNED
    assert collector.offer(SIMULATED.log_note(HEAD)).outcome is Outcome.REPEATED
    assert collector.final() is None


def test_votes_for_different_roots_do_not_add_up():
    collector = collector_after(*votes(HEAD, "kyiv", "lviv"), *votes(OTHER, "odesa", "dnipro"))
    assert collector.final() is None
    assert {seen.vote.validator for seen in collector.votes_against(size=100, root=HEAD.root)} == {"odesa", "dnipro"}
    collector.check_own(size=100, root=bytes(32))


def test_final_and_published():
    collector = collector_after(*votes(HEAD, "dnipro", "kyiv", "lviv"))
    head = collector.final()
    assert head is not None
    assert [vote.validator for vote in head.votes] == ["kyiv", "lviv", "dnipro"]
    assert collector.published() is None
    with pytest.raises(Malformed):
        format_final_checkpoint(head)
    collector.offer(SIMULATED.log_note(HEAD))
    collector.offer(SIMULATED.vote(HEAD, "odesa"))
    published = collector.published()
    assert published is not None
    note = parse_note(format_final_checkpoint(published))
    assert [line.name for line in note.lines] == [ORIGIN, *(f"{ORIGIN}/validator/{name}" for name in VALIDATORS)]
    assert NETWORK.policy().verify_checkpoint(format_final_checkpoint(published)).checkpoint == HEAD
    short = parse_note(format_receipt_checkpoint(published, 3))
    assert short.lines == note.lines[:4]


def test_the_log_alone_makes_nothing_final():
    collector = collector_after(SIMULATED.log_note(HEAD), *votes(HEAD, "kyiv", "lviv"))
    assert collector.final() is None
    collector.offer(SIMULATED.vote(HEAD, "odesa"))
    assert collector.published() is not None


def test_the_newest_size_is_final_and_an_older_one_never_replaces_it():
    collector = collector_after(*votes(NEXT, "kyiv", "lviv", "odesa"), *votes(HEAD, "kyiv", "lviv", "odesa"))
    final = collector.final()
    assert final is not None
    assert final.checkpoint == NEXT
    collector.offer(SIMULATED.log_note(HEAD))
    published = collector.published()
    assert published is not None
    assert published.checkpoint == HEAD


def test_a_double_vote_is_evidence():
    first, second = SIMULATED.vote(HEAD, "kyiv", 1), SIMULATED.vote(OTHER, "kyiv", 2)
    collector = collector_after(first)
    heard = collector.offer(second)
    assert heard.outcome is Outcome.EQUIVOCATION
    assert heard.evidence == ("kyiv", 100, first, second)
    third = SIMULATED.vote(Checkpoint(ORIGIN, 100, b"\x02" * 32), "kyiv", 3)
    assert collector.offer(third).evidence == ("kyiv", 100, first, third)
    assert len(collector._tallies) == 2


def test_two_heads_signed_by_the_log_are_evidence():
    collector = collector_after(SIMULATED.log_note(HEAD))
    heard = collector.offer(SIMULATED.log_note(OTHER))
    assert heard.evidence == (ORIGIN, 100, SIMULATED.log_note(HEAD), SIMULATED.log_note(OTHER))


def test_a_quorum_against_our_own_root_stops():
    collector = collector_after(*votes(HEAD, "kyiv", "lviv", "odesa"))
    collector.check_own(size=100, root=HEAD.root)
    collector.check_own(size=99, root=OTHER.root)
    with pytest.raises(Halted):
        collector.check_own(size=100, root=OTHER.root)


def test_two_quorums_at_one_size_stop():
    collector = collector_after(*votes(HEAD, "kyiv", "lviv", "odesa"), *votes(OTHER, "kyiv", "lviv"))
    with pytest.raises(Halted):
        collector.offer(SIMULATED.vote(OTHER, "dnipro"))


def test_memory_is_bounded_and_nobody_pushes_out_the_votes_of_others():
    collector = collector_after(*votes(HEAD, "kyiv", "lviv"))
    for size in range(1_000, 1_600):
        collector.offer(SIMULATED.vote(Checkpoint(ORIGIN, size, bytes(32)), "dnipro"))
    assert len(collector._tallies) == 257
    collector.offer(SIMULATED.vote(HEAD, "odesa"))
    assert collector.final() is not None


def test_what_is_final_stays_whole_when_votes_are_forgotten():
    collector = collector_after(*votes(HEAD, "kyiv", "lviv", "odesa"))
    for size in range(1_000, 1_300):
        collector.offer(SIMULATED.vote(Checkpoint(ORIGIN, size, bytes(32)), "kyiv"))
    final = collector.final()
    assert final is not None
    assert [vote.validator for vote in final.votes] == ["kyiv", "lviv", "odesa"]


@pytest.mark.parametrize(
    ("height", "final_height", "allowed"),
    [(0, -1, True), (15, -1, True), (16, -1, False), (16, 0, True), (17, 0, False), (100, 84, True), (101, 84, False)],
)
def test_the_gate_of_votes(height, final_height, allowed):
    assert is_vote_allowed(height=height, final_height=final_height) is allowed


@pytest.mark.parametrize(("times", "expected"), [([5, 1, 9, 0], 5), ([1, 9, 5], 5), ([9, 1, 1], 1)])
def test_block_time_is_the_lower_median_of_the_first_quorum(times, expected):
    given = {name: Vote(name, time, "") for name, time in zip(VALIDATORS, times, strict=False)}
    assert block_time_s(make_final_head(HEAD, given, network=NETWORK), 3) == expected


def test_lower_median_of_an_even_number():
    given = {name: Vote(name, time, "") for name, time in zip(VALIDATORS, [4, 3, 2, 1], strict=True)}
    assert block_time_s(make_final_head(HEAD, given, network=NETWORK), 4) == 2


def test_no_final_head_without_a_quorum():
    vote = Vote("kyiv", 1, "")
    with pytest.raises(VerificationFailed):
        make_final_head(HEAD, {"kyiv": vote, "lviv": replace_name(vote, "lviv")}, network=NETWORK)
    strangers = {name: replace_name(vote, name) for name in ("a", "b", "c")}
    with pytest.raises(VerificationFailed):
        make_final_head(HEAD, strangers, network=NETWORK)


def replace_name(vote: Vote, name: str) -> Vote:
    return vote._replace(validator=name)


def test_a_head_without_the_logs_line_makes_no_receipt():
    head = make_final_head(HEAD, {name: Vote(name, 1, "") for name in VALIDATORS}, network=NETWORK)
    with pytest.raises(Malformed):
        format_receipt_checkpoint(replace(head, log_line=None), 3)
