"""Imports in a sector's store: which run reads a register now, how far it has read, and what became of its events.

The place in the file is written in the transaction that writes the rows before it: whatever is killed, whenever, the
next run goes on exactly there.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Conflict, RuleViolated
from litopys.postgres.pool import failures, locking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import Appended


class RunMoved(Conflict):
    """The run's place in its file is not where this process left it; nothing was written."""


class RegisterTaken(RuleViolated):
    """Another process imports this register at this moment."""

    def __init__(self, register: str) -> None:
        """Say which register."""
        super().__init__("import-taken", f"another process is importing the register “{register}” at this moment")


class Counts(NamedTuple):
    """What became of the rows so far: read = admitted + merged + refused.

    Beside these: how many events were acknowledged, and how many of the rows somebody should look at.
    """

    read: int = 0
    admitted: int = 0
    merged: int = 0
    refused: int = 0
    events: int = 0
    flagged: int = 0

    def plus(self, other: Counts) -> Counts:
        """Add up."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


class NewRun(NamedTuple):
    """What a run begins with. `announced`: how many records the export was counted to have, None where nobody did.

    `part`: the part of the register that the export covers, empty for all of it.
    """

    id: str
    importer: str
    register: str
    mapping_version: int
    file_key: bytes
    as_of: str
    announced: int | None
    part: str = ""


class Run(NamedTuple):
    """An import that is not closed: the next row's number and offset, what was read so far, and its events' span.

    `is_read`: the reader came to the end of the file; `is_cut`: that end lies in the middle of a record.
    """

    id: str
    importer: str
    register: str
    mapping_version: int
    file_key: bytes
    as_of: str
    announced: int | None
    part: str
    next_number: int
    next_offset: int
    counts: Counts
    is_read: bool
    is_cut: bool
    first_position: int | None
    last_position: int | None

    @property
    def is_whole(self) -> bool:
        """Tell whether the run has seen all of its part of the register: what is missing then has vanished."""
        return self.is_read and not self.is_cut


class Place(NamedTuple):
    """Where the next row of a file begins, its number from 1; and whether the file ended in the middle of a record."""

    number: int
    offset: int
    is_cut: bool = False


class Unsettled(NamedTuple):
    """Of a run's span: events that were not read back yet, and whether everything that was is under a verdict."""

    unseen: int
    is_judged: bool


_COLUMNS = """
id, importer, register, mapping_version, file_key, as_of, announced, part, next_number, next_offset, counts,
read_at is not null, is_cut, first_position, last_position"""
_OPEN = f"select {_COLUMNS} from import_run where register = $1 and closed_at is null"  # noqa: S608 — constants
_BY_ID = f"select {_COLUMNS} from import_run where id = $1"  # noqa: S608 — constants
_NEWEST = """
select max(as_of) from import_run
where register = $1 and read_at is not null and ($2 = '' or part in ('', $2))"""
_BEGIN = """
insert into import_run
    (id, importer, register, mapping_version, file_key, as_of, announced, part, next_number, next_offset, counts)
values ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0, '[0, 0, 0, 0, 0, 0]') on conflict do nothing"""
_STANDS = "select exists (select from import_run where id = $1 and next_number = $2 and closed_at is null)"
_ADVANCE = """
update import_run set next_number = $3, next_offset = $4, is_cut = $5, counts = $6,
    first_position = coalesce(first_position, $7), last_position = coalesce($8, last_position)
where id = $1 and next_number = $2 and closed_at is null"""
_READ = "update import_run set read_at = now() where id = $1 and read_at is null and closed_at is null"
_CLOSE = "update import_run set closed_at = now() where id = $1 and closed_at is null"
_TRY = "select pg_try_advisory_lock(hashtextextended('import' || chr(31) || $1, 0))"
_UNSEEN = """
select (select count(*) from outbox where position between $1 and $2)
     + (select count(*) from signed where position between $1 and $2)"""
