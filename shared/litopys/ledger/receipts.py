"""Receipts: one entry of the ledger with the proof that a quorum stands behind it (docs/spec/receipts-and-reading.md).

The file is a C2SP tlog-proof (https://c2sp.org/tlog-proof) whose `extra` carries the entry, so that it needs nothing
beside the trust policy. It has one form only and no idle byte: whatever is changed in it, it fails.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Final, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.event.cloudevents import Event, format_source, parse_event
from litopys.event.entries import is_event_entry, parse_entry
from litopys.ledger.block_entries import BlockEntry, parse_block_entry
from litopys.ledger.finality import FinalHead, format_receipt_checkpoint
from litopys.ledger.words import check_decimal, format_hash, parse_decimal, parse_hash
from litopys.note.checkpoints import Checkpoint, parse_checkpoint
from litopys.note.notes import parse_note
from litopys.note.policies import Policy
from litopys.tlog.hashing import leaf_hash
from litopys.tlog.proofs import verify_inclusion

CONTENT_TYPE: Final = "text/plain"
SUFFIX: Final = ".tlog-proof"
MAX_RECEIPT_BYTES: Final = 200_000

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_MAX_PROOF_HASHES: Final = 63
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class Receipt(NamedTuple):
    """The parts of a receipt, none of them verified; `checkpoint` is a signed note."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


class Cosigner(NamedTuple):
    """A validator that stands behind a receipt, and when it cosigned by its own clock (seconds since 1970)."""

    name: str
    timestamp_s: int


class VerifiedReceipt(NamedTuple):
    """What a receipt proves: that this entry stands at this index of the ledger that a quorum cosigned."""

    entry: bytes
    index: int
    checkpoint: Checkpoint
    content: Event | BlockEntry
    cosigners: tuple[Cosigner, ...]


def make_receipt(
    *, entry: bytes, index: int, proof: Sequence[bytes], head: FinalHead, quorum: int
) -> bytes:
    """Make the receipt of an entry under a final head that covers it; raises Malformed while the log has not signed."""
    return format_receipt(Receipt(entry, index, tuple(proof), format_receipt_checkpoint(head, quorum)))


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
        f"extra {b64encode(receipt.entry).decode('ascii')}",
        f"index {check_decimal(receipt.index)}",
        *map(format_hash, receipt.proof),
    ]
    return "\n".join(lines).encode("ascii") + b"\n\n" + receipt.checkpoint


def verify_receipt(data: bytes, policy: Policy) -> VerifiedReceipt:
    """Verify a receipt with nothing but the policy; raises Malformed or VerificationFailed."""
    receipt = parse_receipt(data)
    if format_receipt(receipt) != data:
        raise Malformed("not the one form of this receipt")
    final = policy.verify_checkpoint(receipt.checkpoint)
    _check_lines(receipt.checkpoint, policy)
    checkpoint = final.checkpoint
    verify_inclusion(
        index=receipt.index,
        size=checkpoint.size,
        leaf=leaf_hash(receipt.entry),
        proof=receipt.proof,
        root=checkpoint.root,
    )
    content = _read_content(receipt, checkpoint)
    cosigners = tuple(Cosigner(name, timestamp_s) for name, timestamp_s in final.cosigners)
    return VerifiedReceipt(receipt.entry, receipt.index, checkpoint, content, cosigners)


def _check_lines(note: bytes, policy: Policy) -> None:
    """Check that the lines are the log's and exactly a quorum of witnesses', in the policy's order."""
    given = [(line.name, line.key_id) for line in parse_note(note).signatures]
    witnesses = [(witness.vkey.name, witness.vkey.key_id) for witness in policy.witnesses]
    expected = [(policy.log.name, policy.log.key_id), *(key for key in witnesses if key in given)]
    if given != expected or len(given) != policy.quorum + 1:
        raise VerificationFailed("a receipt has the log's line and a quorum of cosignatures, in order, and no other line")


def _read_content(receipt: Receipt, checkpoint: Checkpoint) -> Event | BlockEntry:
    """Read the entry. What the ledger never holds is refused although its tree proves it."""
    try:
        return _read_event(receipt.entry, checkpoint) if is_event_entry(receipt.entry) else _read_block(receipt, checkpoint)
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
    if prefix != "extra" or not _BASE64.fullmatch(text):
        raise Malformed("not the line of the entry")
    try:
        entry = b64decode(text, validate=True)
    except Base64Error as error:
        raise Malformed("not base64") from error
    if b64encode(entry).decode("ascii") != text:
        raise Malformed("base64 with idle bits")
    return entry


def _parse_index(line: str) -> int:
    prefix, _, text = line.partition(" ")
    if prefix != "index":
        raise Malformed("not the line of the index")
    return parse_decimal(text)
