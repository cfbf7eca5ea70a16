"""Evidence in a validator's database: every row shows what it says, and what the stored lines show has its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litopys.audit.database_votes import Doubt
from litopys.audit.feeds import RowFeed
from litopys.errors import LitopysError, Malformed, VerificationFailed
from litopys.ledger.blocks import parse_block
from litopys.ledger.chain import Dropped, genesis
from litopys.ledger.evidence import THIS_BROKER, EvidenceKind, weigh
from litopys.ledger.finality import SeenVote, read_cosignature
from litopys.ledger.passed_over import Beside, Placed, height_of, judge_passed_over, look_late, signers_of
from litopys.ledger.records import parse_record_bytes
from litopys.note.checkpoints import Checkpoint, parse_checkpoint
from litopys.note.notes import Note, format_note, parse_note
from litopys.postgres.ledger_votes import EvidenceRow
from litopys.replica.cosignatures import wrong_key
from litopys.replica.finality import FinalityKeeper

if TYPE_CHECKING:
    from litopys.audit.findings import Report
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection

_EVIDENCE = "select digest, kind, who, size, detail, first, second from evidence order by digest"
_FINAL_HEIGHT = "select coalesce(max(height), -1) from final_checkpoint"
_DOUBLE_SIZES = """select size from cosignature group by size, validator having count(*) > 1
    union select size from log_signature group by size having count(*) > 1 order by size"""
_MOST_DUE = 1_000
"""What the queries of postgres/ledger_finality.py return at most."""
_EXISTS = "select exists (select from evidence where digest = $1)"
_ALIKE = {
    *(EvidenceKind.DOUBLE_VOTE, EvidenceKind.TWO_LOG_HEADS),
    *(EvidenceKind.VOTE_ELSEWHERE, EvidenceKind.LOG_ELSEWHERE),
}
_OF_A_SIZE = {
    *_ALIKE,
    *(EvidenceKind.VOTE_FOR_NO_BLOCK, EvidenceKind.WRONG_KEY, EvidenceKind.QUORUM_ELSEWHERE),
}


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
        final_height = await self._connection.fetchval(_FINAL_HEIGHT)
        feed = await RowFeed.open(self._connection, _EVIDENCE)
        while (row := await feed.take()) is not None:
            key = row["digest"].hex()[:16]
            stored = EvidenceRow(*list(row.values())[1:])
            self._weigh(stored, final_height)
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

    def _weigh(self, row: EvidenceRow, final_height: int) -> None:
        """Say whom a row accuses."""
        try:
            weighed = weigh(row.kind, row.who, row.second, network=self._network, final_height=final_height)
        except ValueError:
            return  # no kind of ours: found when the row is checked
        self._report.accuse(weighed.accused, weighed.words)

    async def _due(self) -> dict[bytes, EvidenceRow]:
        """Return the evidence that the stored cosignatures and lines of the log call for, by digest."""
        sizes = [row["size"] for row in await self._connection.fetch(_DOUBLE_SIZES)]
        try:
            settled = await FinalityKeeper(self._network).look(self._connection, sizes=sizes)
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
                self._check_two_blocks(row)
            case EvidenceKind.BROKEN_BLOCK | EvidenceKind.LOST_RACE | EvidenceKind.UNLISTED_SEALER:
                await self._check_passed_over(row)
            case EvidenceKind.WRONG_KEY:
                self._check_wrong_key(row)
            case EvidenceKind.OTHER_RECORDS:
                _check_other_records(row)
            case EvidenceKind.PEER_HEAD:
                self._check_peer_head(row)
            case EvidenceKind.QUORUM_ELSEWHERE:
                await self._check_quorum(row)
            case _ if not self._is_cut:
                raise VerificationFailed("no stored line calls for it")

    def _check_two_blocks(self, row: EvidenceRow) -> None:
        first, second = (parse_note(one) for one in (row.first, row.second))
        is_twice = parse_block(first.text).height == parse_block(second.text).height and first.text != second.text
        if not is_twice or not all(row.who in signers_of(one, self._network) for one in (first, second)):
            raise VerificationFailed("not two blocks of this sealer for one height")

    async def _check_passed_over(self, row: EvidenceRow) -> None:
        """Judge the block again, beside those that count; of a range or a digest alone the records are not at hand."""
        height, second_height = height_of(row.first), height_of(row.second)
        second = await self._placed(second_height)
        if row.second and (second is None or second.note != row.second):
            raise VerificationFailed("its second bytes are not the note of a stored block")
        counted = await self._placed(height)
        previous = (
            genesis(self._network).hash if height == 0 else getattr(await self._placed(_below(height)), "hash", None)
        )
        beside = Beside(second or Placed(-1 if height is None else height, b"", b""), counted, previous)
        shown = {
            (one.kind, one.who, one.second)
            for reason in self._reasons(row.first, beside)
            for one in judge_passed_over(row.first, reason, network=self._network, beside=beside)
        }
        if (row.kind, row.who, row.second) not in shown:
            raise VerificationFailed("not a block of this signer that shows this")

    def _reasons(self, raw: bytes, beside: Beside) -> set[Dropped]:
        if height_of(raw) is None:
            return {Dropped.MALFORMED}
        late = look_late(parse_block(parse_note(raw).text), self._network, beside)
        return {Dropped.HEIGHT, Dropped.RANGE, Dropped.DIGEST} if late is Dropped.HEIGHT else {late}

    async def _placed(self, height: int | None) -> Placed | None:
        row = await self._connection.fetchrow("select height, note, text_hash from block where height = $1", height)
        return None if row is None else Placed(*row)

    def _check_wrong_key(self, row: EvidenceRow) -> None:
        found = wrong_key(row.first, self._network)
        if found is None or (found.who, found.size, found.second) != (row.who, row.size, row.second):
            raise VerificationFailed("not a line under a validator's name by another key")

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


def _below(height: int | None) -> int | None:
    return None if height is None else height - 1


def _check_other_records(row: EvidenceRow) -> None:
    """Check that two different records are shown, or a block that names the other as the one before it."""
    if row.who != THIS_BROKER or row.first == row.second:
        raise VerificationFailed("not two records that differ")
    height = height_of(row.second)
    if height is None:
        parse_record_bytes(row.first)
        parse_record_bytes(row.second)
    elif parse_block(parse_note(row.first).text).previous != parse_block(parse_note(row.second).text).hash:
        raise VerificationFailed("not a block and the one after it")
