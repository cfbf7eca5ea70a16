"""What became final, by counting the cosignatures that a validator's database holds.

Nothing is counted in memory: a million bodies that are not ours yet cost a validator no more than one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection

FINAL_CHANNEL = "litopys_final"
"""NOTIFY channel: the payload is the newest final height."""


class FinalRow(NamedTuple):
    """A body that carries a quorum and is ours; `height` is the block after which it stands."""

    size: int
    height: int
    root: bytes


class Quorum(NamedTuple):
    """A body of at most our size on which a quorum stands, beside the block of ours at that size, if there is one."""

    size: int
    root: bytes
    height: int | None
    our_root: bytes | None


class Window(NamedTuple):
    """Tree sizes to be looked at: above `above`, or one of `sizes`, and at most `last`."""

    above: int
    last: int
    sizes: Sequence[int]


class Stray(NamedTuple):
    """A cosignature over a body that is not ours; `our_root` is None where no block ends there."""

    size: int
    validator: str
    root: bytes
    line: str
    our_root: bytes | None


class LogStray(NamedTuple):
    """A line of the log over a body that is not ours; `our_root` is None where no block ends there."""

    size: int
    root: bytes
    line: str
    our_root: bytes | None


class Renamed(NamedTuple):
    """A vote under another name than its signer's, and the root of ours at its size, where a block ends there."""

    note: bytes
    our_root: bytes | None


class Contradiction(NamedTuple):
    """Two lines of one signer at one size over different roots; `who` is empty for the log."""

    size: int
    who: str
    first_root: bytes
    first_line: str
    second_root: bytes
    second_line: str


async def read_quorums(connection: Connection, *, quorum: int, sizes: Sequence[int]) -> list[Quorum]:
    """Return the bodies within our tree that carry a quorum and are not stored as final, by rising size.

    Looks above the newest final size, and at `sizes`: those of cosignatures that have just come, perhaps late.
    """
    # Blocks and what is final already are looked up by their keys, row by row (`offset 0` keeps it so): as joins their
    # tables were read from end to end for every batch of cosignatures.
    rows = await connection.fetch(
        """with ours as (select coalesce(max(size), 0) as size from block),
                done as (select coalesce(max(size), 0) as size from final_checkpoint),
                full_ones as (
                    select size, root from cosignature
                    where (size > (select size from done) or size = any($2::bigint[]))
                      and size <= (select size from ours)
                    group by size, root having count(*) >= $1)
           select q.size, q.root, b.height, b.root
           from full_ones q left join lateral (select height, root from block where size = q.size offset 0) b on true
           where (select f.root from final_checkpoint f where f.size = q.size) is distinct from q.root
           order by q.size""",
        quorum,
        sizes,
    )
    return [Quorum(*row) for row in rows]


async def read_quorum_from(connection: Connection, *, size: int, quorum: int) -> int | None:
    """Return the size of a body of at least `size` that carries a quorum, ours or yet to come, else None."""
    found: int | None = await connection.fetchval(
        """select size from cosignature where size >= $1
           group by size, root having count(*) >= $2 order by size desc limit 1""",
        size,
        quorum,
    )
    return found


async def read_final_size(connection: Connection) -> int:
    """Return the newest tree size that is stored as final, 0 before the first."""
    size: int = await connection.fetchval("select coalesce(max(size), 0) from final_checkpoint")
    return size


async def read_lines(connection: Connection, *, size: int, root: bytes) -> list[str]:
    """Return all validators' lines over a body, by name."""
    rows = await connection.fetch(
        "select line from cosignature where size = $1 and root = $2 order by validator", size, root
    )
    return [row["line"] for row in rows]


async def read_strays(connection: Connection, window: Window) -> list[Stray]:
    """Return cosignatures within a window over bodies that are not ours."""
    rows = await connection.fetch(
        """select c.size, c.validator, c.root, c.line, b.root from cosignature c
           left join lateral (select root from block where size = c.size offset 0) b on true
           where (c.size > $1 or c.size = any($3::bigint[])) and c.size <= $2
             and (b.root is null or b.root <> c.root)
           order by c.size, c.validator limit 1000""",
        *window,
    )
    return [Stray(*row) for row in rows]


async def read_log_strays(connection: Connection, window: Window) -> list[LogStray]:
    """Return the log's lines within a window over bodies that are not ours."""
    rows = await connection.fetch(
        """select l.size, l.root, l.line, b.root from log_signature l
           left join lateral (select root from block where size = l.size offset 0) b on true
           where (l.size > $1 or l.size = any($3::bigint[])) and l.size <= $2
             and (b.root is null or b.root <> l.root)
           order by l.size limit 1000""",
        *window,
    )
    return [LogStray(*row) for row in rows]


async def read_renamed(connection: Connection, kind: str, window: Window) -> list[Renamed]:
    """Return what was kept as evidence of `kind`, a vote under another's name, within a window."""
    rows = await connection.fetch(
        """select e.first, b.root from evidence e
           left join lateral (select root from block where size = e.size offset 0) b on true
           where e.kind = $4 and (e.size > $1 or e.size = any($3::bigint[])) and e.size <= $2
           order by e.size, e.digest limit 1000""",
        *window,
        kind,
    )
    return [Renamed(*row) for row in rows]


async def read_contradictions(connection: Connection, sizes: Sequence[int]) -> list[Contradiction]:
    """Return what one validator, or the log, signed twice at one of `sizes` with different roots."""
    rows = await connection.fetch(
        """select a.size, a.validator, a.root, a.line, b.root, b.line from cosignature a
           join cosignature b on b.size = a.size and b.validator = a.validator and b.root > a.root
           where a.size = any($1::bigint[])
           union all
           select a.size, '', a.root, a.line, b.root, b.line from log_signature a
           join log_signature b on b.size = a.size and b.root > a.root where a.size = any($1::bigint[])
           limit 1000""",
        sizes,
    )
    return [Contradiction(*row) for row in rows]


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


async def read_final(connection: Connection) -> FinalRow | None:
    """The newest final body, whether or not the log has signed it yet."""
    row = await connection.fetchrow("select size, height, root from final_checkpoint order by size desc limit 1")
    return None if row is None else FinalRow(*row)
