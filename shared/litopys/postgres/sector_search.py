"""What streams are found by: entries written with the events, and looked up by index.

A search has two ways. Mostly it collects everything that fits by index, and gives the first by id: the server cannot
know that a settlement's parcels all stand at one place of that order, and would look for them there from the beginning.
Asked for what fits a great part of all streams, it walks through the ids instead (`Wanted.is_broad`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from litopys.postgres.sector_reading import StoredStream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import SearchEntry

SEPARATOR = "\x1f"
"""Stands in no term, word or id."""

MOST_MS = 10_000
"""A search that takes longer is given up: Unavailable."""


class Wanted(NamedTuple):
    """What streams must fit, all of it at once: terms, a tsquery over their words, persons by keyed digests.

    All `lookups` must be of one person, who counts in the present state or stands in a list with one who does; with
    `former`, of any person whom the events name. Only disclosures that the law publishes count with `is_open`.
    """

    terms: tuple[str, ...] = ()
    words: str | None = None
    lookups: tuple[bytes, ...] = ()
    is_open: bool = True
    former: bool = False
    is_broad: bool = False


# A row whose content stays is not written again: most events change nothing that anybody searches by.
_STORE = """
insert into search_entry as s (subject, terms, words, persons)
select g.subject, string_to_array(g.terms, chr(31)), array_to_tsvector(string_to_array(g.words, chr(31))),
    string_to_array(g.persons, chr(31))
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as g (subject, terms, words, persons)
on conflict (subject) do update set terms = excluded.terms, words = excluded.words, persons = excluded.persons
where s.terms <> excluded.terms or s.words <> excluded.words or s.persons <> excluded.persons"""
_REMOVE = "delete from search_entry where subject = $1"
_FORGET = (
    "update disclosure set lookup = null where subject = $1 and version = any($2::bigint[]) and lookup is not null"
)
# One look-up a term: an overlap of arrays compares every term with every row.
_BY_TERMS = """
select t.term, e.subject from search_entry e join unnest($1::text[]) as t (term) on e.terms @> array[t.term]
order by 1, 2"""

# The plan must be made for the very values: one settlement is not like another.
_SETTINGS = """
select set_config('statement_timeout', $1, true), set_config('plan_cache_mode', 'force_custom_plan', true)"""
_IN_ORDER = "e.subject > $1 and e.subject < $2"
_WALK = """
select s.subject, s.version, s.state, s.stopped from search_entry e join stream s using (subject)
where {fits} order by e.subject limit $3"""
_COLLECT = """
with fitting as materialized (select e.subject from search_entry e where {fits})
select s.subject, s.version, s.state, s.stopped
from (select subject from fitting order by subject limit $3) as f join stream s using (subject) order by s.subject"""
# Looked at for the few who were found and do not count by themselves.
_COUNTS_WITH_FIRST = """exists (
    select from event v where v.subject = p.subject and v.version = any(p.versions)
        and jsonb_path_query_array(
            convert_from(v.value, 'UTF8')::jsonb, $7::jsonpath, jsonb_build_object('member', p.person)) ?| e.persons)"""
_FIRST_OF_THE_LIST = "strict $.data.** ? (exists (@.persons[*].id ? (@ == $member))).persons[0].id"
_COLLECT_OF_PERSONS = """
with person as materialized (
    select d.subject, d.person, array_agg(distinct d.version) as versions from disclosure d
    where d.lookup = any($4::bytea[]) and (d.is_open or not $5) and d.subject > $1 and d.subject < $2
    group by d.subject, d.person having count(distinct d.lookup) = cardinality($4::bytea[])
), fitting as materialized (
    select distinct e.subject from person p join search_entry e using (subject)
    where ($6 or p.person = any(e.persons) or {counts_with_first}) and {fits}
)
select s.subject, s.version, s.state, s.stopped
from (select subject from fitting order by subject limit $3) as f join stream s using (subject) order by s.subject"""


async def store_entries(connection: Connection, entries: Mapping[str, SearchEntry]) -> None:
    """Say what streams are found by from now on, in the transaction that changes them."""
    if not entries:
        return
    columns = [[SEPARATOR.join(part) for part in parts] for parts in zip(*entries.values(), strict=True)]
    await connection.execute(_STORE, list(entries), *columns)


async def remove_entry(connection: Connection, subject: str) -> None:
    """Let a stream be found no more: nothing of it is left."""
    await connection.execute(_REMOVE, subject)


async def forget_lookups(connection: Connection, subject: str, versions: Sequence[int]) -> None:
    """Let nobody be found by the disclosures of these events any more; the disclosures themselves stay."""
    await connection.execute(_FORGET, subject, list(versions))


async def find_by_terms(connection: Connection | Pool, terms: Sequence[str]) -> dict[str, list[str]]:
    """Return the streams that carry each of many terms (`service.search.indexing.format_term`), with one query.

    A term that nobody carries is absent; where several streams carry one, all are given, in order of their ids: meant
    for terms that name something.
    """
    found: dict[str, list[str]] = {}
    for row in await connection.fetch(_BY_TERMS, list(dict.fromkeys(terms))):
        found.setdefault(row["term"], []).append(row["subject"])
    return found


async def search_streams(
    connection: Connection, aggregate: str, wanted: Wanted, *, after: str, limit: int
) -> list[StoredStream]:
    """Return the streams of an aggregate that fit and whose ids come after `after`, in order of id.

    To be called in a transaction. Raises Unavailable (through `failures`) after MOST_MS.
    """
    await connection.execute(_SETTINGS, str(MOST_MS))
    # With "C" collation ';' is the character after ':', so this is exactly the streams of one aggregate.
    place = (after or f"{aggregate}:", f"{aggregate};", limit)
    sql, arguments = _query(wanted)
    return [StoredStream(*row) for row in await connection.fetch(sql, *place, *arguments)]


def _query(wanted: Wanted) -> tuple[str, list[Any]]:
    """Make the statement and its arguments from $4 on; what is not asked must not stand in it, or no index serves."""
    shape = _WALK if wanted.is_broad else _COLLECT
    fits, arguments = _IN_ORDER, list[Any]()
    if wanted.lookups:
        shape = _COLLECT_OF_PERSONS
        arguments += [list(wanted.lookups), wanted.is_open, wanted.former, _FIRST_OF_THE_LIST]
    if wanted.terms:
        arguments.append(list(wanted.terms))
        fits += f" and e.terms @> ${len(arguments) + 3}::text[]"
    if wanted.words is not None:
        arguments.append(wanted.words)
        fits += f" and e.words @@ (${len(arguments) + 3}::text)::tsquery"
    return shape.format(fits=fits, counts_with_first=_COUNTS_WITH_FIRST), arguments
