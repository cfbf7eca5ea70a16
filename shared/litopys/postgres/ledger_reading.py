"""Reading a validator's database by height, index and size: tiles, entries, blocks, rejections, final checkpoints.

Needs nothing but a connection; every function is one query. What is not there is None or an empty list, never an error.
"""

# ruff: noqa: S608 — only lists of columns stand in the texts; every value is a parameter

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres.ledger_store import BlockRow, EntryRow, RejectionRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection

HASH_SIZE = 32
_BLOCK = "height, note, text_hash, blocks_offset, first_index, size, root, rejected"
_TILES = """select level, index, hashes from tile
    where (level, index) in (select * from unnest($1::smallint[], $2::bigint[]))"""
_REJECTION = 'height, number, sector, partition, "offset", reason, signature, value, subject, version'


class CheckpointRow(NamedTuple):
    """A final body with all cosignature lines known of it, by validator, and the log's line where it has signed it."""

    size: int
    height: int
    root: bytes
    log_line: str | None
    lines: dict[str, str]


async def read_tile(connection: Connection, *, level: int, index: int, width: int) -> bytes | None:
    """Return `width` hashes of a tile, cut from what is stored; None where there are fewer."""
    hashes: bytes | None = await connection.fetchval(
        "select substr(hashes, 1, $3) from tile where level = $1 and index = $2", level, index, width * HASH_SIZE
    )
    return hashes if hashes is not None and len(hashes) == width * HASH_SIZE else None


