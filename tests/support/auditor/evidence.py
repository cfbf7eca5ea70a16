"""What the auditor looks at: every record of every topic, and every row that says what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Address = tuple[str, int]
"""Of an event: its stream and its version there."""
Partition = tuple[str, int]
"""Of a sector's topic: the sector and the number."""


class Record(NamedTuple):
    """What stands at an offset, and when the broker took it, in milliseconds since 1970."""

    value: bytes
    signature: bytes
    at_ms: int


class Block(NamedTuple):
    """A validator's row of a block."""

    height: int
    note: bytes
    first_index: int
    size: int
    root: bytes
    rejected: int


class Rejected(NamedTuple):
    """A validator's row of a refused record."""

    height: int
    number: int
    sector: str
    partition: int
    offset: int
    reason: str
    signature: bytes
    value: bytes


class Stream(NamedTuple):
    """A validator's row of a stream."""

    subject: str
    version: int
    last_index: int
    state: bytes


class Vote(NamedTuple):
    """A validator's own vote."""

    size: int
    root: bytes
    line: str


@dataclass
class ValidatorRows:
    """What a validator's database holds."""

    blocks: list[Block]
    entries: list[bytes]
    streams: list[Stream]
    rejections: list[Rejected]
    votes: list[Vote]
    final: dict[int, bytes]
    """Roots by sizes that it calls final."""


class Event(NamedTuple):
    """A sector's row of an event."""

    position: int
    value: bytes


@dataclass
class SectorRows:
    """What a sector's database holds."""

    events: dict[Address, Event]
    rejected: dict[Address, str]
    """Reasons, of events that were refused for good."""
    waiting: set[Address]
    """What it has not read back from its topic."""
    publications: dict[int, list[tuple[int, int]]]
    """Where events stand on the topic (partition, offset), by position."""
    refused: dict[tuple[int, int], str]
    """Reasons of refused records of the own topic."""
    final_ranges: list[tuple[int, int, int, int, int]]
    """Partition, first and end offset, height, first index."""
    final_height: int


@dataclass
class Evidence:
    """All of it, at one time of rest."""

    network_file: bytes
    network: Mapping[str, Any]
    events: dict[Partition, list[Record]]
    blocks: list[Record]
    cosignatures: list[Record]
    validators: dict[str, ValidatorRows]
    sectors: dict[str, SectorRows]

    @property
    def origin(self) -> str:
        return str(self.network["origin"])

    def under_way(self) -> list[str]:
        """What is not at rest yet, in words."""
        found = []
        heads = {name: (rows.blocks[-1].size if rows.blocks else 0) for name, rows in self.validators.items()}
        finals = {name: max(rows.final, default=0) for name, rows in self.validators.items()}
        if len({*heads.values(), *finals.values()}) > 1:
            found.append(f"validators at sizes {heads}, final {finals}")
        sealed = sum(rows.blocks[-1].size - len(rows.blocks) if rows.blocks else 0 for rows in self.first_validator)
        refused = sum(len(rows.rejections) for rows in self.first_validator)
        published = sum(map(len, self.events.values()))
        if sealed + refused != published:
            found.append(f"{published} records, {sealed} admitted, {refused} refused")
        for name, store in self.sectors.items():
            if store.waiting:
                found.append(f"{len(store.waiting)} events of {name} not read back")
            height = max((len(rows.blocks) for rows in self.first_validator), default=0) - 1
            if store.final_height != height:
                found.append(f"{name} knows height {store.final_height} of {height}")
        return found

    @property
    def first_validator(self) -> list[ValidatorRows]:
        return list(self.validators.values())[:1]


@dataclass
class Claims:
    """What clients were told: every acknowledgement, as they wrote it down themselves."""

    acknowledged: list[Address] = field(default_factory=list)
    prefixes: tuple[str, ...] = ()
    """Streams that begin with one of these belong to these clients alone."""
    lost: set[Address] = field(default_factory=set)
    """Acknowledged, and gone with a database that was lost before it published them."""
