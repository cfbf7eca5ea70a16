"""Votes, the others' cosignatures and evidence in a validator's database."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Halted
from litopys.ledger.evidence import KEY_PREFIX
from litopys.postgres.ledger_store import VoteRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from litopys.postgres.pool import Connection


_ENOUGH_EVIDENCE = 100


class CosignatureRow(NamedTuple):
    """A validator's valid cosignature of a body, with its time in seconds and its line as it arrived."""

    size: int
    validator: str
    root: bytes
    timestamp_s: int
    line: str


class LogSignatureRow(NamedTuple):
    """The log key's valid line over a body."""

    size: int
    root: bytes
    line: str


class EvidenceRow(NamedTuple):
    """Two pieces of raw bytes that cannot both be honest, of what kind, and whose."""

    kind: str
    who: str
    size: int | None
    detail: str
    first: bytes
    second: bytes

    @property
    def digest(self) -> bytes:
        """What makes the same find one row: SHA-256 over kind, who and both raw bytes, in either order."""
        low, high = sorted((hashlib.sha256(self.first).digest(), hashlib.sha256(self.second).digest()))
        return hashlib.sha256(f"{self.kind}\n{self.who}\n".encode() + low + high).digest()


class FoundEvidence(NamedTuple):
    """A stored piece of evidence, and when it was found by this machine's clock."""

    row: EvidenceRow
    at: datetime


async def write_cosignatures(connection: Connection, rows: Sequence[CosignatureRow]) -> None:
    """Store cosignatures; one of the same validator for the same body is kept as it first arrived."""
    if rows:
        await connection.execute(
            """insert into cosignature (size, validator, root, timestamp_s, line)
               select * from unnest($1::bigint[], $2::text[], $3::bytea[], $4::bigint[], $5::text[])
               on conflict do nothing""",
            *(list(column) for column in zip(*rows, strict=True)),
        )


async def write_log_signatures(connection: Connection, rows: Sequence[LogSignatureRow]) -> None:
    """Store the log's lines; a repeated one is kept as it first arrived."""
    if rows:
        await connection.execute(
            """insert into log_signature (size, root, line)
               select * from unnest($1::bigint[], $2::bytea[], $3::text[]) on conflict do nothing""",
            *(list(column) for column in zip(*rows, strict=True)),
        )


async def write_evidence(connection: Connection, rows: Sequence[EvidenceRow]) -> list[EvidenceRow]:
    """Keep evidence; returns what of it is new. Of one kind against one signer, a hundred pieces are enough.

    Keys that the network does not list count as one signer: anybody can make as many as they like.
    """
    new = []
    for row in rows:
        status = await connection.execute(
            """insert into evidence (digest, kind, who, size, detail, first, second)
               select $1, $2::text, $3::text, $4::bigint, $5, $6, $7
               where (select count(*) from evidence where kind = $2
                      and (who = $3 or (starts_with(who, $9) and starts_with($3, $9)))) < $8 on conflict do nothing""",
            row.digest,
            *row,
            _ENOUGH_EVIDENCE,
            KEY_PREFIX,
        )
        if status.endswith(" 1"):
            new.append(row)
    return new


async def count_evidence_kept(connection: Connection) -> dict[str, int]:
    """Count the pieces of evidence by kind; of most kinds there is none."""
    rows = await connection.fetch("select kind, count(*) from evidence group by kind")
    return {row["kind"]: row["count"] for row in rows}


async def read_firsts(connection: Connection, *, kind: str, who: str, second: bytes) -> list[bytes]:
    """The first bytes of evidence of a kind and signer that has these second bytes."""
    rows = await connection.fetch(
        "select first from evidence where kind = $1 and who = $2 and second = $3", kind, who, second
    )
    return [row["first"] for row in rows]


async def read_evidence(connection: Connection, *, since: datetime, skipped: int, limit: int) -> list[FoundEvidence]:
    """Evidence found at or after a time, oldest first, without the first `skipped` rows of it."""
    rows = await connection.fetch(
        """select found_at, kind, who, size, detail, first, second from evidence
           where found_at >= $1 order by found_at, digest offset $2 limit $3""",
        since,
        skipped,
        limit,
    )
    return [FoundEvidence(EvidenceRow(*list(row.values())[1:]), row["found_at"]) for row in rows]


async def adopt_found_votes(connection: Connection, validator: str) -> list[VoteRow]:
    """Take all cosignatures of `validator` (ourselves) that are no votes yet as votes; returns those taken.

    Where the block is stored the vote gets its height; elsewhere it waits for the block. Raises Halted where we have
    signed two roots of one size, or a size or root that our own blocks contradict: then either the database or the key
    is not ours alone.
    """
    await connection.execute(
        """update vote set height = b.height from block b
           where vote.height is null and b.size = vote.size and b.root = vote.root"""
    )
    rows = await connection.fetch(
        """insert into vote (size, height, root, line, found)
           select c.size, b.height, c.root, c.line, true from cosignature c
           left join block b on b.size = c.size and b.root = c.root
           where c.validator = $1 and not exists (select from vote v where v.size = c.size and v.root = c.root)
           order by c.size on conflict (size) do nothing returning size, height, root, line""",
        validator,
    )
    wrong = await connection.fetchval(
        """select c.size from cosignature c left join vote v on v.size = c.size and v.root = c.root
           where c.validator = $1 and (v.size is null
               or (v.height is null and c.size <= (select coalesce(max(size), 0) from block)))
           limit 1""",
        validator,
    )
    if wrong is not None:
        raise Halted(f"{validator} has cosigned another root or size than it stored, at tree size {wrong}")
    return [VoteRow(*row) for row in rows]


async def read_newest_vote_size(connection: Connection) -> int:
    """Return the largest tree size that was ever voted for, 0 before the first."""
    size: int | None = await connection.fetchval("select max(size) from vote")
    return size or 0


async def read_votes(connection: Connection, *, above_size: int) -> list[VoteRow]:
    """Own votes above a tree size, oldest first."""
    rows = await connection.fetch("select size, height, root, line from vote where size > $1 order by size", above_size)
    return [VoteRow(*row) for row in rows]


async def read_unseen_votes(connection: Connection, validator: str) -> list[VoteRow]:
    """Own votes above what is final that never appeared on the cosignatures topic, oldest first: to be published."""
    rows = await connection.fetch(
        """select v.size, v.height, v.root, v.line from vote v
           where v.size > (select coalesce(max(size), 0) from final_checkpoint) and not exists (
               select from cosignature c where c.size = v.size and c.validator = $1 and c.root = v.root)
           order by v.size""",
        validator,
    )
    return [VoteRow(*row) for row in rows]


async def read_cosignatures_of(
    connection: Connection, *, validator: str, above_size: int, limit: int
) -> list[CosignatureRow]:
    """Cosignatures seen of one validator, by rising size, for a peer that was restored and looks for its own votes."""
    rows = await connection.fetch(
        """select size, validator, root, timestamp_s, line from cosignature
           where validator = $1 and size > $2 order by size, root limit $3""",
        validator,
        above_size,
        limit,
    )
    return [CosignatureRow(*row) for row in rows]