_JUDGED = """
select not exists (select from rejection where not settled)
    and not exists (select from stream where stopped is not null)
    and (select coalesce(bool_and(top < coalesce(
            (select max(end_offset) from final_range f where f.partition = m.partition), 0)), true)
         from (select partition, max("offset") as top from publication
               where position between $1 and $2 group by partition) as m)"""


@asynccontextmanager
async def register_held(pool: Pool, register: str) -> AsyncIterator[None]:
    """Keep every other process from importing a register. Raises RegisterTaken.

    The lock goes with its connection, however this process ends; what was committed meanwhile is kept apart by
    `advance_run` even if the connection should be lost first.
    """
    async with locking(pool) as connection:
        with failures():
            if not await connection.fetchval(_TRY, register):
                raise RegisterTaken(register)
        yield


async def find_open_run(connection: Connection | Pool, register: str) -> Run | None:
    """Return the run of this register that is not closed, or None."""
    return _run(await connection.fetchrow(_OPEN, register))


async def load_run(connection: Connection | Pool, run_id: str) -> Run | None:
    """Return a run as it stands, or None."""
    return _run(await connection.fetchrow(_BY_ID, run_id))


async def newest_as_of(connection: Connection | Pool, register: str, part: str) -> str | None:
    """Return the latest day that an export of this part described, of those that were read to their end."""
    day: str | None = await connection.fetchval(_NEWEST, register, part)
    return day


async def begin_run(connection: Connection, new: NewRun) -> Run:
    """Begin a run, in the transaction that opens its stream. Raises RunMoved where another process just did."""
    tag = await connection.execute(_BEGIN, *new)
    if tag.endswith(" 0"):
        raise RunMoved("another process has begun an import of this register")
    return Run(
        new.id,
        new.importer,
        new.register,
        new.mapping_version,
        new.file_key,
        new.as_of,
        new.announced,
        new.part,
        1,
        0,
        Counts(),
        is_read=False,
        is_cut=False,
        first_position=None,
        last_position=None,
    )


async def check_place(connection: Connection, run: Run) -> None:
    """Raises RunMoved where a run is not where this process left it: what it would write may be written already."""
    if not await connection.fetchval(_STANDS, run.id, run.next_number):
        raise RunMoved("another process has moved this import, or this one has and did not hear of it")


async def advance_run(
    connection: Connection, run: Run, *, place: Place, counts: Counts, appended: Appended | None
) -> Run:
    """Move a run's place in the file, in the transaction that writes the rows before it. Raises RunMoved."""
    first, last = (appended.first_position, appended.last_position) if appended else (None, None)
    is_cut = run.is_cut or place.is_cut
    moved = (run.id, run.next_number, place.number, place.offset, is_cut, json.dumps(counts), first, last)
    tag = await connection.execute(_ADVANCE, *moved)
    if tag.endswith(" 0"):
        raise RunMoved("another process has moved this import")
    return run._replace(
        next_number=place.number,
        next_offset=place.offset,
        counts=counts,
        is_cut=is_cut,
        first_position=run.first_position if run.first_position is not None else first,
        last_position=last if last is not None else run.last_position,
    )


async def mark_read(connection: Connection, run: Run) -> Run:
    """Take note, in the caller's transaction, that the reader came to the end of the file; once is as good as twice."""
    await connection.execute(_READ, run.id)
    return run._replace(is_read=True)


async def close_run(connection: Connection, run: Run) -> None:
    """Close a run, in the caller's transaction: the same file would be read anew. Closed again, nothing changes."""
    await connection.execute(_CLOSE, run.id)


async def load_unsettled(connection: Connection | Pool, run: Run) -> Unsettled:
    """Return what of a run's span still awaits the topic or a verdict."""
    unseen: int = await connection.fetchval(_UNSEEN, run.first_position, run.last_position)
    if unseen:
        return Unsettled(unseen, is_judged=False)
    return Unsettled(0, is_judged=await connection.fetchval(_JUDGED, run.first_position, run.last_position))


def _run(row: object) -> Run | None:
    if row is None:
        return None
    values = list(row)  # type: ignore[call-overload]
    counts = Run._fields.index("counts")
    values[counts] = Counts(*json.loads(values[counts]))
    return Run(*values)
