"""Receipts: one entry of the ledger with the proof that a quorum stands behind it (docs/spec/receipts-and-reading.md).

The file is a C2SP tlog-proof (https://c2sp.org/tlog-proof) whose `extra` carries the entry, so that it needs nothing
beside the trust policy. It has one form only and no idle byte: whatever is changed in it, it fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from litopys.errors import Malformed, VerificationFailed
from litopys.event.cloudevents import Event, format_source, parse_event
from litopys.event.entries import is_event_entry, parse_entry
from litopys.ledger.block_entries import BlockEntry, parse_block_entry
from litopys.ledger.words import check_decimal, format_hash, parse_decimal, parse_hash
from litopys.note.base64 import format_base64, parse_base64
from litopys.note.checkpoints import Checkpoint
from litopys.note.notes import Note, format_note
from litopys.note.policies import Cosigner, Policy
from litopys.tlog.hashing import leaf_hash
from litopys.tlog.proofs import verify_inclusion

CONTENT_TYPE: Final = "text/plain"
SUFFIX: Final = ".tlog-proof"
MAX_RECEIPT_BYTES: Final = 200_000

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_MAX_PROOF_HASHES: Final = 63


@dataclass(frozen=True, slots=True)
class Receipt:
    """The parts of a receipt, none of them verified; `checkpoint` is a signed note."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt proves: that this entry stands at this index of the ledger that a quorum cosigned."""

    entry: bytes
    index: int
    checkpoint: Checkpoint
    content: Event | BlockEntry
    cosigners: tuple[Cosigner, ...]


def make_receipt(*, entry: bytes, index: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Make the receipt of an entry under a final checkpoint (`finality.format_receipt_checkpoint`) that covers it."""
    return format_receipt(Receipt(entry, index, tuple(proof), checkpoint))


def parse_receipt(data: bytes) -> Receipt:
    """Parse a receipt; raises Malformed. Formatting it gives the same bytes."""
    if len(data) > MAX_RECEIPT_BYTES:
        raise Malformed("a receipt of more than 200,000 bytes")
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("other bytes than ASCII before the checkpoint") from error
    match lines:
        case [header, extra, index, *hashes] if separator and header == _HEADER and len(hashes) <= _MAX_PROOF_HASHES:
            return Receipt(
                entry=_parse_extra(extra),
                index=_parse_index(index),
                proof=tuple(parse_hash(line) for line in hashes),
                checkpoint=checkpoint,
            )
        case _:
            raise Malformed("not a receipt")


def format_receipt(receipt: Receipt) -> bytes:
    """Format a receipt; raises Malformed for an index or a proof that no tree has."""
    if not receipt.entry or len(receipt.proof) > _MAX_PROOF_HASHES:
        raise Malformed("no entry, or a proof longer than any tree's")
    lines = [
        _HEADER,
        f"extra {format_base64(receipt.entry)}",
        f"index {check_decimal(receipt.index)}",
        *map(format_hash, receipt.proof),
    ]
    return "\n".join(lines).encode("ascii") + b"\n\n" + receipt.checkpoint


def verify_receipt(data: bytes, policy: Policy) -> VerifiedReceipt:
    """Verify a receipt with nothing but the policy; raises Malformed or VerificationFailed."""
    receipt = parse_receipt(data)
    final = policy.verify_checkpoint(receipt.checkpoint, refuse_unknown=True)
    # The parsers leave no second spelling; this keeps it so if one of them should ever slacken.
    if format_receipt(replace(receipt, checkpoint=format_note(final.note))) != data:
        raise Malformed("not the one form of this receipt")
    _check_lines(final.note, policy)
    checkpoint = final.checkpoint
    verify_inclusion(
        index=receipt.index,
        size=checkpoint.size,
        leaf=leaf_hash(receipt.entry),
        proof=receipt.proof,
        root=checkpoint.root,
    )
    content = _read_content(receipt, checkpoint)
    return VerifiedReceipt(receipt.entry, receipt.index, checkpoint, content, final.cosigners)


def _check_lines(note: Note, policy: Policy) -> None:
    """Check that the lines are the log's and exactly a quorum of witnesses', in the policy's order."""
    given = [line.ref for line in note.lines]
    known = [(vkey.name, vkey.key_id) for vkey in (policy.log, *(witness.vkey for witness in policy.witnesses))]
    if given != [ref for ref in known if ref in given] or len(given) != policy.quorum + 1:
        raise VerificationFailed("a receipt has the log's line, then a quorum of cosignatures in order, and no other")


def _read_content(receipt: Receipt, checkpoint: Checkpoint) -> Event | BlockEntry:
    """Read the entry. What the ledger never holds is refused although its tree proves it."""
    try:
        if is_event_entry(receipt.entry):
            return _read_event(receipt.entry, checkpoint)
        return _read_block(receipt, checkpoint)
    except Malformed as error:
        raise VerificationFailed("the entry is neither an event nor a block entry of this ledger") from error


def _read_event(entry: bytes, checkpoint: Checkpoint) -> Event:
    event = parse_event(parse_entry(entry).value)
    if event.source != format_source(checkpoint.origin, event.sector):
        raise VerificationFailed("the event is of another network or sector")
    return event


def _read_block(receipt: Receipt, checkpoint: Checkpoint) -> BlockEntry:
    block_entry = parse_block_entry(receipt.entry)
    if block_entry.block.origin != checkpoint.origin or block_entry.index != receipt.index:
        raise VerificationFailed("the block entry is of another network or another index")
    return block_entry


def _parse_extra(line: str) -> bytes:
    prefix, _, text = line.partition(" ")
    if prefix != "extra":
        raise Malformed("not the line of the entry")
    return parse_base64(text)


def _parse_index(line: str) -> int:
    prefix, _, text = line.partition(" ")
    if prefix != "index":
        raise Malformed("not the line of the index")
    return parse_decimal(text)
