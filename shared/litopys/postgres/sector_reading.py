"""Reading a sector's store: streams, events, histories, lists. Cursors are places in an order, never counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres.sector_changes import Address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from litopys.postgres.pool import Connection, Pool


class StoredStream(NamedTuple):
    """A stream as acknowledged: version, encoded state, and why it is stopped, if it is."""

    subject: str
    version: int
    state: bytes
    stopped: str | None


class StoredEvent(NamedTuple):
    """An event as acknowledged."""

    subject: str
    version: int
    position: int
    recorded_at: datetime
    value: bytes


class StoredDisclosure(NamedTuple):
    """A disclosure; `disclosure` is None once erased, and `erased_by` the address of the erasure."""

    subject: str
    version: int
    digest: str
    person: str
    name: str
    is_open: bool
    disclosure: str | None
    erased_by: str | None


_STREAMS = "select subject, version, state, stopped from stream where subject = any($1::text[])"
_STREAM = "select subject, version, state, stopped from stream where subject = $1"
_HISTORY = """
select subject, version, position, recorded_at, value from event
where subject = $1 and version > $2 order by version limit $3"""
# With "C" collation ';' is the character after ':', so this is exactly the streams of one aggregate.
_LIST = """
select subject, version, state, stopped from stream
where subject > $1 and subject < $2 order by subject limit $3"""
_EVENTS = """
select e.subject, e.version, e.position, e.recorded_at, e.value
from unnest($1::text[], $2::bigint[]) as a (subject, version) join event e using (subject, version)"""
_DISCLOSURES = """
select subject, version, digest, person, name, is_open, disclosure, erased_by from disclosure
where subject = $1 and version <= $2 order by version, name, digest"""


async def load_streams(connection: Connection | Pool, subjects: Sequence[str]) -> dict[str, StoredStream]:
    """Return those of the streams that exist, by stream id, with one query."""
    rows = await connection.fetch(_STREAMS, list(subjects))
    return {row["subject"]: StoredStream(*row) for row in rows}


async def load_stream(connection: Connection | Pool, subject: str) -> StoredStream | None:
    """Return one stream, or None."""
    row = await connection.fetchrow(_STREAM, subject)
    return None if row is None else StoredStream(*row)


async def load_history(
    connection: Connection | Pool, subject: str, *, after: int = 0, limit: int | None = None
) -> list[StoredEvent]:
    """Return the events of a stream after version `after`, in order."""
    return [StoredEvent(*row) for row in await connection.fetch(_HISTORY, subject, after, limit)]


async def list_streams(connection: Connection | Pool, aggregate: str, *, after: str, limit: int) -> list[StoredStream]:
    """Return the streams of an aggregate whose ids come after `after` (empty: from the first), in order of id."""
    begin = after or f"{aggregate}:"
    return [StoredStream(*row) for row in await connection.fetch(_LIST, begin, f"{aggregate};", limit)]


async def load_events(connection: Connection | Pool, addresses: Sequence[Address]) -> dict[Address, StoredEvent]:
    """Return those of the events that stand at their addresses, with one query."""
    rows = await connection.fetch(_EVENTS, [a.subject for a in addresses], [a.version for a in addresses])
    return {Address(row["subject"], row["version"]): StoredEvent(*row) for row in rows}


async def load_disclosures(connection: Connection | Pool, subject: str, *, up_to: int) -> list[StoredDisclosure]:
    """Return the disclosures of a stream's events up to a version, erased ones included (without their content)."""
    return [StoredDisclosure(*row) for row in await connection.fetch(_DISCLOSURES, subject, up_to)]
