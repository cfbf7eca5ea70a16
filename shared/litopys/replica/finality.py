"""What became final and who lied, found out in a validator's database after each batch of cosignatures or block."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Halted
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.postgres import ledger_finality as rows
from litopys.postgres.ledger_votes import EvidenceRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection


class EvidenceKind(StrEnum):
    """What two pieces of bytes show together; only QUORUM_ELSEWHERE stops a validator."""

    DOUBLE_VOTE = "double-vote"
    VOTE_ELSEWHERE = "vote-elsewhere"
    VOTE_FOR_NO_BLOCK = "vote-for-no-block"
    TWO_LOG_HEADS = "two-log-heads"
    TWO_BLOCKS = "two-blocks"
    WRONG_KEY = "wrong-key"
    PEER_HEAD = "peer-head"
    QUORUM_ELSEWHERE = "quorum-elsewhere"


class QuorumElsewhere(Halted):
    """A quorum has cosigned a body that is not ours: one of the two is wrong, and no vote may follow."""


class Settled(NamedTuple):
    """What one look brought: newly final bodies, evidence, and whether a quorum stands elsewhere."""

    finals: Sequence[rows.FinalRow]
    evidence: Sequence[EvidenceRow]
    is_halted: bool


class FinalityKeeper:
    """Looks at the stored cosignatures beside the stored blocks; keeps no count of its own."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.looked_to = 0
        """Tree size up to which strays have been looked for."""

    async def look(self, connection: Connection, *, sizes: Sequence[int], our_size: int) -> Settled:
        """Find what is final and what contradicts; `sizes` are those of cosignatures that have just been stored."""
        quorums = await rows.read_quorums(connection, quorum=self._network.quorum, sizes=sizes)
        strays = await rows.read_strays(connection, above=min(self.looked_to, our_size), sizes=sizes)
        doubles = await rows.read_contradictions(connection, sizes)
        self.looked_to = our_size
        finals = [
            rows.FinalRow(one.size, one.height, one.root)
            for one in quorums
            if one.height is not None and one.our_root == one.root
        ]
        evidence = [*map(self._of_stray, strays), *map(self._of_double, doubles)]
        elsewhere = [one for one in quorums if one.our_root != one.root]
        evidence += [self._of_quorum(one, strays) for one in elsewhere]
        return Settled(finals, evidence, bool(elsewhere))

    def note(self, size: int, root: bytes, lines: Iterable[str]) -> bytes:
        """Format a checkpoint note of this network with signature lines."""
        body = format_checkpoint(Checkpoint(self._network.origin, size, root))
        return body + b"\n" + "".join(f"{line}\n" for line in lines).encode()

    def _of_stray(self, stray: rows.Stray) -> EvidenceRow:
        theirs = self.note(stray.size, stray.root, [stray.line])
        if stray.our_root is None:
            detail = f"cosigned size {stray.size}, where no block ends"
            return EvidenceRow(EvidenceKind.VOTE_FOR_NO_BLOCK, stray.validator, stray.size, detail, theirs, b"")
        ours = self.note(stray.size, stray.our_root, [])
        detail = f"cosigned another root than ours at size {stray.size}"
        return EvidenceRow(EvidenceKind.VOTE_ELSEWHERE, stray.validator, stray.size, detail, theirs, ours)

    def _of_double(self, double: rows.Contradiction) -> EvidenceRow:
        kind = EvidenceKind.DOUBLE_VOTE if double.who else EvidenceKind.TWO_LOG_HEADS
        return EvidenceRow(
            kind,
            double.who or self._network.origin,
            double.size,
            f"signed two roots at size {double.size}",
            self.note(double.size, double.first_root, [double.first_line]),
            self.note(double.size, double.second_root, [double.second_line]),
        )

    def _of_quorum(self, quorum: rows.Quorum, strays: Sequence[rows.Stray]) -> EvidenceRow:
        lines = [one.line for one in strays if (one.size, one.root) == (quorum.size, quorum.root)]
        ours = b"" if quorum.our_root is None else self.note(quorum.size, quorum.our_root, [])
        detail = f"a quorum stands on another body than ours at size {quorum.size}"
        theirs = self.note(quorum.size, quorum.root, lines)
        return EvidenceRow(EvidenceKind.QUORUM_ELSEWHERE, "quorum", quorum.size, detail, theirs, ours)
