"""Which trace an acknowledged event belongs to, kept until it is final. Empty where nothing is traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import Address, StreamChange
    from litopys.postgres.sector_verdicts import FinalBlock


class FinalTrace(NamedTuple):
    """An event's trace, and how many seconds lay between its acknowledgement and its being final."""

    traceparent: str
    height: int
    lasted_s: float


_STORE = """
insert into event_trace (subject, version, traceparent)
select * from unnest($1::text[], $2::bigint[], $3::text[]) on conflict do nothing"""
_LOAD = """
select subject, version, traceparent from event_trace
join unnest($1::text[], $2::bigint[]) as a (subject, version) using (subject, version)"""
# From the few events that are traced to the ranges that are final now.
_FINISH = """
with ended as (
    select t.subject, t.version, min(r.height) as height
    from event_trace t join event e using (subject, version) join publication p using (position)
    join unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[]) as r (partition, first, ending, height)
        on r.partition = p.partition and p."offset" >= r.first and p."offset" < r.ending
    group by t.subject, t.version
), gone as (
    delete from event_trace t using ended where (t.subject, t.version) = (ended.subject, ended.version)
    returning t.subject, t.version, t.traceparent, ended.height
)
select g.traceparent, g.height, extract(epoch from now() - e.recorded_at)::float8 as lasted_s
from gone g join event e using (subject, version)"""


async def store_traces(connection: Connection, changes: Sequence[StreamChange]) -> None:
    """Keep the traces of new events, in the caller's transaction; asks nothing where there is none."""
    rows = [(c.subject, e.version, e.traceparent) for c in changes for e in c.events if e.traceparent is not None]
    if rows:
        await connection.execute(_STORE, *[list(column) for column in zip(*rows, strict=True)])


async def load_traces(connection: Connection | Pool, addresses: Sequence[Address]) -> Mapping[tuple[str, int], str]:
    """Return the traces of those of the events that have one."""
    rows = await connection.fetch(_LOAD, [a.subject for a in addresses], [a.version for a in addresses])
    return {(row["subject"], row["version"]): row["traceparent"] for row in rows}


async def finish_traces(connection: Connection, blocks: Sequence[FinalBlock]) -> list[FinalTrace]:
    """Return the traces of events that these blocks make final, and forget them, in the caller's transaction."""
    ranges = [(r.partition, r.first, r.end, r.height) for block in blocks for r in block.ranges]
    if not ranges:
        return []
    rows = await connection.fetch(_FINISH, *[list(column) for column in zip(*ranges, strict=True)])
    return [FinalTrace(*row) for row in rows]


async def forget_traces(connection: Connection) -> None:
    """Forget traces older than a day, in the caller's transaction: of events that were refused, or of another time."""
    await connection.execute("delete from event_trace where begun_at < now() - interval '1 day'")
