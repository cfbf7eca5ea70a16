"""From what was decided to what is stored: events as bytes, and the state that the ledger rules make of them.

Here the shell gives what the domain may not draw itself: ids, the time, salts. The rules are applied before anything is
acknowledged, by the very `evolve` that the validators will use; where other rules are about to begin, by theirs too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, NamedTuple

import uuid_utils

from litopys.errors import Conflict, Malformed, RuleViolated, Unavailable
from litopys.event.cloudevents import Event, EventType, format_event, format_source, format_type, parse_event
from litopys.event.streams import partition_of
from litopys.postgres.pool import failures
from litopys.postgres.sector_changes import Address, NewDisclosure, NewEvent, StreamChange
from litopys.postgres.sector_verdicts import load_final_head, load_statuses
from litopys.service.sealing import SealedField, Sealing
from litopys.service.tracing import current_traceparent
from litopys.sourcing.steps import UNKNOWN

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import SearchEntry
    from litopys.service.in_force import RulesByHeight
    from litopys.service.search.indexing import Indexing
    from litopys.sourcing.domains import Domain
    from litopys.sourcing.facts import Decided
    from litopys.sourcing.steps import Steps


class Stream(NamedTuple):
    """A stream as one who decides sees it: version 0 and no state before the first event.

    `rules` is the version of rules whose state it is; 0 where nobody says.
    """

    subject: str
    version: int
    state: Any
    rules: int = 0

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


@dataclass(slots=True)
class Writer:
    """Makes events of one sector of one network, under the rules now in force. Clock and randomness can be given.

    `domain` and `coming` follow the final height where `rules` are given: `reached` says what it is, `follow` reads it.
    """

    origin: str
    sector: str
    partitions: int
    domain: Domain
    indexing: Indexing | None = None
    """How streams are found; None where nobody will search this store."""
    now: Callable[[], datetime] = utc_now
    event_id: Callable[[], str] = new_event_id
    random_bytes: Callable[[int], bytes] = field(default=token_bytes)
    rules: RulesByHeight | None = None
    coming: tuple[Domain, ...] = ()
    """Rules that begin so soon that an event acknowledged now may fall under them."""
    _final_height: int = -1

    def reached(self, final_height: int) -> None:
        """Go by the rules of the block after a final height. Raises Unavailable where this build lacks them."""
        if self.rules is not None:
            following = self.rules.at(final_height + 1), self.rules.coming(final_height + 1)
            self.domain, self.coming = following
            self._final_height = final_height

    async def follow(self, connection: Connection | Pool) -> None:
        """Look how far the chain is final, while other rules are still ahead. Raises Unavailable."""
        if self.rules is not None and self.rules.change_after(self._final_height + 1):
            with failures():
                head = await load_final_head(connection)
            self.reached(head.height)

    def sealing(self) -> Sealing:
        """Begin the sealing of one command or row."""
        return Sealing(self.random_bytes)

    def change(
        self,
        stream: Stream,
        decided: Sequence[Decided],
        *,
        actor: str,
        sealing: Sealing | None = None,
        moment: datetime | None = None,
        steps: Steps | None = None,
    ) -> tuple[StreamChange, Stream]:
        """Make the change that appends `decided` to `stream`, and the stream after it.

        It is recorded at `moment`, or now; `steps` are those that were taken with this moment as the context's time.
        Raises RuleViolated where a ledger rule refuses, Malformed where an event would not follow the formats; Conflict
        where other rules are in force than when the stream was read, Unavailable where coming ones refuse.
        """
        if stream.rules not in {0, self.domain.rules}:
            raise Conflict("other rules have come into force")
        state, events, disclosures = stream.state, [], []
        moment, traceparent = moment or self.now(), current_traceparent()
        for version, one in enumerate(decided, stream.version + 1):
            event = self._event(stream, one, version=version, actor=actor, moment=moment)
            value = format_event(event)
            state = self._evolve_in_time(state, event, steps)
            cites = tuple(f"{c.subject}@{c.version}" for c in one.cites)
            events.append(NewEvent(version, moment, value, cites, traceparent))
            if sealing is not None:
                disclosures += [self._kept(stream.subject, version, kept) for kept in sealing.kept(value)]
        partition = partition_of(stream.subject, self.partitions)
        encoded = self.domain.encode_state(state)
        after = Stream(stream.subject, stream.version + len(events), state, self.domain.rules)
        entry = self.entry(after)
        change = StreamChange(stream.subject, partition, stream.version, events, encoded, disclosures, entry)
        return change, after

    def entry(self, stream: Stream) -> SearchEntry | None:
        """Return what a stream is found by; None where nobody searches such streams."""
        return None if self.indexing is None else self.indexing.entry(stream.subject, stream.state)

    def _evolve_in_time(self, state: object, event: Event, steps: Steps | None) -> Any:  # noqa: ANN401 — any state
        """Apply one event to be acknowledged: it must come to the same whether it is sealed before a change or after.

        By induction over the events of the margin it is then the same which of them is the first under other rules.
        """
        after = _evolve(self.domain, state, event, steps)
        aggregate = event.subject.partition(":")[0]
        for domain in self.coming:
            try:
                is_same = domain.evolve(domain.carry(aggregate, state, rules=self.domain.rules), event) == domain.carry(
                    aggregate, after, rules=self.domain.rules
                )
            except Exception as error:
                told = str(error) if isinstance(error, RuleViolated) else type(error).__name__
                raise Unavailable(f"rules {domain.rules} begin within some blocks, and refuse this: {told}") from error
            if not is_same:
                raise Unavailable(f"rules {domain.rules} begin within some blocks, and make something else of this")
        return after

    def evolve(self, state: object, event: Event) -> Any:  # noqa: ANN401 — each aggregate has its own state
        """Apply one event; whatever the rules raise is a refusal, as it would be at admission."""
        return _evolve(self.domain, state, event)

    async def fold(self, connection: Connection | Pool, values: Iterable[bytes]) -> Any:  # noqa: ANN401 — each aggregate has its own state
        """Return the state that a stream's events make from nothing, in order, each under the rules of its block.

        Events that are not final are under the rules now in force, and the state returned is one of these.
        """
        state, before = None, None
        for event, domain in await self._with_rules(connection, [parse_event(value) for value in values]):
            aggregate = event.subject.partition(":")[0]
            if before is not None:
                state = domain.carry(aggregate, state, rules=before.rules)
            state, before = _evolve(domain, state, event), domain
        return state if before is None else self.domain.carry(aggregate, state, rules=before.rules)

    async def _with_rules(
        self, connection: Connection | Pool, events: Sequence[Event]
    ) -> Sequence[tuple[Event, Domain]]:
        """Pair events with the rules under which the ledger judged them. Asks nothing where these never changed."""
        if self.rules is None or not self.rules.are_amended:
            return [(event, self.domain) for event in events]
        with failures():
            known = await load_statuses(connection, [Address(e.subject, e.streamversion) for e in events])
        heights = {one.version: one.height for one in known}
        found = []
        for event in events:
            height = heights.get(event.streamversion)
            found.append((event, self.domain if height is None else self.rules.at(height)))
        return found

    def decode(self, subject: str, *, version: int, state: bytes) -> Stream:
        """Return a stream as it was stored, as the rules now in force have it."""
        found = self.domain.decode_state(subject.partition(":")[0], state)
        return Stream(subject, version, found, self.domain.rules)

    def _kept(self, subject: str, version: int, sealed: SealedField) -> NewDisclosure:
        digest, person, name, is_open, disclosure, value = sealed
        lookup = None if self.indexing is None else self.indexing.lookup(subject, name, value)
        return NewDisclosure(version, digest, person, name, is_open, disclosure, lookup)

    def _event(self, stream: Stream, decided: Decided, *, version: int, actor: str, moment: datetime) -> Event:
        if not self.domain.knows(stream.aggregate, decided.name, decided.type_version):
            raise RuleViolated("not-in-force", f"the rules in force do not know {decided.name}.v{decided.type_version}")
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


def _evolve(domain: Domain, state: object, event: Event, steps: Steps | None = None) -> Any:  # noqa: ANN401 — any state
    """Apply one event, unless the very same was applied in the course of the decision that it came from."""
    try:
        if steps is None:
            return domain.evolve(state, event)
        fact = domain.fact(event)
        after = steps.after(domain.aggregate_of(fact.subject), state, fact=fact)
        return domain.apply(state, fact) if after is UNKNOWN else after
    except (RuleViolated, Malformed, MemoryError):
        raise
    except Exception as error:
        raise RuleViolated("rule", f"the rules raise {type(error).__name__}") from error
