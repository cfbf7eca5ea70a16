"""What streams are found by: entries written with the events, and looked up by index."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import SearchEntry

SEPARATOR = "\x1f"
"""Stands in no term, word or id."""

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
    """Return the streams that carry each of many terms (see `litopys.service.indexing.format_term`), with one query.

    A term that nobody carries is absent; where several streams carry one, all are given, in order of their ids: meant
    for terms that name something.
    """
    found: dict[str, list[str]] = {}
    for row in await connection.fetch(_BY_TERMS, list(dict.fromkeys(terms))):
        found.setdefault(row["term"], []).append(row["subject"])
    return found
