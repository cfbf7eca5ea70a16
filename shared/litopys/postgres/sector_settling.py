"""What a sector's store does with rejected records: publish again, or stop the stream and set it back.

Which of the two is decided by `litopys.service.settling`; here are the statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres.sector_search import forget_lookups, remove_entry, store_entries
from litopys.postgres.sector_verdicts import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import SearchEntry


class OpenRejection(NamedTuple):
    """A refused record that was not looked into yet, and what is known of the event in it.

    `position` is None for a record that is not of this store; `subject` is None where the event no longer stands.
    """

    partition: int
    offset: int
    reason: str
    position: int | None
    subject: str | None
    version: int | None
    is_admitted: bool
    is_underway: bool
    is_stopped: bool
    is_taken: bool


class ForeignFinal(NamedTuple):
    """A record that this store did not write, with the ledger's verdict: None is admitted."""

    partition: int
    offset: int
    subject: str
    reason: str | None


class StandingEvent(NamedTuple):
    """An event at its address with the ledger's word on it."""

    version: int
    position: int
    value: bytes
    is_admitted: bool


class AdmittedForeign(NamedTuple):
    """A record that this store did not write and the ledger admitted."""

    version: int
    partition: int
    offset: int
    value: bytes


# A copy of the event is admitted: published at a final offset that was not refused.
_ADMITTED = """
exists (select from publication q where q.position = {0}.position
        and q."offset" < coalesce((select max(end_offset) from final_range f where f.partition = q.partition), 0)
        and not exists (select from rejection z where z.partition = q.partition and z."offset" = q."offset"))"""
_UNDERWAY = """
(exists (select from outbox o where o.position = {0}.position)
 or exists (select from signed s where s.position = {0}.position)
 or exists (select from publication q where q.position = {0}.position
            and q."offset" >= coalesce((select max(end_offset) from final_range f where f.partition = q.partition), 0)
))"""
# A foreign record was admitted at this address.
_TAKEN = """
exists (select from foreign_record g where g.subject = {0}.subject and g.version = {0}.version
        and g."offset" < coalesce((select max(end_offset) from final_range f where f.partition = g.partition), 0)
        and not exists (select from rejection z where z.partition = g.partition and z."offset" = g."offset"))"""
_OPEN = f"""
select r.partition, r."offset", r.reason, p.position, e.subject, e.version,
    {_ADMITTED.format("e")} as is_admitted, {_UNDERWAY.format("e")} as is_underway,
    coalesce(s.stopped is not null, false) as is_stopped, {_TAKEN.format("e")} as is_taken
from rejection r
left join publication p on p.partition = r.partition and p."offset" = r."offset"
left join event e on e.position = p.position
left join stream s on s.subject = e.subject
where not r.settled order by p.position nulls first, r.partition, r."offset" limit $1"""  # noqa: S608 — made of constants
_SETTLED = """
update rejection r set settled = true from unnest($1::integer[], $2::bigint[]) as g (partition, "offset")
where r.partition = g.partition and r."offset" = g."offset" """
_AGAIN = """
insert into outbox (position, subject, version, partition, cites)
select e.position, e.subject, e.version, e.partition, string_to_array(g.cites, ' ')
from unnest($1::bigint[], $2::text[]) as g (position, cites) join event e using (position)
on conflict do nothing"""
# A stream may be known from the ledger alone: then it begins stopped, at version 0.
_STOP = """
insert into stream as s (subject, version, state, stopped) values ($1, 0, 'null', $2)
on conflict (subject) do update set stopped = excluded.stopped where s.stopped is null"""
_STOPPED = "select subject, stopped from stream where stopped is not null order by subject limit $1"
_DROP_UNSIGNED = "delete from outbox where subject = $1"
# Bytes of this stream that may still reach the topic, or stand there without a verdict.
_UNSETTLED = """
select exists (select from signed where subject = $1)
    or exists (select from (
        select p.partition, p."offset" from event e join publication p using (position) where e.subject = $1
        union all select partition, "offset" from foreign_record where subject = $1
    ) as q where q."offset" >= coalesce((select max(end_offset) from final_range f where f.partition = q.partition), 0)
)"""
_STANDING = f"""
select e.version, e.position, e.value, {_ADMITTED.format("e")} as is_admitted
from event e where e.subject = $1 order by e.version"""  # noqa: S608 — made of constants
_FOREIGN = f"""
select distinct on (e.version) e.version, e.partition, e."offset", e.value from foreign_record e
where e.subject = $1 and {_TAKEN.format("e")}
  and not exists (select from rejection z where z.partition = e.partition and z."offset" = e."offset")
order by e.version, e."offset" """  # noqa: S608 — made of constants
# A function of the database's owner: this process's own role removes no events.
_REJECT = "select reject_events($1, $2, $3)"
_ADOPT = """
with given as materialized (
    select nextval('event_position') as position, f.* from foreign_record f
    where f.subject = $1 and (f.partition, f."offset") = ($2, $3)
), stored as (
    insert into event (subject, version, position, partition, recorded_at, value)
    select subject, version, position, partition, $4, value from given
), placed as (
    insert into publication (partition, "offset", position) select partition, "offset", position from given
)
delete from foreign_record where (partition, "offset") = ($2, $3)"""
_SET_BACK = "update stream set version = $2, state = $3, stopped = null where subject = $1"
_FOREIGN_FINAL = """
select f.partition, f."offset", f.subject, r.reason from foreign_record f
left join rejection r on r.partition = f.partition and r."offset" = f."offset"
where f."offset" < coalesce((select max(end_offset) from final_range g where g.partition = f.partition), 0)
limit $1"""
_DROP_FOREIGN = """
delete from foreign_record f using unnest($1::integer[], $2::bigint[]) as g (partition, "offset")
where f.partition = g.partition and f."offset" = g."offset" """
_TELL = "select pg_notify($1, $2)"
_REMOVE = "delete from stream where subject = $1"


