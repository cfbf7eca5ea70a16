"""Votes until they make something final; and evidence of who votes twice."""

import pytest

from litopys.errors import Halted, Malformed
from litopys.ledger.collector import CosignatureCollector, Outcome
from litopys.ledger.finality import format_final_checkpoint, format_receipt_checkpoint
from litopys.note.checkpoints import Checkpoint
from litopys.note.notes import parse_note
from tests.support.simulated import ORIGIN, VALIDATORS, Simulated
from tests.unit.ledger.test_finality import HEAD, NETWORK, SIMULATED

OTHER = Checkpoint(ORIGIN, 100, bytes(31) + b"\x01")
NEXT = Checkpoint(ORIGIN, 200, bytes(32))


def votes(checkpoint: Checkpoint, *validators: str) -> list[bytes]:
    return [SIMULATED.vote(checkpoint, validator) for validator in validators]


def collector_after(*notes: bytes) -> CosignatureCollector:
    collector = CosignatureCollector(NETWORK)
    for note in notes:
        collector.offer(note)
    return collector


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
