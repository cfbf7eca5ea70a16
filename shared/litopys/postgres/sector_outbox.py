"""The outbox of a sector's store, and where its events were seen on the topic.

An event waits in `outbox`, moves to `signed` with its line before its bytes leave, and leaves `signed` only when those
bytes were read back from the topic. Each of these is one transaction; between any two of them a crash loses nothing:
what is signed and not on the topic is published again after the topic was read to its end, what is not signed is
signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import Address


class Waiting(NamedTuple):
    """An event that is not signed yet."""

    position: int
    subject: str
    version: int
    partition: int
    cites: list[str] | None
    value: bytes


class Held(NamedTuple):
    """An event that is kept back until what it cites is final, or that follows such a one in its stream."""

    position: int
    subject: str
    cites: list[str] | None


class Signed(NamedTuple):
    """An event with its signature line, on its way to the topic."""

    position: int
    subject: str
    version: int
    partition: int
    line: bytes
    value: bytes


class Seen(NamedTuple):
    """Where an event of this store was read on the topic."""

    partition: int
    offset: int
    position: int


class Own(NamedTuple):
    """An event of this store, and its line while its bytes were not seen on the topic."""

    subject: str
    version: int
    position: int
    value: bytes
    line: bytes | None


class ForeignRecord(NamedTuple):
    """A record of the own topic that this store did not write."""

    partition: int
    offset: int
    subject: str
    version: int
    value: bytes


class Backlog(NamedTuple):
    """How many acknowledged events were not seen on the topic yet, and the age of the oldest in seconds.

    The age lies between two clocks, the database's and that of the process that recorded the event; it is never
    negative.
    """

    events: int
    age_s: float


# Everything that waits, never "position > last": a lower position may commit later.
_TAKE = """
with front as materialized (
    select position, subject, version, partition, cites from outbox where not held order by position limit $1)
select f.position, f.subject, f.version, f.partition, f.cites, e.value
from front f join event e using (subject, version) order by f.position"""
_HOLD = "update outbox set held = true where position = any($1::bigint[])"
_FIRST_HELD = "select subject, min(position) from outbox where held and subject = any($1::text[]) group by subject"
_HELD = "select position, subject, cites from outbox where held and position > $1 order by position limit $2"
_FIRST_OF_STREAM = "select not exists (select from outbox where subject = $1 and position < $2)"
_RELEASE = "update outbox set held = false where held and position = any($1::bigint[])"
_FORGET = "delete from outbox where position = any($1::bigint[])"
_SIGN = """
insert into signed (position, subject, version, partition, line)
select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::integer[], $5::bytea[])"""
_SIGNED = """
select s.position, s.subject, s.version, s.partition, s.line, e.value
from signed s join event e using (subject, version) where s.position > $1 order by s.position limit $2"""
_SEEN = """
insert into publication (partition, "offset", position)
select * from unnest($1::integer[], $2::bigint[], $3::bigint[]) on conflict do nothing"""
_SETTLE = "delete from signed where position = any($1::bigint[])"
_FOREIGN = """
insert into foreign_record (partition, "offset", subject, version, value)
select * from unnest($1::integer[], $2::bigint[], $3::text[], $4::bigint[], $5::bytea[]) on conflict do nothing"""
_ADVANCE = """
insert into follow_position (partition, "offset") select * from unnest($1::integer[], $2::bigint[])
on conflict (partition) do update set "offset" = excluded."offset" """
_OWN = """
select o.subject, o.version, o.position, o.value, s.line
from unnest($1::text[], $2::bigint[]) as a (subject, version)
join (select subject, version, position, value from event
      union all select subject, version, position, value from rejected_event) as o using (subject, version)
left join signed s on s.position = o.position"""
_BACKLOG = """
select (select count(*) from outbox) + (select count(*) from signed) as events,
    greatest(0, extract(epoch from now() - (select recorded_at from event where position =
        (select min(position) from (select min(position) as position from outbox
                                    union all select min(position) from signed) as oldest))))::float8 as age_s"""


async def take_waiting(connection: Connection | Pool, limit: int) -> list[Waiting]:
    """Return what waits to be signed, in order of position, held events left out."""
    return [Waiting(*row) for row in await connection.fetch(_TAKE, limit)]


async def hold(connection: Connection, positions: Sequence[int]) -> None:
    """Keep events back until `release`, in the caller's transaction: what they cite is not final."""
    if positions:
        await connection.execute(_HOLD, list(positions))


async def first_held(connection: Connection | Pool, subjects: Sequence[str]) -> dict[str, int]:
    """Return the position of the first held event of those streams that have one; what comes after it must wait."""
    return dict(map(tuple, await connection.fetch(_FIRST_HELD, list(subjects))))


async def load_held(connection: Connection | Pool, *, after: int, limit: int) -> list[Held]:
    """Return held events, oldest first, in pages after position `after`."""
    return [Held(*row) for row in await connection.fetch(_HELD, after, limit)]


async def is_first_of_stream(connection: Connection | Pool, held: Held) -> bool:
    """Answer whether every earlier event of a held one's stream was signed."""
    return bool(await connection.fetchval(_FIRST_OF_STREAM, held.subject, held.position))


async def release(connection: Connection, positions: Sequence[int]) -> None:
    """Let held events go on, in the caller's transaction."""
    await connection.execute(_RELEASE, list(positions))


async def store_lines(connection: Connection, events: Sequence[Signed]) -> None:
    """Move events from `outbox` to `signed` with their lines, in the caller's transaction, before they leave."""
    if events:
        columns = [list(column) for column in zip(*(event[:5] for event in events), strict=True)]
        await connection.execute(_FORGET, columns[0])
        await connection.execute(_SIGN, *columns)


async def load_signed(connection: Connection | Pool, *, after: int, limit: int) -> list[Signed]:
    """Return what is signed and not seen on the topic, in order, in pages after position `after`."""
    return [Signed(*row) for row in await connection.fetch(_SIGNED, after, limit)]


async def store_seen(
    connection: Connection,
    *,
    seen: Sequence[Seen],
    settled: Sequence[int],
    foreign: Sequence[ForeignRecord],
    ends: Mapping[int, int],
) -> None:
    """Take note of records read from the own topic and of how far it was read, in the caller's transaction.

    `settled` are the positions of events of which a copy with a good line stands on the topic.
    """
    if seen:
        await connection.execute(_SEEN, *[list(column) for column in zip(*seen, strict=True)])
    if settled:
        await connection.execute(_SETTLE, list(settled))
        await connection.execute(_FORGET, list(settled))
    if foreign:
        await connection.execute(_FOREIGN, *[list(column) for column in zip(*foreign, strict=True)])
    await connection.execute(_ADVANCE, list(ends), list(ends.values()))


async def load_positions(connection: Connection | Pool) -> dict[int, int]:
    """Return the next offset to read of each partition that was read before."""
    return {row["partition"]: row["offset"] for row in await connection.fetch("select * from follow_position")}


async def find_own(connection: Connection | Pool, addresses: Sequence[Address]) -> list[Own]:
    """Return every event that this store ever acknowledged at these addresses, rejected ones included."""
    subjects, versions = [a.subject for a in addresses], [a.version for a in addresses]
    return [Own(*row) for row in await connection.fetch(_OWN, subjects, versions)]


async def load_backlog(connection: Connection | Pool) -> Backlog:
    """Return the depth and the age of the outbox."""
    row = await connection.fetchrow(_BACKLOG)
    return Backlog(row["events"], row["age_s"]) if row else Backlog(0, 0.0)