async def read_tiles(connection: Connection, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Return the stored hashes of the tiles at (level, index), whole; missing ones are left out."""
    rows = await connection.fetch(_TILES, [level for level, _ in wanted], [index for _, index in wanted])
    return {(row["level"], row["index"]): row["hashes"] for row in rows}


async def read_leaf_and_tiles(
    connection: Connection, index: int, wanted: Sequence[tuple[int, int]]
) -> tuple[bytes | None, dict[tuple[int, int], bytes]]:
    """Return the entry at an index, and the stored hashes of the tiles at (level, index), whole; what is missing not.

    One query for both: what a proof is made of.
    """
    rows = await connection.fetch(
        f"{_TILES} union all select null, index, body from entry where index = $3",
        [level for level, _ in wanted],
        [number for _, number in wanted],
        index,
    )
    found = {(row["level"], row["index"]): row["hashes"] for row in rows}
    return found.pop((None, index), None), found


async def read_entries(connection: Connection, *, first: int, count: int) -> list[EntryRow]:
    """Return the entries from index `first`, at most `count`, fewer at the end of what is stored."""
    rows = await connection.fetch(
        "select index, body, previous from entry where index >= $1 and index < $2 order by index", first, first + count
    )
    return [EntryRow(*row) for row in rows]


async def read_final_height(connection: Connection) -> int:
    """Return the newest final height, -1 before the first."""
    height: int | None = await connection.fetchval("select height from final_checkpoint order by size desc limit 1")
    return -1 if height is None else height


async def read_size_at(connection: Connection, height: int) -> int | None:
    """Return the tree size after block `height`, None above what is stored."""
    size: int | None = await connection.fetchval("select size from block where height = $1", height)
    return size


async def read_block(connection: Connection, height: int) -> BlockRow | None:
    """Return a stored block."""
    row = await connection.fetchrow(f"select {_BLOCK} from block where height = $1", height)
    return None if row is None else BlockRow(*row)


async def read_block_of_size(connection: Connection, size: int) -> BlockRow | None:
    """Return the block after which the tree has exactly this size."""
    row = await connection.fetchrow(f"select {_BLOCK} from block where size = $1", size)
    return None if row is None else BlockRow(*row)


async def read_block_of_index(connection: Connection, index: int) -> BlockRow | None:
    """Return the block that an index falls in."""
    row = await connection.fetchrow(f"select {_BLOCK} from block where size > $1 order by size limit 1", index)
    return None if row is None else BlockRow(*row)


async def read_blocks(connection: Connection, *, first: int, last: int) -> list[BlockRow]:
    """Return the blocks of heights first … last, both included, in order."""
    rows = await connection.fetch(
        f"select {_BLOCK} from block where height between $1 and $2 order by height", first, last
    )
    return [BlockRow(*row) for row in rows]


async def read_rejections(connection: Connection, *, height: int) -> list[RejectionRow]:
    """Return all refused records of a block, in the order of its list."""
    rows = await connection.fetch(f"select {_REJECTION} from rejection where height = $1 order by number", height)
    return [RejectionRow(*row) for row in rows]


async def read_rejection(connection: Connection, *, height: int, number: int) -> RejectionRow | None:
    """Return the n-th refused record of a block, from 0."""
    row = await connection.fetchrow(
        f"select {_REJECTION} from rejection where height = $1 and number = $2", height, number
    )
    return None if row is None else RejectionRow(*row)


async def read_rejections_after(
    connection: Connection, *, height: int, number: int, last: int, limit: int
) -> list[RejectionRow]:
    """Return refused records after (height, number), up to block `last`, in order."""
    rows = await connection.fetch(
        f"""select {_REJECTION} from rejection where (height, number) > ($1, $2) and height <= $3
            order by height, number limit $4""",
        height,
        number,
        last,
        limit,
    )
    return [RejectionRow(*row) for row in rows]


async def read_rejections_of(connection: Connection, *, subject: str, version: int) -> list[RejectionRow]:
    """Return refused records that claimed an address, oldest first, at most 100."""
    rows = await connection.fetch(
        f"""select {_REJECTION} from rejection where subject = $1 and version = $2
            order by height, number limit 100""",
        subject,
        version,
    )
    return [RejectionRow(*row) for row in rows]


async def read_stream_head(connection: Connection, subject: str) -> tuple[int, int] | None:
    """Return version and last index of a stream."""
    row = await connection.fetchrow("select version, last_index from stream where subject = $1", subject)
    return None if row is None else (row["version"], row["last_index"])


async def read_chain(connection: Connection, *, index: int, limit: int) -> list[EntryRow]:
    """Return an entry and those before it in its stream, newest first, at most `limit`."""
    rows = await connection.fetch(
        """with recursive walk as (
               select index, body, previous, 1 as step from entry where index = $1
               union all
               select e.index, e.body, e.previous, step + 1 from walk w join entry e on e.index = w.previous
               where step < $2)
           select index, body, previous from walk order by step""",
        index,
        limit,
    )
    return [EntryRow(*row) for row in rows]


async def read_index_back(connection: Connection, *, index: int, steps: int) -> int | None:
    """Return the index that lies `steps` entries before `index` in the same stream."""
    found: int | None = await connection.fetchval(
        """with recursive walk as (
               select index, previous, 0 as step from entry where index = $1
               union all
               select e.index, e.previous, step + 1 from walk w join entry e on e.index = w.previous where step < $2)
           select index from walk where step = $2""",
        index,
        steps,
    )
    return found


async def read_events_at(
    connection: Connection, addresses: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], EntryRow]:
    """Return the entries at those addresses (stream id, version) that are stored, all with one walk back."""
    rows = await connection.fetch(
        """with recursive wanted as (select distinct * from unnest($1::text[], $2::bigint[]) as w (subject, version)),
           walk as (
               select w.subject, w.version as wanted, s.version, s.last_index as index
               from wanted w join stream s using (subject) where s.version >= w.version
               union all
               select k.subject, k.wanted, k.version - 1, e.previous
               from walk k join entry e on e.index = k.index where k.version > k.wanted)
           select k.subject, k.wanted, e.index, e.body, e.previous
           from walk k join entry e on e.index = k.index where k.version = k.wanted""",
        [subject for subject, _ in addresses],
        [version for _, version in addresses],
    )
    return {(row["subject"], row["wanted"]): EntryRow(row["index"], row["body"], row["previous"]) for row in rows}


async def read_checkpoint(connection: Connection) -> CheckpointRow | None:
    """Return the newest final body that the log has signed: what /checkpoint and receipts show."""
    return await _checkpoint(connection, f"{_LOG_LINE} is not null order by f.size desc limit 1")


async def read_checkpoint_from(connection: Connection, size: int) -> CheckpointRow | None:
    """Return the first final body at or after a tree size: whence the time of a block comes."""
    return await _checkpoint(connection, "f.size >= $1 order by f.size limit 1", size)


# A scalar query for each row and no join: so the bodies are gone through from the newest one, of which the first few
# are enough. As a join all of them were put together and sorted, for every receipt.
_LOG_LINE = "(select l.line from log_signature l where l.size = f.size and l.root = f.root)"


async def _checkpoint(connection: Connection, which: str, *arguments: int) -> CheckpointRow | None:
    row = await connection.fetchrow(
        f"""with head as materialized (
                select f.size, f.height, f.root, {_LOG_LINE} as line from final_checkpoint f where {which})
            select h.size, h.height, h.root, h.line, c.validators, c.lines
            from head h cross join lateral (
                select array_agg(c.validator) as validators, array_agg(c.line) as lines
                from cosignature c where c.size = h.size and c.root = h.root) as c""",
        *arguments,
    )
    if row is None or row["validators"] is None:
        return None
    lines = dict(zip(row["validators"], row["lines"], strict=True))
    return CheckpointRow(row["size"], row["height"], row["root"], row["line"], lines)


async def read_height(connection: Connection) -> int:
    """Return the newest stored height, -1 before the first."""
    height: int | None = await connection.fetchval("select height from block order by height desc limit 1")
    return -1 if height is None else height


async def read_heights_of(connection: Connection, indices: Sequence[int]) -> dict[int, int]:
    """Return the height of the block that each index falls in."""
    rows = await connection.fetch(
        """select i, (select height from block where size > i order by size limit 1) as height
           from unnest($1::bigint[]) as i""",
        indices,
    )
    return {row["i"]: row["height"] for row in rows}
