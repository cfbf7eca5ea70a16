"""Records of the cosignatures topic, checked one by one: a lying or broken one is named and passed over, never more."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.finality import SeenLogSignature, SeenVote, UnknownKey, read_cosignature
from litopys.note.notes import parse_note
from litopys.postgres.ledger_votes import CosignatureRow, EvidenceRow, LogSignatureRow
from litopys.replica.finality import EvidenceKind

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
        """Return the tree sizes of the bodies that were signed."""
        return {row.size for row in self.cosignatures} | {row.size for row in self.log_signatures}


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
    return checked


def _take(seen: SeenVote | SeenLogSignature, checked: Checked) -> None:
    _, size, root = seen.checkpoint
    if isinstance(seen, SeenLogSignature):
        checked.log_signatures.append(LogSignatureRow(size, root, seen.line))
    else:
        vote = seen.vote
        checked.cosignatures.append(CosignatureRow(size, vote.validator, root, vote.timestamp_s, vote.line))


def _of_wrong_key(value: bytes, network: Network) -> list[EvidenceRow]:
    """A validator's name over a key that is not its: worth a look, though anybody could have written it."""
    claimed = parse_note(value).lines[0].name
    return [
        EvidenceRow(EvidenceKind.WRONG_KEY, validator.name, None, "a line under another key", value, b"")
        for validator in network.validators
        if validator.key.vkey.name == claimed
    ]
