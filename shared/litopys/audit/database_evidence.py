"""Evidence in a validator's database: every row shows what it says, and what the stored lines show has its row."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from litopys.audit.database_votes import Doubt
from litopys.audit.feeds import RowFeed
from litopys.errors import LitopysError, Malformed, VerificationFailed
from litopys.ledger.blocks import parse_block
from litopys.ledger.finality import SeenVote, UnknownKey, read_cosignature
from litopys.note.checkpoints import Checkpoint, parse_checkpoint
from litopys.note.notes import Note, format_note, parse_note, plain_checks, verify_note
from litopys.postgres.ledger_votes import EvidenceRow
from litopys.replica.finality import EvidenceKind, FinalityKeeper

if TYPE_CHECKING:
    from litopys.audit.findings import Report
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection

_EVIDENCE = "select digest, kind, who, size, detail, first, second from evidence order by digest"
_DOUBLE_SIZES = """select size from cosignature group by size, validator having count(*) > 1
    union select size from log_signature group by size having count(*) > 1 order by size"""
_MOST_DUE = 1_000
"""What the queries of postgres/ledger_finality.py return at most."""
_EXISTS = "select exists (select from evidence where digest = $1)"
_ALIKE = {EvidenceKind.DOUBLE_VOTE, EvidenceKind.TWO_LOG_HEADS, EvidenceKind.VOTE_ELSEWHERE}
_OF_A_SIZE = {*_ALIKE, EvidenceKind.VOTE_FOR_NO_BLOCK, EvidenceKind.QUORUM_ELSEWHERE}


class EvidenceAudit:
    """Checks the table of evidence from both sides."""

    def __init__(self, connection: Connection, *, network: Network, report: Report) -> None:
        self._connection = connection
        self._network = network
        self._report = report
        self._is_cut = False
        self.doubts: list[Doubt] = []

    async def run(self) -> None:
        """Check every row, then that none is missing that the stored lines call for."""
        due = await self._due()
        feed = await RowFeed.open(self._connection, _EVIDENCE)
        while (row := await feed.take()) is not None:
            key = row["digest"].hex()[:16]
            stored = EvidenceRow(*list(row.values())[1:])
            expected = due.pop(stored.digest, None)
            try:
                await self._check(row["digest"], stored, expected)
            except LitopysError as error:
                self._report.find("evidence", key, f"does not show what it says: {error}")
            self._report.count("evidence")
        self.doubts += [
            Doubt("evidence", f"{row.kind} of {row.who}, size {row.size}", "is missing", _EXISTS, (digest,))
            for digest, row in due.items()
        ]

    async def _due(self) -> dict[bytes, EvidenceRow]:
        """Return the evidence that the stored cosignatures and lines of the log call for, by digest."""
        sizes = [row["size"] for row in await self._connection.fetch(_DOUBLE_SIZES)]
        our_size = await self._connection.fetchval("select coalesce(max(size), 0) from block")
        try:
            settled = await FinalityKeeper(self._network).look(self._connection, sizes=sizes, our_size=our_size)
        except Malformed as error:
            self._report.find("cosignature", "", f"a line stands over what is no checkpoint: {error}")
            self._report.skip("whether evidence is missing: a stored body is none")
            self._is_cut = True
            return {}
        self._is_cut = len(settled.evidence) >= _MOST_DUE
        if self._is_cut:
            self._report.skip(f"whether evidence is missing: there is that of {_MOST_DUE} contradictions and more")
        return {row.digest: row for row in settled.evidence if row.kind != EvidenceKind.QUORUM_ELSEWHERE}

    async def _check(self, digest: bytes, row: EvidenceRow, expected: EvidenceRow | None) -> None:
        if digest != row.digest:
            raise VerificationFailed("digest is not that of kind, who and bytes")
        if expected is not None:
            if (expected.size, expected.detail) != (row.size, row.detail):
                raise VerificationFailed("size or detail is not what the bytes say")
            if {expected.first, expected.second} != {row.first, row.second} or (
                row.kind not in _ALIKE and expected.first != row.first
            ):
                raise VerificationFailed("first and second are not the bytes that contradict each other")
            return
        await self._check_kind(row)

    async def _check_kind(self, row: EvidenceRow) -> None:
        """Check a row whose bytes came from outside the stored lines."""
        if (row.size is None) == (row.kind in _OF_A_SIZE):
            raise VerificationFailed("size does not belong to this kind")
        match row.kind:
            case EvidenceKind.TWO_BLOCKS:
                await self._check_two_blocks(row)
            case EvidenceKind.WRONG_KEY:
                self._check_wrong_key(row)
            case EvidenceKind.PEER_HEAD:
                self._check_peer_head(row)
            case EvidenceKind.QUORUM_ELSEWHERE:
                await self._check_quorum(row)
            case _ if not self._is_cut:
                raise VerificationFailed("no stored line calls for it")

    async def _check_two_blocks(self, row: EvidenceRow) -> None:
        note = parse_note(row.first)
        block = parse_block(note.text)
        lines = verify_note(note, plain_checks(*self._network.sealer_keys(block.height)))
        counted = await self._connection.fetchval("select note from block where height = $1", block.height)
        is_other = counted is not None and sha256(parse_note(counted).text).digest() != sha256(note.text).digest()
        if not lines or lines[0].name != row.who or row.second != counted or not is_other:
            raise VerificationFailed("not another block of this sealer for the height of a stored one")

    def _check_wrong_key(self, row: EvidenceRow) -> None:
        names = {one.name: one.key.vkey.name for one in self._network.validators}
        try:
            read_cosignature(row.first, self._network)
        except UnknownKey:
            is_claimed = parse_note(row.first).lines[0].name == names.get(row.who)
            if is_claimed and not row.second:
                return
        raise VerificationFailed("not a line under this validator's name by another key")

    def _check_peer_head(self, row: EvidenceRow) -> None:
        if row.who not in {one.name for one in self._network.validators} or row.second:
            raise VerificationFailed("of no validator")
        try:
            self._network.policy().verify_checkpoint(row.first)
        except (Malformed, VerificationFailed):
            return
        raise VerificationFailed("this checkpoint verifies")

    async def _check_quorum(self, row: EvidenceRow) -> None:
        note = parse_note(row.first)
        checkpoint = parse_checkpoint(note.text)
        seen = [read_cosignature(format_note(Note(note.text, (line,))), self._network) for line in note.lines]
        voters = {one.vote.validator for one in seen if isinstance(one, SeenVote)}
        ours = await self._connection.fetchval("select root from block where size = $1", checkpoint.size)
        is_right = checkpoint.size == row.size and checkpoint.root != ours and row.who == "quorum"
        if len(voters) < self._network.quorum or not is_right or row.second != self._ours(checkpoint, ours):
            raise VerificationFailed("no quorum on another body than ours")

    def _ours(self, checkpoint: Checkpoint, root: Any) -> bytes:  # noqa: ANN401 -- a column
        return b"" if root is None else FinalityKeeper(self._network).note(checkpoint.size, root, [])
