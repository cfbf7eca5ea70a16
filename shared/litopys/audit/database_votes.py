"""Votes, cosignatures, the log's lines and final bodies: every line verified again, every quorum counted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from litopys.audit.feeds import RowFeed
from litopys.errors import LitopysError, VerificationFailed
from litopys.ledger.finality import SeenLogSignature, SeenVote, read_cosignature
from litopys.note.checkpoints import Checkpoint, format_checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.audit.findings import Report
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection

_VOTES = """select v.size, v.height, v.root, v.line, v.found, b.height as block_height, b.root as block_root
    from vote v left join block b on b.size = v.size order by v.size"""
_UNVOTED = """select count(*) as blocks, max(b.size) as newest from block b left join vote v on v.size = b.size
    where v.size is null"""
_COSIGNATURES = """select c.size, c.validator, c.root, c.timestamp_s, c.line, v.root as vote_root, b.root as block_root
    from cosignature c left join vote v on v.size = c.size left join block b on b.size = c.size
    order by c.size, c.root, c.validator"""
_LOG = """select l.size, l.root, l.line, f.root as final_root, b.root as block_root
    from log_signature l left join final_checkpoint f on f.size = l.size left join block b on b.size = l.size
    order by l.size, l.root"""
_FINALS = """select f.size, f.height, f.root, b.height as block_height, b.root as block_root
    from final_checkpoint f left join block b on b.size = f.size order by f.size"""


class Doubt(NamedTuple):
    """A row that is missing now and may come with the validator's next transaction: looked at once more at the end."""

    table: str
    key: str
    what: str
    query: str
    arguments: tuple[object, ...]


