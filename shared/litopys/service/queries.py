"""Reading objects of a sector: now, as recorded at a time, as valid at a time; histories and lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from litopys.errors import Malformed
from litopys.event.cloudevents import parse_event
from litopys.event.grammar import parse_json
from litopys.postgres.pool import failures, transaction
from litopys.postgres.sector_reading import list_streams, load_history, load_stream
from litopys.postgres.sector_search import search_streams
from litopys.service.problems import NotFound
from litopys.sourcing.moments import is_moment

if TYPE_CHECKING:
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_reading import StoredEvent, StoredStream
    from litopys.postgres.sector_search import Wanted
    from litopys.service.sector import AggregateType
    from litopys.service.writing import Writer

_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,3}))?Z")


class Seen(NamedTuple):
    """An object as it is, or was: the stream version that says so, and what it says."""

    subject: str
    version: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers queries of one sector from its own store: what was acknowledged, whether final yet or not."""

    pool: Pool
    writer: Writer

    async def now(self, aggregate: AggregateType, subject: str) -> Seen:
        """Return an object as it is now. Raises NotFound."""
        with failures():
            stored = await load_stream(self.pool, subject)
        if stored is None:
            raise NotFound("there is no such object")
        stream = self.writer.decode(subject, version=stored.version, state=stored.state)
        if stream.state is None:
            raise NotFound("there is no such object")
        return Seen(subject, stream.version, aggregate.view(stream.state))

    async def at(
        self, aggregate: AggregateType, subject: str, *, recorded_at: str | None, valid_at: str | None
    ) -> Seen:
        """Return an object as its events up to a recorded time say that it was at a valid time.

        Raises NotFound, and Malformed for a time that is none.
        """
        until = None if recorded_at is None else parse_instant(recorded_at)
        if valid_at is not None and not is_moment(valid_at):
            raise Malformed("valid_at is no date or instant")
        with failures():
            history = await load_history(self.pool, subject)
        parsed = ((stored.value, parse_event(stored.value)) for stored in history)
        events = [(value, event) for value, event in parsed if until is None or event.time <= until]
        if not events:
            raise NotFound("there was no such object")
        content = await self._content(aggregate, events, valid_at)
        if content is None:
            raise NotFound("there was no such object")
        return Seen(subject, events[-1][1].streamversion, content)

    async def _content(
        self, aggregate: AggregateType, events: Sequence[tuple[bytes, Any]], valid_at: str | None
    ) -> Mapping[str, Any] | None:
        if valid_at is not None:
            return aggregate.view_at([self.writer.domain.fact(event) for _, event in events], valid_at)
        state = await self.writer.fold(self.pool, [value for value, _ in events])
        return None if state is None else aggregate.view(state)

    async def history(self, subject: str, *, after: int, limit: int) -> list[tuple[StoredEvent, Any]]:
        """Return events of an object after a version, with their JSON values. Raises NotFound where there is none."""
        with failures():
            history = await load_history(self.pool, subject, after=after, limit=limit)
            if not history and await load_stream(self.pool, subject) is None:
                raise NotFound("there is no such object")
        return [(stored, parse_json(stored.value)) for stored in history]

    async def page(self, aggregate: AggregateType, *, after: str, limit: int) -> tuple[list[Seen], str | None]:
        """Return objects in order of their ids after `after`, and where the next page begins, None at the end."""
        with failures():
            stored = await list_streams(self.pool, aggregate.name, after=after, limit=limit)
        return self.shown(aggregate, stored, limit=limit)

    async def found(
        self, aggregate: AggregateType, wanted: Wanted, *, after: str, limit: int
    ) -> tuple[list[Seen], str | None]:
        """Return what `page` does, of those objects that fit. Raises Unavailable where that takes too long."""
        async with transaction(self.pool) as connection:
            stored = await search_streams(connection, aggregate.name, wanted, after=after, limit=limit)
        return self.shown(aggregate, stored, limit=limit)

    def shown(
        self, aggregate: AggregateType, stored: Sequence[StoredStream], *, limit: int
    ) -> tuple[list[Seen], str | None]:
        """Return a page of at most `limit` streams as objects, and where the next page begins, None at the end."""
        streams = [self.writer.decode(one.subject, version=one.version, state=one.state) for one in stored]
        # A stream whose every event was voided has no state and is no object.
        found = [Seen(s.subject, s.version, aggregate.view(s.state)) for s in streams if s.state is not None]
        return found, stored[-1].subject if len(stored) == limit else None


def parse_instant(text: str) -> str:
    """Return an RFC 3339 instant in UTC as an event's `time` has it, to compare by. Raises Malformed."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise Malformed("recorded_at is not YYYY-MM-DDThh:mm:ss[.mmm]Z")
    try:
        datetime.fromisoformat(found[1])
    except ValueError as error:
        raise Malformed("recorded_at is no real time") from error
    return f"{found[1]}.{(found[2] or '0').ljust(3, '0')}Z"
