"""How long the newest events of a sector took from acknowledged to final, by the sector's own store."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

# An event of an import says when it was decided, which is a little before the commit that acknowledges it: what is
# told here is no less than the time from there.
_TIMES = """
select count(*) as events,
    percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from b.final_at - e.recorded_at)) as parts
from (select position, recorded_at from event order by position desc limit $1) as e
join publication p using (position)
join final_range f on f.partition = p.partition and f.first_offset <= p."offset" and f.end_offset > p."offset"
join final_block b using (height)"""


class Times(NamedTuple):
    """Seconds within which half of the events, and all but one in a hundred, became final."""

    p50_s: float
    p99_s: float


async def load_times(dsn: str, *, count: int) -> Times:
    """Tell of the `count` events that were acknowledged last. Raises RuntimeError where not all of them are final."""
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(_TIMES, count)
    finally:
        await connection.close()
    if row["events"] < count:
        raise RuntimeError(f"{row['events']} of {count} events are final")
    return Times(*row["parts"])
