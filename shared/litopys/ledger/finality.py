"""Votes become final: reading the cosignatures topic, quorum, `/checkpoint`, block time, the gate of votes.

docs/spec/receipts-and-reading.md. Final means: more than two thirds of the validators cosigned one checkpoint; it and
everything before it never revert.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.network import Network
from litopys.note.checkpoints import Checkpoint, format_checkpoint, parse_checkpoint
from litopys.note.cosignatures import verify_cosignature
from litopys.note.notes import SignatureLine, format_signature_line, parse_note
from litopys.note.vkeys import Vkey

MAX_UNFINAL_BLOCKS: Final = 16
"""A validator votes on height h only when h − 16 is final."""


class Vote(NamedTuple):
    """A verified cosignature: which validator, when by its own clock (seconds since 1970), and its line."""

    validator: str
    timestamp_s: int
    line: str


class SeenVote(NamedTuple):
    """A validator's verified cosignature of a checkpoint, as it was read from the cosignatures topic."""

    checkpoint: Checkpoint
    vote: Vote


class SeenLogSignature(NamedTuple):
    """The log key's verified signature of a checkpoint, as it was read from the cosignatures topic."""

    checkpoint: Checkpoint
    line: str


class UnknownKey(VerificationFailed):
    """The line is of no key that this network has for checkpoints."""


@dataclass(frozen=True, slots=True)
class FinalHead:
    """A checkpoint with its cosignatures, at least a quorum, in the network file's order; the log's line when known."""

    checkpoint: Checkpoint
    votes: tuple[Vote, ...]
    log_line: str | None


def read_cosignature(note: bytes, network: Network) -> SeenVote | SeenLogSignature:
    """Read one record of the cosignatures topic; raises Malformed, UnknownKey or VerificationFailed."""
    parsed = parse_note(note)
    if len(parsed.lines) != 1:
        raise Malformed("a record of the cosignatures topic has one signature line")
    checkpoint = parse_checkpoint(parsed.text)
    if checkpoint.origin != network.origin:
        raise Malformed("a checkpoint of another origin")
    (signature,) = parsed.lines
    line = format_signature_line(signature)
    if _is_of(signature, network.log.vkey):
        network.log.vkey.public.check(signature.signature, parsed.text)
        return SeenLogSignature(checkpoint, line)
    for validator in network.validators:
        if _is_of(signature, validator.key.vkey):
            timestamp_s = verify_cosignature(validator.key.vkey, parsed.text, signature.signature)
            return SeenVote(checkpoint, Vote(validator.name, timestamp_s, line))
    raise UnknownKey("not a key of a validator or of the log")


def make_final_head(
    checkpoint: Checkpoint, votes: Mapping[str, Vote], *, network: Network, log_line: str | None = None
) -> FinalHead:
    """Make a final head of verified votes by validator; raises VerificationFailed where they are no quorum."""
    ordered = tuple(votes[validator.name] for validator in network.validators if validator.name in votes)
    if len(ordered) < network.quorum:
        raise VerificationFailed("fewer cosignatures than the quorum")
    return FinalHead(checkpoint, ordered, log_line)


def format_final_checkpoint(head: FinalHead) -> bytes:
    """Format what `/checkpoint` serves: the log's line, then every cosignature; raises Malformed without the first."""
    return _format_note(head, head.votes)


def format_receipt_checkpoint(head: FinalHead, quorum: int) -> bytes:
    """Format a receipt's checkpoint: the log's line, then the first `quorum` cosignatures; no line is idle."""
    return _format_note(head, head.votes[:quorum])


def block_time_s(head: FinalHead, quorum: int) -> int:
    """Compute the time to display for blocks that this head made final: lower median of the first `quorum` votes'."""
    times = sorted(vote.timestamp_s for vote in head.votes[:quorum])
    return times[(len(times) - 1) // 2]


def is_vote_allowed(*, height: int, final_height: int) -> bool:
    """Answer whether a validator may vote on a height; `final_height` is −1 while nothing is final."""
    return height - MAX_UNFINAL_BLOCKS <= final_height


def _format_note(head: FinalHead, votes: Iterable[Vote]) -> bytes:
    if head.log_line is None:
        raise Malformed("the log has not signed this checkpoint yet")
    lines = [head.log_line, *(vote.line for vote in votes)]
    return format_checkpoint(head.checkpoint) + b"\n" + "".join(f"{line}\n" for line in lines).encode()


def _is_of(signature: SignatureLine, vkey: Vkey) -> bool:
    return signature.ref == (vkey.name, vkey.key_id)
