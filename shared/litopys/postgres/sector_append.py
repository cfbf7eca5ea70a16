"""The one append of a sector's store: commands and bulk import alike, in a constant number of statements.

The caller owns the transaction; its commit is the acknowledgement. Expected versions are checked by the statements
that write the new ones, so that two appends to one stream can never both succeed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import Conflict
from litopys.postgres.sector_changes import Appended
from litopys.postgres.sector_erasing import take_effect
from litopys.postgres.sector_search import store_entries
from litopys.postgres.sector_traces import store_traces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection
    from litopys.postgres.sector_changes import StreamChange


class StreamMoved(Conflict):
    """A stream is not at the version that the change expects; nothing was written."""


class StreamStopped(Conflict):
    """A lasting rejection of this stream is being settled; nothing was written."""


# Rows are locked in one order, whatever order the caller has, so that appends cannot wait for each other in a circle.
_LOCK = """
select stopped from stream where subject = any($1::text[]) order by subject for update"""
_BEGIN = """
insert into stream (subject, version, state)
select * from unnest($1::text[], $2::bigint[], $3::bytea[]) order by 1
on conflict (subject) do nothing"""
_ADVANCE = """
update stream s set version = n.version, state = n.state
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[]) as n (subject, expected, version, state)
where s.subject = n.subject and s.version = n.expected and s.stopped is null"""
# Positions are drawn here, after the streams are locked: within a stream they follow the versions.
_STORE = """
with given as materialized (
    select nextval('event_position') as position, g.*
    from unnest($1::text[], $2::bigint[], $3::integer[], $4::timestamptz[], $5::bytea[], $6::text[])
        as g (subject, version, partition, recorded_at, value, cites)
), stored as (
    insert into event (subject, version, position, partition, recorded_at, value)
    select subject, version, position, partition, recorded_at, value from given
), waiting as (
    insert into outbox (position, subject, version, partition, cites)
    select position, subject, version, partition, string_to_array(cites, ' ') from given
)
select min(position) as first, max(position) as last from given"""
_DISCLOSE = """
insert into disclosure (subject, version, digest, person, name, is_open, disclosure, lookup)
select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::bytea[])"""


async def append(connection: Connection, changes: Sequence[StreamChange]) -> Appended:
    """Write all changes inside the caller's transaction, or raise StreamMoved/StreamStopped and leave it to roll back.

    No stream may occur twice in `changes`.
    """
    await _move_streams(connection, changes)
    appended = await _store_events(connection, changes)
    await _store_disclosures(connection, changes)
    await store_traces(connection, changes)
    await store_entries(connection, {c.subject: c.entry for c in changes if c.entry is not None})
    await take_effect(connection, changes)
    return appended


async def _move_streams(connection: Connection, changes: Sequence[StreamChange]) -> None:
    begun = [c for c in changes if c.expected_version == 0]
    moved = [c for c in changes if c.expected_version > 0]
    if moved:
        await _advance(connection, moved)
    if begun:
        subjects, versions = [c.subject for c in begun], [c.version for c in begun]
        done = await connection.execute(_BEGIN, subjects, versions, [c.state for c in begun])
        _check_count(done, wanted=len(begun))


async def _advance(connection: Connection, moved: Sequence[StreamChange]) -> None:
    subjects = [c.subject for c in moved]
    if any(row["stopped"] for row in await connection.fetch(_LOCK, subjects)):
        raise StreamStopped("a rejection of this stream is being settled")
    expected, versions = [c.expected_version for c in moved], [c.version for c in moved]
    done = await connection.execute(_ADVANCE, subjects, expected, versions, [c.state for c in moved])
    _check_count(done, wanted=len(moved))


def _check_count(command_tag: str, *, wanted: int) -> None:
    if int(command_tag.rsplit(" ", 1)[1]) != wanted:
        raise StreamMoved("another change came first")


async def _store_events(connection: Connection, changes: Sequence[StreamChange]) -> Appended:
    rows = [
        (c.subject, e.version, c.partition, e.recorded_at, e.value, " ".join(e.cites) or None)
        for c in changes
        for e in c.events
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    row = await connection.fetchrow(_STORE, *columns)
    if row is None or row["first"] is None:
        raise ValueError("an append without events")
    return Appended(row["first"], row["last"], len(rows))


async def _store_disclosures(connection: Connection, changes: Sequence[StreamChange]) -> None:
    rows = [(c.subject, *disclosure) for c in changes for disclosure in c.disclosures]
    if rows:
        await connection.execute(_DISCLOSE, *[list(column) for column in zip(*rows, strict=True)])
