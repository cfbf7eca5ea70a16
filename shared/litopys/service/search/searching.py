"""Searches: from what somebody asks to what the store looks up; by closed fields only after that is on the record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed
from litopys.postgres.pool import durable_step
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_search import Wanted, search_streams
from litopys.service.privacy.access import ACTOR, check_granted
from litopys.service.problems import NotFound
from litopys.service.search.indexing import format_term
from litopys.service.search.spelling import format_query
from litopys.service.writing import Stream
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection
    from litopys.service.queries import Reading, Seen
    from litopys.service.search.searchable import Search
    from litopys.service.sector import AggregateType, Frame
    from litopys.service.tokens import Caller
    from litopys.steps import Passing


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What objects must fit, all of it: terms by name, words of `text`, and `persons` by the names of their fields."""

    terms: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    persons: Mapping[str, str] = field(default_factory=dict)
    former: bool = False


class Purpose(NamedTuple):
    """Who asks, in which office, and why; goes on the record as digests."""

    caller: Caller
    office: str
    why: str


class Place(NamedTuple):
    """Where a page begins, the id of the last object before it or nothing, and how many objects it has at most."""

    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class Searching:
    """Finds objects of one sector. `check_open` raises Unavailable while nothing can be recorded."""

    reading: Reading
    frame: Frame
    check_open: Callable[[], Awaitable[None]]
    passing: Passing = pass_on

    async def page(
        self, aggregate: AggregateType, question: Question, *, place: Place
    ) -> tuple[list[Seen], str | None]:
        """Return a page of what fits, by what is public; all objects where nothing is asked.

        Raises Malformed for a text or a name without a word, Unavailable where the search takes too long, or by a
        person's field while what was erased may have come back with a backup.
        """
        if not (question.terms or question.persons or question.text):
            return await self.reading.page(aggregate, after=place.after, limit=place.limit)
        wanted = self._wanted(aggregate, question, is_open=True)
        if question.persons:
            await self.check_open()
        return await self.reading.found(aggregate, wanted, after=place.after, limit=place.limit)

    async def page_on_record(
        self, aggregate: AggregateType, question: Question, *, place: Place, purpose: Purpose
    ) -> tuple[Address, list[Seen], str | None]:
        """Record a search by one field of `question.persons`, and return its address with a page of what it found.

        Raises Forbidden, Malformed; Unavailable or Conflict where it cannot be recorded: then nothing is told.
        """
        check_granted(f"{aggregate.name}:", question.persons, personal=aggregate.personal, caller=purpose.caller)
        wanted = self._wanted(aggregate, question, is_open=False)
        await self.check_open()
        async with durable_step(self.reading.pool, Step.ON_RECORD, self.passing) as connection:
            recorded_as = await self._record(connection, aggregate, question, purpose=purpose)
            stored = await search_streams(connection, aggregate.name, wanted, after=place.after, limit=place.limit)
        # Here the record is committed.
        return recorded_as, *self.reading.shown(aggregate, stored, limit=place.limit)

    async def _record(
        self, connection: Connection, aggregate: AggregateType, question: Question, *, purpose: Purpose
    ) -> Address:
        writer = self.reading.writer
        sealing = writer.sealing()
        ((name, value),) = question.persons.items()
        asked = {
            "who": purpose.caller.actor,
            "office": purpose.office,
            "why": purpose.why,
            "field": name,
            "value": value,
            "aggregate": aggregate.name,
        }
        decided = self.frame.search_recorded(asked, sealing)
        stream = Stream(f"{writer.sector}_access:{sealing.new_id()}", 0, None)
        change, _ = writer.change(stream, [decided], actor=ACTOR, sealing=sealing)
        await append(connection, [change])
        return Address(stream.subject, 1)

    def _wanted(self, aggregate: AggregateType, question: Question, *, is_open: bool) -> Wanted:
        search = _search_of(aggregate)
        words = None
        if question.text is not None and (words := format_query(question.text)) is None:
            raise Malformed("text has no word to search by")
        terms = tuple(format_term(aggregate.name, name, value) for name, value in question.terms.items())
        is_broad = bool(terms) and words is None and search.broad.issuperset(question.terms)
        lookups = tuple(self._lookup(name, value) for name, value in question.persons.items())
        former = question.former and bool(lookups)
        return Wanted(terms, words, lookups, is_open=is_open, former=former, is_broad=is_broad)

    def _lookup(self, name: str, value: str) -> bytes:
        indexing = self.reading.writer.indexing
        lookup = None if indexing is None else indexing.lookup_of(name, value)
        if lookup is None:
            raise Malformed(f"{name} has nothing to search by")
        return lookup


def _search_of(aggregate: AggregateType) -> Search:
    if aggregate.search is None:
        raise NotFound("such objects are found by their keys alone")
    return aggregate.search
