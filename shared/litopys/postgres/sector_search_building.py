"""The index of a sector's store made anew, page by page, where it was made by another version of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres.sector_reading import StoredStream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection


class Looked(NamedTuple):
    """A disclosure that is not erased, by its place, and what it is looked up by from now on."""

    subject: str
    version: int
    digest: str
    name: str
    disclosure: str
    lookup: bytes | None = None


# Held by the session that builds: others wait at their start, and find the work done.
_LOCK = "select pg_advisory_lock(hashtextextended('litopys.search', 0))"
_BUILT = "select aggregate, version from search_built"
_MARK = """
insert into search_built (aggregate, version) values ($1, $2)
on conflict (aggregate) do update set version = excluded.version"""
# Locked in the order of appends: a stream that changes meanwhile waits for its page, and then writes its own entry.
_PAGE = """
select subject, version, state, stopped from stream
where subject > $1 and subject < $2 order by subject limit $3 for update"""
# What was never so finds nobody: the disclosures of rejected events are left out.
_DISCLOSED = """
select subject, version, digest, name, disclosure from disclosure d
where subject = any($1::text[]) and name = any($2::text[]) and disclosure is not null
    and not exists (select from rejected_event r where r.subject = d.subject and r.version = d.version)"""
_LOOK_UP = """
update disclosure d set lookup = g.lookup
from unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[]) as g (subject, version, digest, lookup)
where d.subject = g.subject and d.version = g.version and d.digest = g.digest and d.lookup is distinct from g.lookup"""


async def lock_building(connection: Connection) -> None:
    """Wait until nobody else builds, and keep others from it while the connection is `locking`."""
    await connection.execute(_LOCK)


async def load_built(connection: Connection) -> dict[str, int]:
    """Return by which version of its search each aggregate was indexed; absent: by none."""
    return {row["aggregate"]: row["version"] for row in await connection.fetch(_BUILT)}


async def mark_built(connection: Connection, aggregate: str, version: int) -> None:
    """Say that all streams of an aggregate are indexed by this version."""
    await connection.execute(_MARK, aggregate, version)


async def lock_page(connection: Connection, aggregate: str, *, after: str, limit: int) -> list[StoredStream]:
    """Return the streams of an aggregate after an id, empty for the first, and let nobody change them meanwhile."""
    page = await connection.fetch(_PAGE, after or f"{aggregate}:", f"{aggregate};", limit)
    return [StoredStream(*row) for row in page]


async def load_disclosed(connection: Connection, subjects: Sequence[str], names: Sequence[str]) -> list[Looked]:
    """Return what persons of these streams may be looked up by: fields with these names that are not erased."""
    return [Looked(*row) for row in await connection.fetch(_DISCLOSED, list(subjects), list(names))]


async def store_lookups(connection: Connection, looked: Sequence[Looked]) -> None:
    """Say by what disclosures are looked up from now on."""
    rows = [(one.subject, one.version, one.digest, one.lookup) for one in looked]
    if rows:
        await connection.execute(_LOOK_UP, *[list(column) for column in zip(*rows, strict=True)])
