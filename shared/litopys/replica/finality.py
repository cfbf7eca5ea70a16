"""What became final and who lied, found out in a validator's database after each batch of cosignatures or block."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Halted
from litopys.ledger.evidence import EvidenceKind
from litopys.note.checkpoints import Checkpoint, format_checkpoint, parse_checkpoint
from litopys.note.notes import parse_note
from litopys.postgres import ledger_finality as rows
from litopys.postgres.ledger_votes import EvidenceRow
from litopys.replica.cosignatures import signer_behind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection


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
        """Tree size up to which lines over other bodies than ours have been looked for."""

    async def look(self, connection: Connection, *, sizes: Sequence[int]) -> Settled:
        """Find what is final and what contradicts; `sizes` are those of lines that have just been stored.

        Who signed another body than ours is named only where a quorum stands on ours: until then it may be we who were
        shown wrong records.
        """
        quorums = await rows.read_quorums(connection, quorum=self._network.quorum, sizes=sizes)
        finals = [
            rows.FinalRow(one.size, one.height, one.root)
            for one in quorums
            if one.height is not None and one.our_root == one.root
        ]
        elsewhere = [one for one in quorums if one.our_root != one.root]
        final_size = max([await rows.read_final_size(connection), *(one.size for one in finals)])
        window = rows.Window(above=min(self.looked_to, final_size), last=final_size, sizes=sizes)
        evidence = [self._of_double(one) for one in await rows.read_contradictions(connection, sizes)]
        evidence += map(self._of_stray, await rows.read_strays(connection, window))
        evidence += map(self._of_log_stray, await rows.read_log_strays(connection, window))
        evidence += self._of_renamed(await rows.read_renamed(connection, EvidenceKind.WRONG_KEY, window))
        evidence += [await self._of_quorum(connection, one) for one in elsewhere]
        self.looked_to = final_size
        return Settled(finals, evidence, bool(elsewhere))

    def note(self, size: int, root: bytes, lines: Iterable[str]) -> bytes:
        """Format a checkpoint note of this network with signature lines."""
        body = format_checkpoint(Checkpoint(self._network.origin, size, root))
        return body + b"\n" + "".join(f"{line}\n" for line in lines).encode()

    def _of_renamed(self, renamed: Iterable[rows.Renamed]) -> Iterator[EvidenceRow]:
        """Hold a validator to what its key signed under another's name: over a body of ours it may be a copy."""
        for one in renamed:
            body = parse_checkpoint(parse_note(one.note).text)
            signer = signer_behind(one.note, self._network)
            if signer is not None and body.root != one.our_root:
                stray = rows.Stray(body.size, signer, body.root, "", one.our_root)
                yield self._of_stray(stray)._replace(first=one.note)

    def _of_stray(self, stray: rows.Stray) -> EvidenceRow:
        theirs = self.note(stray.size, stray.root, [stray.line])
        if stray.our_root is None:
            detail = f"cosigned size {stray.size}, where no block ends"
            return EvidenceRow(EvidenceKind.VOTE_FOR_NO_BLOCK, stray.validator, stray.size, detail, theirs, b"")
        ours = self.note(stray.size, stray.our_root, [])
        detail = f"cosigned another root than ours at size {stray.size}"
        return EvidenceRow(EvidenceKind.VOTE_ELSEWHERE, stray.validator, stray.size, detail, theirs, ours)

    def _of_log_stray(self, stray: rows.LogStray) -> EvidenceRow:
        ours = b"" if stray.our_root is None else self.note(stray.size, stray.our_root, [])
        theirs = self.note(stray.size, stray.root, [stray.line])
        detail = f"signed size {stray.size} with a root that is not final"
        return EvidenceRow(EvidenceKind.LOG_ELSEWHERE, self._network.origin, stray.size, detail, theirs, ours)

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

    async def _of_quorum(self, connection: Connection, quorum: rows.Quorum) -> EvidenceRow:
        lines = await rows.read_lines(connection, size=quorum.size, root=quorum.root)
        ours = b"" if quorum.our_root is None else self.note(quorum.size, quorum.our_root, [])
        detail = f"a quorum stands on another body than ours at size {quorum.size}"
        theirs = self.note(quorum.size, quorum.root, lines)
        return EvidenceRow(EvidenceKind.QUORUM_ELSEWHERE, "quorum", quorum.size, detail, theirs, ours)
