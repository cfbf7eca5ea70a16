"""A validator's durable writes of blocks: everything a block brings, in one transaction, by COPY and UNNEST.

Work is per block: the number of statements does not depend on the number of events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Halted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection

ENTRIES_PER_PARTITION = 1 << 24
"""Entries in one table partition; a partition is some 20 GiB and its primary key fits in memory."""


class EntryRow(NamedTuple):
    """A leaf: its index, its bytes, and the index of the entry before it in its stream (None: first, or block)."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which rows have no use for
    body: bytes
    previous: int | None


class TileRow(NamedTuple):
    """A tile of the tree, full or the right edge: `hashes` is 32 bytes a node."""

    level: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which rows have no use for
    hashes: bytes


class StreamRow(NamedTuple):
    """Where a stream stands: its version, the index of its last entry, and its state as the sector's codec wrote it."""

    subject: str
    version: int
    last_index: int
    state: bytes


class RejectionRow(NamedTuple):
    """A refused record, whole; `subject` and `version` where it could be read so far."""

    height: int
    number: int
    sector: str
    partition: int
    offset: int
    reason: str
    signature: bytes
    value: bytes
    subject: str | None
    version: int | None


class PositionRow(NamedTuple):
    """The next offset to be read of a topic's partition."""

    topic: str
    partition: int
    next_offset: int


class VoteRow(NamedTuple):
    """What this validator cosigned: tree size, height (None: not recomputed yet), root, line."""

    size: int
    height: int | None
    root: bytes
    line: str


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block as stored: its note, and what came of it. `text_hash` is the `previous` of the next one."""

    height: int
    note: bytes
    text_hash: bytes
    blocks_offset: int | None
    first_index: int
    size: int
    root: bytes
    rejected: int


@dataclass(frozen=True, slots=True)
class BlockWrite:
    """Everything one block changes. `vote` is None where the block rests on others' quorum.

    `new_streams` are not in the database yet, `streams` are: new ones go in by COPY, at half the cost.
    """

    block: BlockRow
    entries: Sequence[EntryRow]
    tiles: Sequence[TileRow]
    new_streams: Sequence[StreamRow]
    streams: Sequence[StreamRow]
    rejections: Sequence[RejectionRow]
    positions: Sequence[PositionRow]
    vote: VoteRow | None


_BLOCK_COLUMNS = ("height", "note", "text_hash", "blocks_offset", "first_index", "size", "root", "rejected")


async def write_block(connection: Connection, write: BlockWrite) -> None:
    """Store a block inside the caller's transaction. Raises Halted unless it follows the stored head."""
    await _append(connection, write.block)
    await connection.copy_records_to_table("entry", records=write.entries, columns=EntryRow._fields)
    await _upsert_tiles(connection, write.tiles)
    await connection.copy_records_to_table("stream", records=write.new_streams, columns=StreamRow._fields)
    await _update_streams(connection, write.streams)
    if write.rejections:
        await connection.copy_records_to_table("rejection", records=write.rejections, columns=RejectionRow._fields)
    await write_positions(connection, write.positions)
    if write.vote is not None:
        await write_vote(connection, write.vote)


async def write_vote(connection: Connection, vote: VoteRow) -> None:
    """Store a vote; one found outside gets its height. Raises Halted where another root was voted for at this size."""
    kept = await connection.fetchval(
        """insert into vote (size, height, root, line) values ($1, $2, $3, $4)
           on conflict (size) do update set height = excluded.height where vote.root = excluded.root
           returning size""",
        vote.size,
        vote.height,
        vote.root,
        vote.line,
    )
    if kept is None:
        raise Halted(f"this validator has voted for another root at tree size {vote.size}")


async def write_positions(connection: Connection, positions: Sequence[PositionRow]) -> None:
    """Move positions forward; part of the transaction that stores what was read."""
    await connection.execute(
        """insert into position (topic, partition, next_offset)
           select * from unnest($1::text[], $2::int[], $3::bigint[])
           on conflict (topic, partition) do update set next_offset = excluded.next_offset""",
        *_columns(positions, len(PositionRow._fields)),
    )


async def ensure_entry_partitions(connection: Connection, size: int) -> None:
    """Make the partition that index `size` falls in and the one after it, ahead of need. Safe to repeat.

    A function of the database's owner does it: this process's own role makes no tables.
    """
    await connection.execute("select ensure_entry_partitions($1)", size)


async def _append(connection: Connection, block: BlockRow) -> None:
    """Insert the block only on top of the one before it: a second writer on one database fails here, not later."""
    row = await connection.fetchrow("select height, size from block order by height desc limit 1")
    head = (-1, 0) if row is None else (row["height"], row["size"])
    if head != (block.height - 1, block.first_index):
        raise Halted(f"block {block.height} at index {block.first_index} does not follow the stored {head}")
    await connection.copy_records_to_table(
        "block", records=[tuple(getattr(block, column) for column in _BLOCK_COLUMNS)], columns=_BLOCK_COLUMNS
    )


async def _upsert_tiles(connection: Connection, tiles: Sequence[TileRow]) -> None:
    await connection.execute(
        """insert into tile (level, index, hashes)
           select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])
           on conflict (level, index) do update set hashes = excluded.hashes""",
        *_columns(tiles, len(TileRow._fields)),
    )


async def _update_streams(connection: Connection, streams: Sequence[StreamRow]) -> None:
    if not streams:
        return
    await connection.execute(
        """update stream set version = new.version, last_index = new.last_index, state = new.state
           from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[]) as new (subject, version, last_index, state)
           where stream.subject = new.subject""",
        *_columns(streams, len(StreamRow._fields)),
    )


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows turned into columns, as UNNEST wants them."""
    return [[row[i] for row in rows] for i in range(width)]
