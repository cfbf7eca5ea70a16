"""What is appended to a sector's store: events that are already bytes, the state after them, and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Address(NamedTuple):
    """What an event is called by."""

    subject: str
    version: int


class NewEvent(NamedTuple):
    """An event to be stored: its bytes as they will be signed, and what the store must know without parsing them."""

    version: int
    recorded_at: datetime
    value: bytes
    cites: tuple[str, ...] = ()
    traceparent: str | None = None
    """The trace that it belongs to; no part of its bytes."""


class NewDisclosure(NamedTuple):
    """A disclosure to be stored with the event that carries its digest."""

    version: int
    digest: str
    person: str
    name: str
    is_open: bool
    disclosure: str
    lookup: bytes | None = None
    """The keyed digest by which the person is looked up; None where nobody is found by this field."""


class SearchEntry(NamedTuple):
    """What a stream is found by in its present state: terms, stems of its texts, ids of the persons who count now."""

    terms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamChange:
    """All that one append does to one stream: at least one event, each the next version after `expected_version`."""

    subject: str
    partition: int
    expected_version: int
    events: Sequence[NewEvent]
    state: bytes
    disclosures: Sequence[NewDisclosure] = ()
    entry: SearchEntry | None = None
    """What the stream is found by after this change; None where nobody searches such streams."""

    @property
    def version(self) -> int:
        """Version of the stream after this change."""
        return self.expected_version + len(self.events)


class Appended(NamedTuple):
    """The positions that an append took."""

    first_position: int
    last_position: int
    events: int
