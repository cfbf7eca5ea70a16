"""What a command may look up in the sector's own store before it is decided: other streams, as acknowledged.

Rules that rest on it are register rules: no validator sees it again. What the ledger can check is said by citing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from litopys.event.cloudevents import parse_event
from litopys.event.disclosures import parse_disclosure
from litopys.postgres.pool import failures
from litopys.postgres.sector_append import StreamStopped
from litopys.postgres.sector_reading import load_disclosures, load_history, load_streams
from litopys.service.writing import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Pool
    from litopys.service.sealing import Sealing
    from litopys.service.writing import Writer
    from litopys.sourcing.facts import Fact


class Gathering(Protocol):
    """The surroundings of one command: the stream that it is for, its sealing, and what stands in other streams."""

    @property
    def subject(self) -> str:
        """Give the stream that the command is for."""

    @property
    def sealing(self) -> Sealing:
        """Give the sealing of the command: what is sealed here is kept if an event carries it."""

    async def streams(self, subjects: Sequence[str]) -> Mapping[str, Stream]:
        """Return streams as acknowledged, version 0 where there is none. Raises Conflict for one being settled."""

    async def facts(self, subject: str) -> Sequence[Fact]:
        """Return all facts of a stream, in order."""

    async def disclosed(self, subject: str) -> Mapping[str, Mapping[str, object]]:
        """Return the personal fields in a stream by person's id and name, those excepted that are erased."""


@dataclass(frozen=True, slots=True)
class StoreGathering:
    """Gathers from the sector's store."""

    pool: Pool
    writer: Writer
    subject: str
    sealing: Sealing

    async def streams(self, subjects: Sequence[str]) -> Mapping[str, Stream]:
        """Return streams as acknowledged, version 0 where there is none. Raises StreamStopped, Unavailable."""
        with failures():
            stored = await load_streams(self.pool, subjects)
        if any(one.stopped is not None for one in stored.values()):
            raise StreamStopped("a rejection of a stream that this rests on is being settled")
        found = {s: self.writer.decode(s, version=one.version, state=one.state) for s, one in stored.items()}
        return {subject: found.get(subject, Stream(subject, 0, None)) for subject in subjects}

    async def facts(self, subject: str) -> Sequence[Fact]:
        """Return all facts of a stream, in order. Raises Unavailable."""
        with failures():
            history = await load_history(self.pool, subject)
        return [self.writer.domain.fact(parse_event(stored.value)) for stored in history]

    async def disclosed(self, subject: str) -> Mapping[str, Mapping[str, object]]:
        """Return the personal fields in a stream by person's id and name. Raises Unavailable."""
        with failures():
            stored = await load_disclosures(self.pool, subject, up_to=(1 << 53) - 1)
        persons: dict[str, dict[str, object]] = {}
        for one in stored:
            if one.disclosure is not None:
                persons.setdefault(one.person, {})[one.name] = parse_disclosure(one.disclosure).value
        return persons
