"""Records of the cosignatures topic, checked one by one: a lying or broken one is named and passed over, never more."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.evidence import NOBODY, EvidenceKind, name_key
from litopys.ledger.finality import SeenLogSignature, SeenVote, UnknownKey, read_cosignature
from litopys.note.checkpoints import parse_checkpoint
from litopys.note.cosignatures import verify_cosignature
from litopys.note.notes import parse_note
from litopys.postgres.ledger_votes import CosignatureRow, EvidenceRow, LogSignatureRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litopys.ledger.network import Network


class Passed(StrEnum):
    """Why a record of the cosignatures topic was passed over."""

    MALFORMED = "malformed"
    KEY = "key"
    SIGNATURE = "signature"


class Checked(NamedTuple):
    """What a batch of records came to, as rows to be stored."""

    cosignatures: list[CosignatureRow]
    log_signatures: list[LogSignatureRow]
    passed: list[Passed]
    evidence: list[EvidenceRow]

    @property
    def sizes(self) -> set[int]:
        """Return the tree sizes of the bodies that were signed, under whatever name."""
        renamed = {row.size for row in self.evidence if row.size is not None}
        return renamed | {row.size for row in self.cosignatures} | {row.size for row in self.log_signatures}


def check_cosignatures(values: Iterable[bytes], network: Network) -> Checked:
    """Check records, each a checkpoint with one line by a validator or by the log."""
    checked = Checked([], [], [], [])
    for value in values:
        try:
            _take(read_cosignature(value, network), checked)
        except Malformed:
            checked.passed.append(Passed.MALFORMED)
        except UnknownKey:
            checked.passed.append(Passed.KEY)
            checked.evidence.extend(_of_wrong_key(value, network))
        except VerificationFailed:
            checked.passed.append(Passed.SIGNATURE)
            checked.evidence.extend(_of_wrong_key(value, network))
    return checked


def _take(seen: SeenVote | SeenLogSignature, checked: Checked) -> None:
    _, size, root = seen.checkpoint
    if isinstance(seen, SeenLogSignature):
        checked.log_signatures.append(LogSignatureRow(size, root, seen.line))
    else:
        vote = seen.vote
        checked.cosignatures.append(CosignatureRow(size, vote.validator, root, vote.timestamp_s, vote.line))


def signer_behind(value: bytes, network: Network) -> str | None:
    """Name the validator whose key made the one signature of a note, under whatever name it stands; None if none did.

    A cosignature does not hold its signer's name: it may have been made so, or copied from an honest vote.
    """
    note = parse_note(value)
    for validator in network.validators:
        try:
            verify_cosignature(validator.key.vkey, note.text, note.lines[0].signature)
        except VerificationFailed:
            continue
        return validator.name
    return None


def wrong_key(value: bytes, network: Network) -> EvidenceRow | None:
    """Tell what a vote shows that stands under a validator's name and is not by its key; None where it says nothing.

    Its subject is the id of a key that the network does not have, else nobody: an id of ours, or a signature of ours,
    anybody can copy.
    """
    note = parse_note(value)
    (line,) = note.lines
    behind = signer_behind(value, network)
    refs = {one.key.vkey.name: one.key.vkey.key_id for one in network.validators}
    if line.name not in refs or (behind is None and line.key_id == refs[line.name]):
        return None
    is_stranger = behind is None and line.key_id not in refs.values()
    by = "a key that is not listed" if behind is None else f"the key of {behind}, or copied from its vote"
    size = parse_checkpoint(note.text).size
    detail = f"a vote under the name {line.name}, signed by {by}"
    who = name_key(line.key_id) if is_stranger else NOBODY
    return EvidenceRow(EvidenceKind.WRONG_KEY, who, size, detail, value, b"")


def _of_wrong_key(value: bytes, network: Network) -> list[EvidenceRow]:
    row = wrong_key(value, network)
    return [] if row is None else [row]
