"""From what was decided to what is stored: events as bytes, and the state that the ledger rules make of them.

Here the shell gives what the domain may not draw itself: ids, the time, salts. The rules are applied before anything is
acknowledged, by the very `evolve` that the validators will use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, NamedTuple

import uuid_utils

from litopys.errors import Malformed, RuleViolated
from litopys.event.cloudevents import Event, EventType, format_event, format_source, format_type, parse_event
from litopys.event.streams import partition_of
from litopys.postgres.sector_changes import NewDisclosure, NewEvent, StreamChange
from litopys.service.sealing import SealedField, Sealing

if TYPE_CHECKING:
    from litopys.postgres.sector_changes import SearchEntry
    from litopys.service.indexing import Indexing
    from litopys.sourcing.domains import Domain
    from litopys.sourcing.facts import Decided


class Stream(NamedTuple):
    """A stream as one who decides sees it: version 0 and no state before the first event."""

    subject: str
    version: int
    state: Any

    @property
    def aggregate(self) -> str:
        """The aggregate that the stream id names."""
        return self.subject.partition(":")[0]


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def format_time(moment: datetime) -> str:
    """Format a moment in UTC as an event's `time`, with milliseconds."""
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def new_event_id() -> str:
    """Draw a UUIDv7 in lower case."""
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes events of one sector of one network, under the rules now in force. Clock and randomness can be given."""

    origin: str
    sector: str
    partitions: int
    domain: Domain
    indexing: Indexing | None = None
    """How streams are found; None where nobody will search this store."""
    now: Callable[[], datetime] = utc_now
    event_id: Callable[[], str] = new_event_id
    random_bytes: Callable[[int], bytes] = field(default=token_bytes)

    def sealing(self) -> Sealing:
        """Begin the sealing of one command or row."""
        return Sealing(self.random_bytes)

    def change(
        self, stream: Stream, decided: Sequence[Decided], *, actor: str, sealing: Sealing | None = None
    ) -> tuple[StreamChange, Stream]:
        """Make the change that appends `decided` to `stream`, and the stream after it.

        Raises RuleViolated where a ledger rule refuses, Malformed where an event would not follow the formats.
        """
        state, events, disclosures = stream.state, [], []
        moment = self.now()
        for version, one in enumerate(decided, stream.version + 1):
            event = self._event(stream, one, version=version, actor=actor, moment=moment)
            value = format_event(event)
            state = self.evolve(state, event)
            events.append(NewEvent(version, moment, value, tuple(f"{c.subject}@{c.version}" for c in one.cites)))
            if sealing is not None:
                disclosures += [self._kept(stream.subject, version, kept) for kept in sealing.kept(value)]
        partition = partition_of(stream.subject, self.partitions)
        encoded = self.domain.encode_state(state)
        after = Stream(stream.subject, stream.version + len(events), state)
        entry = self.entry(after)
        change = StreamChange(stream.subject, partition, stream.version, events, encoded, disclosures, entry)
        return change, after

    def entry(self, stream: Stream) -> SearchEntry | None:
        """Return what a stream is found by; None where nobody searches such streams."""
        return None if self.indexing is None else self.indexing.entry(stream.subject, stream.state)

    def evolve(self, state: object, event: Event) -> Any:  # noqa: ANN401 — each aggregate has its own state
        """Apply one event; whatever the rules raise is a refusal, as it would be at admission."""
        try:
            return self.domain.evolve(state, event)
        except (RuleViolated, Malformed, MemoryError):
            raise
        except Exception as error:
            raise RuleViolated("rule", f"the rules raise {type(error).__name__}") from error

    def fold(self, values: Iterable[bytes]) -> Any:  # noqa: ANN401 — each aggregate has its own state
        """Return the state that events make from nothing, in order."""
        state = None
        for value in values:
            state = self.evolve(state, parse_event(value))
        return state

    def decode(self, subject: str, *, version: int, state: bytes) -> Stream:
        """Return a stream as it was stored."""
        return Stream(subject, version, self.domain.decode_state(subject.partition(":")[0], state))

    def _kept(self, subject: str, version: int, sealed: SealedField) -> NewDisclosure:
        lookup = None if self.indexing is None else self.indexing.lookup(subject, sealed.name, sealed.disclosure)
        return NewDisclosure(version, *sealed, lookup)

    def _event(self, stream: Stream, decided: Decided, *, version: int, actor: str, moment: datetime) -> Event:
        source = format_source(self.origin, self.sector)
        kind = format_type(EventType(self.sector, stream.aggregate, decided.name, decided.type_version))
        return Event(
            id=self.event_id(),
            source=source,
            type=kind,
            subject=stream.subject,
            streamversion=version,
            time=format_time(moment),
            actor=actor,
            cites=decided.cites,
            dataschema=f"{source}/schemas/{stream.aggregate}.{decided.name}.v{decided.type_version}",
            data=self.domain.encode_data(stream.subject, decided),
        )
