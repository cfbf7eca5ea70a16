"""Votes as they are read; quorum, the gate, block time."""

from dataclasses import replace

import pytest

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.collector import CosignatureCollector, Outcome
from litopys.ledger.finality import (
    SeenLogSignature,
    SeenVote,
    UnknownKey,
    Vote,
    block_time_s,
    format_receipt_checkpoint,
    is_vote_allowed,
    make_final_head,
    read_cosignature,
)
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, format_note, sign_text
from litopys.note.vkeys import ED25519_COSIGNATURE, make_signer
from tests.support.simulated import ORIGIN, VALIDATORS, Simulated

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
HEAD = Checkpoint(ORIGIN, 100, bytes(32))
STRANGER = make_signer(f"{ORIGIN}/validator/kyiv", ED25519_COSIGNATURE, bytes(32))


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