class VoteAudit:
    """Checks whatever is signed over the tree's size and root; `validator` is whose database it is."""

    def __init__(self, connection: Connection, *, network: Network, validator: str, report: Report) -> None:
        self._connection = connection
        self._network = network
        self._validator = validator
        self._report = report
        self._our_size = 0
        self.doubts: list[Doubt] = []

    async def run(self) -> None:
        """Check votes, cosignatures with final bodies, and the log's lines."""
        self._our_size = await self._connection.fetchval("select coalesce(max(size), 0) from block")
        await self._audit_votes()
        await self._audit_cosignatures()
        await self._audit_log()

    def read(self, size: int, root: bytes, line: str) -> SeenVote | SeenLogSignature:
        """Verify a stored line over a stored body. Raises what `read_cosignature` raises."""
        body = format_checkpoint(Checkpoint(self._network.origin, size, root))
        seen = read_cosignature(body + b"\n" + line.encode() + b"\n", self._network)
        if (seen.vote.line if isinstance(seen, SeenVote) else seen.line) != line:
            raise VerificationFailed("another spelling of the line")
        return seen

    async def _audit_votes(self) -> None:
        feed = await RowFeed.open(self._connection, _VOTES)
        while (row := await feed.take()) is not None:
            key = f"size {row['size']}"
            if self._voter("vote", key, row) not in {self._validator, None}:
                self._report.find("vote", key, f"the line is not {self._validator}'s")
            if row["size"] <= self._our_size:
                is_ours = (row["height"], row["root"]) == (row["block_height"], row["block_root"])
                self._report.expect(is_ours, "vote", key=key, what="height and root are not those of the block there")
            else:
                is_waiting = row["height"] is None and row["found"]
                self._report.expect(
                    is_waiting, "vote", key=key, what="no block stands there, and it was not found outside"
                )
            self._report.count("votes")
        await self._audit_unvoted()

    async def _audit_unvoted(self) -> None:
        """Blocks taken from a peer rest on its quorum and are not voted on; above what is final there are none."""
        row = await self._connection.fetchrow(_UNVOTED)
        if row is None or not row["blocks"]:
            return
        self._report.remarks.append(f"{row['blocks']} blocks without a vote of ours, as after catching up from a peer")
        query = "select exists (select from final_checkpoint where size >= $1)"
        what = "is missing: the block is not final"
        self.doubts.append(Doubt("vote", f"size {row['newest']}", what, query, (row["newest"],)))

    async def _audit_cosignatures(self) -> None:
        feed = await RowFeed.open(self._connection, _COSIGNATURES)
        finals = await RowFeed.open(self._connection, _FINALS)
        while (first := await feed.peek()) is not None:
            await self._pass_finals(finals, before=first["size"])
            rows = []
            while (row := await feed.peek()) is not None and row["size"] == first["size"]:
                rows.append(await feed.take())
            final = await finals.peek()
            is_final = final is not None and final["size"] == first["size"]
            self._count(rows, await finals.take() if is_final else None)
        await self._pass_finals(finals, before=None)

    async def _pass_finals(self, finals: RowFeed, *, before: int | None) -> None:
        """Final bodies without a single cosignature."""
        while (row := await finals.peek()) is not None and (before is None or row["size"] < before):
            self._check_final(await finals.take(), 0)

    def _count(self, rows: Sequence[Any], final: Any) -> None:  # noqa: ANN401 -- a row
        """Verify the cosignatures of one size and count them by root."""
        votes: dict[bytes, int] = {}
        for row in rows:
            key = f"size {row['size']}, {row['validator']}"
            voter = self._voter("cosignature", key, row, timestamp_s=row["timestamp_s"])
            if voter is not None and voter != row["validator"]:
                self._report.find("cosignature", key, f"validator is {voter} by the line")
            if voter == row["validator"]:
                votes[row["root"]] = votes.get(row["root"], 0) + 1
            if voter == self._validator and row["vote_root"] != row["root"]:
                self._report.find("vote", f"size {row['size']}", "is missing: our own cosignature of this body is here")
            self._report.count("cosignatures")
        if final is not None:
            self._check_final(final, votes.get(final["root"], 0))
        self._find_quorums(rows[0], votes, None if final is None else final["root"])

    def _find_quorums(self, row: Any, votes: dict[bytes, int], final_root: bytes | None) -> None:  # noqa: ANN401
        """Find quorums that are not stored as final, or stand on a body that is not ours."""
        size, block_root = row["size"], row["block_root"]
        for root, count in votes.items():
            if count < self._network.quorum or size > self._our_size or root == final_root:
                continue
            if root != block_root:
                self._report.find("block", f"size {size}", "a quorum has cosigned another body than the one stored")
            else:
                query = "select exists (select from final_checkpoint where size = $1 and root = $2)"
                doubt = Doubt("final_checkpoint", f"size {size}", "is missing: a quorum stands", query, (size, root))
                self.doubts.append(doubt)

    def _check_final(self, row: Any, votes: int) -> None:  # noqa: ANN401 -- a row
        key = f"size {row['size']}"
        is_ours = (row["height"], row["root"]) == (row["block_height"], row["block_root"])
        self._report.expect(
            is_ours, "final_checkpoint", key=key, what="height and root are not those of the block there"
        )
        has_quorum = votes >= self._network.quorum
        self._report.expect(has_quorum, "final_checkpoint", key=key, what=f"{votes} valid cosignatures are no quorum")
        self._report.count("final bodies")

    async def _audit_log(self) -> None:
        newest = await self._connection.fetchval("select coalesce(max(size), 0) from final_checkpoint")
        feed = await RowFeed.open(self._connection, _LOG)
        while (row := await feed.take()) is not None:
            key = f"size {row['size']}"
            try:
                is_log = isinstance(self.read(row["size"], row["root"], row["line"]), SeenLogSignature)
            except LitopysError:
                is_log = False
            self._report.expect(is_log, "log_signature", key=key, what="the line is not the log's over this body")
            is_elsewhere = row["block_root"] != row["root"]  # a lie of the log, for which its evidence must be there
            is_final = row["size"] > newest or is_elsewhere or row["final_root"] == row["root"]
            self._report.expect(
                is_final, "log_signature", key=key, what="the log has signed what carries no quorum here"
            )
            self._report.count("lines of the log")

    def _voter(self, table: str, key: str, row: Any, timestamp_s: int | None = None) -> str | None:  # noqa: ANN401
        """Return whose line it is; None where it does not verify, which is noted."""
        try:
            seen = self.read(row["size"], row["root"], row["line"])
        except LitopysError as error:
            self._report.find(table, key, f"the line does not verify: {error}")
            return None
        if not isinstance(seen, SeenVote):
            self._report.find(table, key, "the line is the log's")
            return None
        if timestamp_s not in {None, seen.vote.timestamp_s}:
            self._report.find(table, key, "timestamp_s is not the line's")
        return seen.vote.validator
