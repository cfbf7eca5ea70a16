"""Votes, the others' cosignatures, finality and evidence in a validator's database."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres.ledger_store import VoteRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection

FINAL_CHANNEL = "litopys_final"
"""NOTIFY channel: the payload is the newest final height."""


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


class FinalRow(NamedTuple):
    """A body that carries a quorum and is ours; `height` is the block after which it stands."""

    size: int
    height: int
    root: bytes


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


async def write_finals(connection: Connection, rows: Sequence[FinalRow]) -> None:
    """Store final bodies and tell the readers of this database the newest height."""
    if not rows:
        return
    await connection.execute(
        """insert into final_checkpoint (size, height, root)
           select * from unnest($1::bigint[], $2::bigint[], $3::bytea[]) on conflict do nothing""",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    await connection.execute("select pg_notify($1, $2)", FINAL_CHANNEL, str(max(row.height for row in rows)))


async def write_evidence(connection: Connection, rows: Sequence[EvidenceRow]) -> int:
    """Keep evidence; returns how many pieces were new."""
    new = 0
    for row in rows:
        status = await connection.execute(
            """insert into evidence (digest, kind, who, size, detail, first, second)
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing""",
            row.digest,
            *row,
        )
        new += int(status.rsplit(" ", 1)[1])
    return new


async def write_found_votes(connection: Connection, votes: Sequence[VoteRow]) -> None:
    """Take own cosignatures found on Kafka or at a peer as votes; those already known stay as they are."""
    if votes:
        await connection.execute(
            """insert into vote (size, height, root, note, found)
               select *, true from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])
               on conflict (size) do nothing""",
            *(list(column) for column in zip(*votes, strict=True)),
        )


async def read_votes(connection: Connection, *, above_size: int) -> list[VoteRow]:
    """Own votes above a tree size, oldest first: found ones that wait for their block, or ones to publish again."""
    rows = await connection.fetch("select size, height, root, note from vote where size > $1 order by size", above_size)
    return [VoteRow(*row) for row in rows]


async def read_cosignatures(connection: Connection, *, above_size: int) -> list[CosignatureRow]:
    """Cosignatures of bodies above a tree size: what a restarted validator counts on from."""
    rows = await connection.fetch(
        "select size, validator, root, timestamp_s, line from cosignature where size > $1 order by size, validator",
        above_size,
    )
    return [CosignatureRow(*row) for row in rows]


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


async def read_final(connection: Connection) -> FinalRow | None:
    """The newest final body, whether or not the log has signed it yet."""
    row = await connection.fetchrow("select size, height, root from final_checkpoint order by size desc limit 1")
    return None if row is None else FinalRow(*row)
