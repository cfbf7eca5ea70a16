"""Searches that changed: before a process serves or imports, what the store is searched by is brought to this build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.event.disclosures import parse_disclosure
from litopys.postgres import sector_search_building as store
from litopys.postgres.pool import durable_step_on, failures, locking
from litopys.postgres.sector_search import store_entries
from litopys.service.logs import get_log
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import SearchEntry
    from litopys.postgres.sector_reading import StoredStream
    from litopys.postgres.sector_search_building import Looked
    from litopys.service.search.indexing import Indexing
    from litopys.service.writing import Writer
    from litopys.steps import Passing

_AT_ONCE = 500

_log = get_log("search_building")


async def build_searches(pool: Pool, writer: Writer, *, passing: Passing = pass_on) -> int:
    """Index anew every aggregate whose search has another version than it was indexed by; returns how many streams.

    Killed at any time, it begins again. Raises Unavailable.
    """
    if writer.indexing is None:
        return 0
    with failures():
        async with locking(pool) as connection:
            await store.lock_building(connection)
            return await _build_all(connection, writer, writer.indexing, passing)


async def _build_all(connection: Connection, writer: Writer, indexing: Indexing, passing: Passing) -> int:
    built = await store.load_built(connection)
    count = 0
    for aggregate, search in indexing.searches.items():
        if built.get(aggregate) == search.version:
            continue
        done = await _build(connection, writer, indexing, aggregate=aggregate, passing=passing)
        _log.info("search built", aggregate=aggregate, version=search.version, streams=done)
        count += done
    return count


async def _build(
    connection: Connection, writer: Writer, indexing: Indexing, *, aggregate: str, passing: Passing
) -> int:
    search = indexing.searches[aggregate]
    names = list(search.person_fields)
    count, after = 0, ""
    while True:
        async with durable_step_on(connection, Step.INDEXED, passing):
            page = await store.lock_page(connection, aggregate, after=after, limit=_AT_ONCE)
            await store_entries(connection, {s.subject: e for s in page if (e := _entry(writer, s)) is not None})
            disclosed = await store.load_disclosed(connection, [s.subject for s in page], names)
            await store.store_lookups(connection, [one._replace(lookup=_lookup(indexing, one)) for one in disclosed])
            if len(page) < _AT_ONCE:
                await store.mark_built(connection, aggregate, search.version)
        if len(page) < _AT_ONCE:
            return count + len(page)
        count, after = count + len(page), page[-1].subject


def _lookup(indexing: Indexing, one: Looked) -> bytes | None:
    return indexing.lookup(one.subject, one.name, parse_disclosure(one.disclosure).value)


def _entry(writer: Writer, stored: StoredStream) -> SearchEntry | None:
    return writer.entry(writer.decode(stored.subject, version=stored.version, state=stored.state))
