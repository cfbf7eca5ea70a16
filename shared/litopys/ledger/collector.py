"""Collects votes until they make something final, and keeps evidence of those who vote twice.

Memory is bounded by the validators alone: of each, the newest `_OPEN_VOTES` sizes are kept. An honest one is never more
than 16 blocks ahead of what is final, so nothing that matters is forgotten, and nobody can push another's votes out.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from litopys.errors import Halted, Malformed, VerificationFailed
from litopys.ledger.finality import (
    FinalHead,
    SeenLogSignature,
    SeenVote,
    UnknownKey,
    Vote,
    make_final_head,
    read_cosignature,
)
from litopys.ledger.network import Network
from litopys.note.checkpoints import Checkpoint

_OPEN_VOTES: Final = 256
_ROOTS_A_SIZE: Final = 2
"""Further roots of one signer for one size are evidence all the same, but no longer counted."""


class Outcome(StrEnum):
    """What came of a record of the cosignatures topic."""

    COUNTED = "counted"
    REPEATED = "repeated"
    LOG_SIGNED = "log-signed"
    EQUIVOCATION = "equivocation"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    BAD_SIGNATURE = "bad-signature"


class Evidence(NamedTuple):
    """Two verified notes of one key, a validator's or the log's, for different roots at one tree size."""

    signer: str
    size: int
    first: bytes
    second: bytes


class Heard(NamedTuple):
    """What a record brought: its outcome, what was verified in it, and evidence if it contradicts an earlier one."""

    outcome: Outcome
    seen: SeenVote | SeenLogSignature | None = None
    evidence: Evidence | None = None


@dataclass(slots=True)
class _Tally:
    """The votes for one checkpoint, by validator."""

    checkpoint: Checkpoint
    votes: dict[str, Vote] = field(default_factory=dict)
    log_line: str | None = None


class CosignatureCollector:
    """Takes the records of the cosignatures topic in order and tells the newest final checkpoint.

    A signer's first note for a size is the one that later ones are held against; each counts for its own root.
    """

    def __init__(self, network: Network) -> None:
        """Start without any vote; after a restart, offer the stored notes again."""
        self._network = network
        self._tallies: dict[Checkpoint, _Tally] = {}
        self._notes: dict[str, OrderedDict[int, dict[Checkpoint, bytes]]] = {}
        self._final: _Tally | None = None
        self._published: _Tally | None = None

    def offer(self, note: bytes) -> Heard:
        """Take in one record. Raises Halted where two checkpoints of one size both carry a quorum."""
        try:
            seen = read_cosignature(note, self._network)
        except UnknownKey:
            return Heard(Outcome.UNKNOWN_KEY)
        except VerificationFailed:
            return Heard(Outcome.BAD_SIGNATURE)
        except Malformed:
            return Heard(Outcome.MALFORMED)
        signer = seen.vote.validator if isinstance(seen, SeenVote) else self._network.origin
        notes = self._notes_of(signer, seen.checkpoint)
        first = next(iter(notes.items()), (seen.checkpoint, note))
        evidence = None if first[0] == seen.checkpoint else Evidence(signer, seen.checkpoint.size, first[1], note)
        outcome = Outcome.EQUIVOCATION
        if seen.checkpoint in notes or len(notes) < _ROOTS_A_SIZE:
            notes.setdefault(seen.checkpoint, note)
            outcome = self._count(seen)
        return Heard(outcome if evidence is None else Outcome.EQUIVOCATION, seen, evidence)

    def final(self) -> FinalHead | None:
        """Return the newest checkpoint that carries a quorum, with all its cosignatures so far."""
        return self._head(self._final)

    def published(self) -> FinalHead | None:
        """Return the newest checkpoint that carries a quorum and the log's signature: what `/checkpoint` serves."""
        return self._head(self._published)

    def check_own(self, *, size: int, root: bytes) -> None:
        """Check that no quorum stands against one's own root at a size; raises Halted."""
        for checkpoint, tally in self._tallies.items():
            if checkpoint.size == size and checkpoint.root != root and self._is_final(tally):
                raise Halted(f"a quorum cosigned another root than ours at tree size {size}")

    def votes_against(self, *, size: int, root: bytes) -> tuple[SeenVote, ...]:
        """List the votes that are kept for other roots than this one at a size."""
        return tuple(
            SeenVote(checkpoint, vote)
            for checkpoint, tally in self._tallies.items()
            if checkpoint.size == size and checkpoint.root != root
            for vote in tally.votes.values()
        )

    def _count(self, seen: SeenVote | SeenLogSignature) -> Outcome:
        tally = self._tallies.setdefault(seen.checkpoint, _Tally(seen.checkpoint))
        if isinstance(seen, SeenLogSignature):
            outcome = Outcome.LOG_SIGNED if tally.log_line is None else Outcome.REPEATED
            tally.log_line = tally.log_line or seen.line
        elif seen.vote.validator in tally.votes:
            return Outcome.REPEATED
        else:
            tally.votes[seen.vote.validator] = seen.vote
            outcome = Outcome.COUNTED
        if self._is_final(tally):
            self._raise_to(tally)
        return outcome

    def _is_final(self, tally: _Tally) -> bool:
        return len(tally.votes) >= self._network.quorum

    def _raise_to(self, tally: _Tally) -> None:
        """Take note of a checkpoint with a quorum."""
        for checkpoint, other in self._tallies.items():
            if checkpoint.size == tally.checkpoint.size and other is not tally and self._is_final(other):
                raise Halted(f"two roots carry a quorum at tree size {checkpoint.size}")
        if self._final is None or tally.checkpoint.size > self._final.checkpoint.size:
            self._final = tally
        newest = self._published
        if tally.log_line is not None and (newest is None or tally.checkpoint.size > newest.checkpoint.size):
            self._published = tally

    def _notes_of(self, signer: str, checkpoint: Checkpoint) -> dict[Checkpoint, bytes]:
        """Return the signer's notes for a size, one for each root, and forget the signer's oldest size."""
        by_size = self._notes.setdefault(signer, OrderedDict())
        notes = by_size.setdefault(checkpoint.size, {})
        if len(by_size) > _OPEN_VOTES:
            _, oldest = by_size.popitem(last=False)
            for forgotten in oldest:
                self._forget(signer, forgotten)
        return notes

    def _forget(self, signer: str, checkpoint: Checkpoint) -> None:
        """Drop one vote, and the tally when nobody's is left; what is final or published stays whole."""
        tally = self._tallies[checkpoint]
        if tally is self._final or tally is self._published:
            return
        tally.votes.pop(signer, None)
        if signer == self._network.origin:
            tally.log_line = None
        if not tally.votes and tally.log_line is None:
            del self._tallies[checkpoint]

    def _head(self, tally: _Tally | None) -> FinalHead | None:
        if tally is None:
            return None
        return make_final_head(tally.checkpoint, tally.votes, network=self._network, log_line=tally.log_line)
