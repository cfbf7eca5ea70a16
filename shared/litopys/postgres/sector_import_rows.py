"""Rows of a register in a sector's store: by which contents each source key is known, and the lines of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_imports import Run


class RowKey(NamedTuple):
    """What names a row in one kind of stream, for ever, within its register."""

    source_key: str
    aggregate: str


class KnownRow(NamedTuple):
    """A row as it is remembered: its stream, the newest run that met it, and with which contents.

    `seen` are the contents that run met, `before` those of the run before it (`litopys.service.imports.contents`).
    """

    subject: str
    run: str
    seen: bytes
    before: bytes


class Remark(NamedTuple):
    """A line of the report: the row's number, offset and source key (empty: not known), the reason, what was done."""

    number: int
    offset: int
    source_key: str
    reason: str
    done: str


class RejectedRow(NamedTuple):
    """An imported event that the ledger refused for good, its bytes, and the source keys of its stream."""

    subject: str
    version: int
    reason: str
    value: bytes
    source_keys: Sequence[str]


# For a statement that looks at every row of a register once.
_WHOLE_REGISTER_S = 3_600.0

_KNOWN = """
select source_key, aggregate, subject, run, seen, before from import_row
where register = $1 and (source_key, aggregate) in (select * from unnest($2::text[], $3::text[]))"""
_REMEMBER = """
insert into import_row (register, part, source_key, aggregate, subject, run, seen, before)
select $1, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[])
on conflict (register, source_key, aggregate) do update
set subject = excluded.subject, run = excluded.run, seen = excluded.seen, before = excluded.before,
    part = excluded.part, vanished_in = null"""
_REMARK = """
insert into import_remark (run, nth, number, "offset", source_key, reason, done)
select $1, * from unnest($2::integer[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])"""
_REMARKS = """
select number, "offset", source_key, reason, done from import_remark where run = $1 order by number, nth"""
# The same file says the same again: whoever was killed before hearing the end of it gives it once more.
_VANISH = """
update import_row set vanished_in = $2
where register = $1 and run <> $2 and ($3 = '' or part = $3) and (vanished_in is null or vanished_in in (
    select id from import_run where file_key = (select file_key from import_run where id = $2) and id <> $2))"""
_COUNT_VANISHED = """
with counted as (select count(*) as n from import_row where register = $1 and vanished_in = $2)
update import_run set vanished = n from counted where id = $2 returning n"""
_VANISHED = """
select source_key, aggregate, subject from import_row
where register = $1 and vanished_in = $2 order by source_key, aggregate"""
_REJECTED = """
with rejected as (
    select position, subject, version, reason, value from rejected_event
    where position between $1 and $2 and position(convert_to($3, 'UTF8') in value) > 0
), known as (
    select subject, array_agg(source_key order by source_key) as source_keys from import_row
    where register = $4 and subject in (select subject from rejected) group by subject
)
select subject, version, reason, value, coalesce(source_keys, '{}') from rejected left join known using (subject)
order by position"""


async def load_known(connection: Connection | Pool, register: str, keys: Iterable[RowKey]) -> dict[RowKey, KnownRow]:
    """Return those rows that were imported before, with one query."""
    wanted = list(keys)
    columns = [key.source_key for key in wanted], [key.aggregate for key in wanted]
    rows = await connection.fetch(_KNOWN, register, *columns)
    return {RowKey(*values[:2]): KnownRow(*values[2:]) for values in map(tuple, rows)}


async def remember_rows(connection: Connection, run: Run, rows: Mapping[RowKey, KnownRow]) -> None:
    """Remember rows by their content; seen again, they change nothing."""
    if rows:
        columns = [list(column) for column in zip(*((*key, *row) for key, row in rows.items()), strict=True)]
        await connection.execute(_REMEMBER, run.register, run.part, *columns)


async def store_remarks(connection: Connection, run: Run, remarks: Sequence[Remark]) -> None:
    """Keep lines of the report."""
    if remarks:
        columns = [list(column) for column in zip(*remarks, strict=True)]
        await connection.execute(_REMARK, run.id, list(range(len(remarks))), *columns)


async def stream_remarks(connection: Connection, run: Run) -> AsyncIterator[Remark]:
    """Yield the lines of the report in order of rows, in bounded memory."""
    async with connection.transaction():
        async for row in connection.cursor(_REMARKS, run.id):
            yield Remark(*row)


async def mark_vanished(connection: Connection, run: Run) -> int:
    """Take note of the keys that this run's file, which was read to its end, is the first to miss; count them.

    In the caller's transaction; done again, it changes nothing.
    """
    await connection.execute(_VANISH, run.register, run.id, run.part, timeout=_WHOLE_REGISTER_S)
    count: int = await connection.fetchval(_COUNT_VANISHED, run.register, run.id, timeout=_WHOLE_REGISTER_S)
    return count


async def stream_vanished(connection: Connection, run: Run) -> AsyncIterator[tuple[RowKey, str]]:
    """Yield keys that this run was the first to miss, with their streams, in bounded memory."""
    async with connection.transaction():
        async for source_key, aggregate, subject in connection.cursor(_VANISHED, run.register, run.id):
            yield RowKey(source_key, aggregate), subject


async def stream_rejected(connection: Connection, run: Run) -> AsyncIterator[RejectedRow]:
    """Yield the run's events that the ledger refused for good, in bounded memory."""
    async with connection.transaction():
        async for row in connection.cursor(_REJECTED, run.first_position, run.last_position, run.id, run.register):
            yield RejectedRow(*row)
