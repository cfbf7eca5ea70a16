"""Imports in a sector's store: how far each run has read, which rows are known by their content, what was remarked.

The place in the file is written in the transaction that writes the rows before it: whatever is killed, whenever, the
next run goes on exactly there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import Appended


class RunMoved(Conflict):
    """Another process is at work on the same import."""


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


class Run(NamedTuple):
    """An import that is not closed: the next row's number and offset, whether all was read, and its events' span."""

    id: str
    next_number: int
    next_offset: int
    counts: Counts
    is_read: bool
    first_position: int | None
    last_position: int | None


class KnownRow(NamedTuple):
    """A row that was imported before."""

    content_digest: bytes
    subject: str


class ImportedRow(NamedTuple):
    """A row as it is remembered."""

    source_key: str
    content_digest: bytes
    subject: str


class Remark(NamedTuple):
    """A line of the report: the row's number, the reason, and what was done."""

    number: int
    reason: str
    done: str


class RejectedRow(NamedTuple):
    """An imported event that the ledger refused for good."""

    subject: str
    version: int
    reason: str


class Unsettled(NamedTuple):
    """Of a run's span: events that were not read back yet, and whether everything that was is under a verdict."""

    unseen: int
    is_judged: bool


_COLUMNS = "id, next_number, next_offset, counts, read_at is not null, first_position, last_position"
_OPEN = f"select {_COLUMNS} from import_run where importer = $1 and file_key = $2 and closed_at is null"  # noqa: S608 — constants
_BEGIN = """
insert into import_run (id, importer, register, file_key, next_number, next_offset, counts)
values ($1, $2, $3, $4, 1, 0, '[0, 0, 0, 0, 0]') on conflict do nothing"""
_ADVANCE = """
update import_run set next_number = $3, next_offset = $4, counts = $5,
    first_position = coalesce(first_position, $6), last_position = coalesce($7, last_position)
where id = $1 and next_number = $2 and closed_at is null"""
_READ = "update import_run set read_at = now() where id = $1"
_CLOSE = "update import_run set closed_at = now() where id = $1"
_KNOWN = """
select source_key, content_digest, subject from import_row where register = $1 and source_key = any($2::text[])"""
_REMEMBER = """
insert into import_row (register, source_key, content_digest, subject, run)
select $1, g.source_key, g.content_digest, g.subject, $2
from unnest($3::text[], $4::bytea[], $5::text[]) as g (source_key, content_digest, subject)
on conflict (register, source_key) do update
set content_digest = excluded.content_digest, subject = excluded.subject, run = excluded.run"""
_REMARK = """
insert into import_remark (run, number, nth, reason, done)
select $1, g.* from unnest($2::bigint[], $3::integer[], $4::text[], $5::text[]) as g"""
_REMARKS = "select number, reason, done from import_remark where run = $1 order by number, nth"
_VANISHED = """
select source_key from import_row where register = $1 and run <> $2 order by source_key"""
_UNSETTLED = """
select (select count(*) from outbox where position between $1 and $2)
     + (select count(*) from signed where position between $1 and $2) as unseen,
    not exists (select from rejection where not settled) and not exists (select from stream where stopped is not null)
    and (select coalesce(bool_and(top < coalesce(
            (select max(end_offset) from final_range f where f.partition = m.partition), 0)), true)
         from (select partition, max("offset") as top from publication
               where position between $1 and $2 group by partition) as m) as is_judged"""
_REJECTED = """
select subject, version, reason from rejected_event
where position between $1 and $2 and position(convert_to($3, 'UTF8') in value) > 0 order by position"""


async def find_open_run(connection: Connection | Pool, *, importer: str, file_key: bytes) -> Run | None:
    """Return the run of this importer over this file that is not closed, or None."""
    row = await connection.fetchrow(_OPEN, importer, file_key)
    if row is None:
        return None
    run_id, number, offset, counts, is_read, first, last = row
    return Run(run_id, number, offset, Counts(*json.loads(counts)), is_read, first, last)


async def begin_run(connection: Connection, run_id: str, *, importer: str, register: str, file_key: bytes) -> None:
    """Begin a run, in the transaction that opens its stream. Raises RunMoved where another process just did."""
    tag = await connection.execute(_BEGIN, run_id, importer, register, file_key)
    if tag.endswith(" 0"):
        raise RunMoved("another process has begun this import")


async def advance_run(
    connection: Connection, run: Run, *, number: int, offset: int, counts: Counts, appended: Appended | None
) -> Run:
    """Move a run's place in the file, in the transaction that writes the rows before it. Raises RunMoved."""
    first, last = (appended.first_position, appended.last_position) if appended else (None, None)
    tag = await connection.execute(_ADVANCE, run.id, run.next_number, number, offset, json.dumps(counts), first, last)
    if tag.endswith(" 0"):
        raise RunMoved("another process is at work on this import")
    first = run.first_position if run.first_position is not None else first
    return Run(run.id, number, offset, counts, run.is_read, first, last if last is not None else run.last_position)


async def mark_read(connection: Connection, run: Run) -> None:
    """Take note that all rows were read."""
    await connection.execute(_READ, run.id)


async def close_run(connection: Connection | Pool, run: Run) -> None:
    """Close a run: the same file would be read anew."""
    await connection.execute(_CLOSE, run.id)


async def load_known(connection: Connection | Pool, register: str, source_keys: Sequence[str]) -> dict[str, KnownRow]:
    """Return those rows that were imported before, by source key, with one query."""
    rows = await connection.fetch(_KNOWN, register, list(source_keys))
    return {row["source_key"]: KnownRow(row["content_digest"], row["subject"]) for row in rows}


async def remember_rows(connection: Connection, run: Run, *, register: str, rows: Mapping[str, ImportedRow]) -> None:
    """Remember rows by their content; seen again, they change nothing."""
    columns = [list(column) for column in zip(*rows.values(), strict=True)] or [[], [], []]
    await connection.execute(_REMEMBER, register, run.id, *columns)


async def store_remarks(connection: Connection, run: Run, remarks: Sequence[Remark]) -> None:
    """Keep lines of the report."""
    if not remarks:
        return
    columns = [list(column) for column in zip(*remarks, strict=True)]
    await connection.execute(_REMARK, run.id, columns[0], list(range(len(remarks))), *columns[1:])


async def stream_remarks(connection: Connection, run: Run) -> AsyncIterator[Remark]:
    """Yield the lines of the report in order of rows, in bounded memory."""
    async with connection.transaction():
        async for row in connection.cursor(_REMARKS, run.id):
            yield Remark(*row)


async def stream_vanished(connection: Connection, run: Run, register: str) -> AsyncIterator[str]:
    """Yield source keys that were imported before and are not in this run's file, in bounded memory."""
    async with connection.transaction():
        async for row in connection.cursor(_VANISHED, register, run.id):
            yield row["source_key"]


async def load_unsettled(connection: Connection | Pool, run: Run) -> Unsettled:
    """Return what of a run's span still awaits the topic or a verdict."""
    row = await connection.fetchrow(_UNSETTLED, run.first_position, run.last_position)
    return Unsettled(*row) if row else Unsettled(0, is_judged=True)


async def load_rejected_rows(connection: Connection | Pool, run: Run) -> list[RejectedRow]:
    """Return the run's events that the ledger refused for good."""
    rows = await connection.fetch(_REJECTED, run.first_position, run.last_position, run.id)
    return [RejectedRow(*row) for row in rows]
