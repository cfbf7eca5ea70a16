"""Accesses in a sector's store, by the object whose fields were shown: what a person asks when asking who looked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from litopys.postgres.pool import Connection, Pool


class RecordedAccess(NamedTuple):
    """One access: its stream, the version of the object up to which fields were shown, and when."""

    access: str
    version: int
    recorded_at: datetime


class NamedField(NamedTuple):
    """A personal field that some event of an object has or had: its person, its name, and since which version."""

    person: str
    name: str
    version: int


# A place in the order is the row that stands there: a time alone may be shared by many.
_ACCESSES = """
select access, version, recorded_at from access_record
where subject = $1
  and ($2 = '' or (recorded_at, access) > (select recorded_at, access from access_record where access = $2))
  and (recorded_at, access) < (select recorded_at, access from access_record where access = $3)
order by recorded_at, access limit $4"""
_SEALED = """
select subject, name, disclosure from disclosure where subject = any($1::text[]) order by subject, name"""
_FIELDS = "select person, name, min(version) from disclosure where subject = $1 group by person, name"
_BY_DIGEST = "select person, is_open from disclosure where subject = $1 and digest = $2"


async def list_accesses(
    connection: Connection | Pool, subject: str, *, after: str, before: str, limit: int
) -> list[RecordedAccess]:
    """Return accesses to an object's fields in order of time, after one (empty: from the first) and before another."""
    return [RecordedAccess(*row) for row in await connection.fetch(_ACCESSES, subject, after, before, limit)]


async def load_sealed(connection: Connection | Pool, accesses: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """Return who, office, why and fields of accesses as disclosures, by access. None is erased; absent is lost."""
    found: dict[str, dict[str, str | None]] = {access: {} for access in accesses}
    for row in await connection.fetch(_SEALED, list(accesses)):
        found[row["subject"]][row["name"]] = row["disclosure"]
    return found


async def list_fields(connection: Connection | Pool, subject: str) -> list[NamedField]:
    """Return which fields of which persons an object's events have, erased ones included."""
    return [NamedField(*row) for row in await connection.fetch(_FIELDS, subject)]


async def find_by_digest(connection: Connection | Pool, subject: str, digest: str) -> tuple[str, bool] | None:
    """Return whose field a digest stands for and whether it is open; None where the object has no such digest."""
    row = await connection.fetchrow(_BY_DIGEST, subject, digest)
    return None if row is None else (row["person"], row["is_open"])
