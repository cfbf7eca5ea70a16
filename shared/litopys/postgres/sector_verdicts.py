"""Verdicts in a sector's store: which offsets of its topic are final, from which index on, and which were refused.

Written once a block, never once an event; an event's status is worked out when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from asyncpg import Record

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import Address

CHANNEL = "litopys_final"


class State(StrEnum):
    """The life of an acknowledged event."""

    PENDING = "pending"
    SEALED = "sealed"
    FINAL = "final"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Status:
    """What became of the event acknowledged at an address; index and height are set when it is final."""

    subject: str
    version: int
    state: State
    index: int | None
    height: int | None
    reason: str | None


class FinalRange(NamedTuple):
    """A range of the own topic in a final block; `first_index` is the index of its first admitted record."""

    partition: int
    first: int
    end: int
    height: int
    first_index: int


class Refused(NamedTuple):
    """A record of the own topic that the ledger refused."""

    partition: int
    offset: int
    reason: str


class FinalBlock(NamedTuple):
    """What a final block means for this sector."""

    height: int
    block_index: int
    ranges: Sequence[FinalRange]
    refused: Sequence[Refused]


class FinalHead(NamedTuple):
    """The newest final block that was taken note of: height −1 and index −1 before the first."""

    height: int
    block_index: int


_HEAD = "select height, block_index from final_block order by height desc limit 1"
_BLOCKS = "insert into final_block (height, block_index) select * from unnest($1::bigint[], $2::bigint[])"
_RANGES = """
insert into final_range (partition, first_offset, end_offset, height, first_index)
select * from unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])"""
_REFUSED = """
insert into rejection (partition, "offset", reason) select * from unnest($1::integer[], $2::bigint[], $3::text[])"""
# The index of a record: its range's first, and one for every record of the range before it that was admitted.
_STATUS = """
select a.subject, a.version, x.reason, f.index, f.height, coalesce(z.sealed, false) as sealed
from {addresses} as a (subject, version, nth)
left join event e using (subject, version)
left join lateral (
    select reason from rejected_event r where r.subject = a.subject and r.version = a.version
    order by position limit 1
) as x on true
left join lateral (
    select g.height, g.first_index + p."offset" - g.first_offset
        - (select count(*) from rejection r
           where r.partition = p.partition and r."offset" >= g.first_offset and r."offset" < p."offset") as index
    from publication p
    join lateral (
        select * from final_range h where h.partition = p.partition and h.end_offset > p."offset"
        order by h.end_offset limit 1
    ) as g on g.first_offset <= p."offset"
    where p.position = e.position
      and not exists (select from rejection r where r.partition = p.partition and r."offset" = p."offset")
    limit 1
) as f on true
left join lateral (
    select bool_or(p."offset" < s."offset") as sealed
    from publication p join sealed_end s using (partition) where p.position = e.position
) as z on true
where e.position is not null or x.reason is not null
order by a.nth"""
_STATUSES = _STATUS.format(addresses="unnest($1::text[], $2::bigint[]) with ordinality")
# As an array of one it would be planned anew each time, at three times the cost of carrying it out.
_STATUS_OF_ONE = _STATUS.format(addresses="(values ($1::text, $2::bigint, 1))")
_SEALED = """
insert into sealed_end (partition, "offset") select * from unnest($1::integer[], $2::bigint[])
on conflict (partition) do update set "offset" = greatest(sealed_end."offset", excluded."offset")"""
_AFTER = "select height, block_index, final_at from final_block where height > $1 order by height limit $2"
# From the edges to the events, each by its key: how many events there are shall not matter here.
_COMMITTED = """
select e.recorded_at, b.final_at
from unnest($1::integer[], $2::bigint[], $3::bigint[]) as edge (partition, "offset", height)
join publication p using (partition, "offset") join event e using (position) join final_block b using (height)"""


# Of each partition the first record behind what is final; what was never seen on the topic is in the backlog.
_OLDEST = """
select greatest(0, extract(epoch from now() - min(e.recorded_at)))::float8
from (select partition, coalesce((select max(end_offset) from final_range f where f.partition = p.partition), 0) as done
      from follow_position p) as place
cross join lateral (
    select position from publication b where b.partition = place.partition and b."offset" >= place.done
    order by b."offset" limit 1
) as first
join event e using (position)"""


async def load_unfinal_age_s(connection: Connection | Pool) -> float:
    """Return the age in seconds of the oldest event that was read on the topic and is not final; 0 without one."""
    return float(await connection.fetchval(_OLDEST) or 0)


async def load_final_head(connection: Connection | Pool) -> FinalHead:
    """Return how far verdicts were taken note of."""
    row = await connection.fetchrow(_HEAD)
    return FinalHead(*row) if row else FinalHead(-1, -1)


async def store_final(connection: Connection, blocks: Sequence[FinalBlock]) -> None:
    """Take note of final blocks, in order, in the caller's transaction; whoever listens on CHANNEL is told."""
    heights = [b.height for b in blocks]
    await connection.execute(_BLOCKS, heights, [b.block_index for b in blocks])
    ranges = [r for b in blocks for r in b.ranges]
    if ranges:
        await connection.execute(_RANGES, *[list(column) for column in zip(*ranges, strict=True)])
    refused = [r for b in blocks for r in b.refused]
    if refused:
        await connection.execute(_REFUSED, *[list(column) for column in zip(*refused, strict=True)])
    await connection.execute("select pg_notify($1, $2)", CHANNEL, str(heights[-1]))


async def store_sealed(connection: Connection, ends: Mapping[int, int]) -> None:
    """Take note of offsets that a block names; for display only."""
    await connection.execute(_SEALED, list(ends), list(ends.values()))


async def load_statuses(connection: Connection | Pool, addresses: Sequence[Address]) -> list[Status]:
    """Return the status of every known address among the given, with one query."""
    if len(addresses) == 1:
        rows = await connection.fetch(_STATUS_OF_ONE, *addresses[0])
    else:
        rows = await connection.fetch(_STATUSES, [a.subject for a in addresses], [a.version for a in addresses])
    return [Status(r["subject"], r["version"], _state(r), r["index"], r["height"], r["reason"]) for r in rows]


def _state(row: Record) -> State:
    if row["reason"] is not None:
        return State.REJECTED
    if row["index"] is not None:
        return State.FINAL
    return State.SEALED if row["sealed"] else State.PENDING


async def load_final_blocks(
    connection: Connection | Pool, *, after: int, limit: int
) -> list[tuple[int, int, datetime]]:
    """Return height, index of the block entry and time of notice of final blocks after a height."""
    return [tuple(row) for row in await connection.fetch(_AFTER, after, limit)]


async def load_finality_samples(connection: Connection | Pool, blocks: Sequence[FinalBlock]) -> list[float]:
    """Return seconds from acknowledged to final of the first and last event of each range of these blocks."""
    ranges = [r for block in blocks for r in block.ranges]
    edges = {(r.partition, offset, r.height) for r in ranges for offset in (r.first, r.end - 1)}
    if not edges:
        return []
    rows = await connection.fetch(_COMMITTED, *[list(column) for column in zip(*edges, strict=True)])
    return [(row["final_at"] - row["recorded_at"]).total_seconds() for row in rows]