async def load_open_rejections(connection: Connection | Pool, limit: int) -> list[OpenRejection]:
    """Return refused records that were not looked into, events in order of acceptance."""
    return [OpenRejection(*row) for row in await connection.fetch(_OPEN, limit)]


async def mark_settled(connection: Connection, rejections: Sequence[OpenRejection]) -> None:
    """Take note that nothing more has to be done about these."""
    partitions, offsets = [r.partition for r in rejections], [r.offset for r in rejections]
    await connection.execute(_SETTLED, partitions, offsets)


async def publish_again(connection: Connection, cites: Sequence[tuple[int, str | None]]) -> None:
    """Put events back into the outbox, by position and citations, with the same bytes."""
    await connection.execute(_AGAIN, [position for position, _ in cites], [cited for _, cited in cites])


async def stop_stream(connection: Connection, subject: str, reason: str) -> None:
    """Refuse changes of a stream until it was set back, and drop what was not signed yet."""
    await connection.execute(_STOP, subject, reason)
    await connection.execute(_DROP_UNSIGNED, subject)


async def load_stopped(connection: Connection | Pool, limit: int) -> list[tuple[str, str]]:
    """Return stopped streams with their reasons."""
    return [(row["subject"], row["stopped"]) for row in await connection.fetch(_STOPPED, limit)]


async def load_foreign_final(connection: Connection | Pool, limit: int) -> list[ForeignFinal]:
    """Return records that this store did not write and on which the ledger has spoken."""
    return [ForeignFinal(*row) for row in await connection.fetch(_FOREIGN_FINAL, limit)]


async def drop_foreign(connection: Connection, records: Sequence[ForeignFinal]) -> None:
    """Forget records of others that the ledger refused."""
    await connection.execute(_DROP_FOREIGN, [r.partition for r in records], [r.offset for r in records])


async def is_unsettled(connection: Connection | Pool, subject: str) -> bool:
    """Answer whether some record of this stream may still reach the topic or await its verdict."""
    return bool(await connection.fetchval(_UNSETTLED, subject))


async def load_standing(connection: Connection | Pool, subject: str) -> list[StandingEvent]:
    """Return all events of a stream with the ledger's word on each."""
    return [StandingEvent(*row) for row in await connection.fetch(_STANDING, subject)]


async def load_admitted_foreign(connection: Connection | Pool, subject: str) -> list[AdmittedForeign]:
    """Return the admitted records of a stream that this store did not write."""
    return [AdmittedForeign(*row) for row in await connection.fetch(_FOREIGN, subject)]


async def reject_events(connection: Connection, subject: str, *, versions: Sequence[int], reason: str) -> None:
    """Take events from their addresses: rejected for good, kept with the reason; who waits for them is told."""
    if versions:
        await connection.execute(_REJECT, subject, list(versions), reason)
        # What was never so finds nobody.
        await forget_lookups(connection, subject, versions)
        await connection.execute(_TELL, CHANNEL, "")


async def adopt_foreign(
    connection: Connection, subject: str, record: AdmittedForeign, *, recorded_at: datetime
) -> None:
    """Give a record that this store did not write the address that the ledger gave it."""
    await connection.execute(_ADOPT, subject, record.partition, record.offset, recorded_at)


async def set_back(
    connection: Connection, subject: str, *, version: int, state: bytes | None, entry: SearchEntry | None = None
) -> None:
    """Set a stream to what the ledger says, and let it go on; a stream of which nothing is left ceases to be."""
    if version == 0 or state is None:
        await connection.execute(_REMOVE, subject)
        await remove_entry(connection, subject)
        return
    await connection.execute(_SET_BACK, subject, version, state)
    if entry is not None:
        await store_entries(connection, {subject: entry})
