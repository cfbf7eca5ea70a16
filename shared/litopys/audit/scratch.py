"""Where every stream stands while a ledger is replayed: on disk, in a temporary SQLite file, with a bounded memory.

A version chain through `entry.previous` would check versions without a store, but not states, citations or the rules;
and a hundred million streams do not fit in memory. SQLite is in the standard library and sorts by bytes as we need it.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, Self

from litopys.ledger.admission import Examined, Stream, subjects_needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from litopys.audit.rules import SectorRules

MEMORY_BYTES = 128 << 20
# What a decoded state takes beside its bytes: the estimate of replica/streams.py.
_OBJECT_BYTES = 1_200
_OBJECTS_PER_BYTE = 6
_QUERY_SUBJECTS = 500


class Standing(NamedTuple):
    """The last word on a stream: what the table `stream` should hold, and whose it is."""

    subject: str
    version: int
    last_index: int
    state: bytes
    sector: str


class ScratchStreams:
    """All streams of a replay; a context manager that leaves nothing on disk."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._known: OrderedDict[str, tuple[Stream, int]] = OrderedDict()
        self._known_bytes = 0
        self._in_force: dict[str, SectorRules] = {}
        self._folder = TemporaryDirectory(prefix="litopys-audit-")
        self._database = sqlite3.connect(Path(self._folder.name) / "streams", isolation_level=None)
        self._database.execute("pragma journal_mode = off")
        self._database.execute("pragma synchronous = off")
        self._database.execute(
            "create table stream (subject text primary key, version integer, last_index integer, state blob,"
            " sector text) without rowid"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def load(self, examined: Sequence[Examined], rules: Mapping[str, SectorRules]) -> dict[str, Stream]:
        """Return the standing of every stream that a block depends on and that exists."""
        self._change_over(rules)
        sectors = {one.event.subject: one.record.sector for one in examined if one.reason is None and one.event}
        streams: dict[str, Stream] = {}
        missing = []
        for subject in subjects_needed(examined):
            if (known := self._known.get(subject)) is not None:
                self._known.move_to_end(subject)
                streams[subject] = known[0]
            else:
                missing.append(subject)
        for row in self._read(missing):
            streams[row.subject] = self._decode(row, rules.get(sectors.get(row.subject, "")))
        return streams

    def store(
        self, changed: Mapping[str, Stream], *, sectors: Mapping[str, str], rules: Mapping[str, SectorRules]
    ) -> None:
        """Take over what a block changed; `sectors` names the sector of every changed subject."""
        rows = []
        for subject, stream in changed.items():
            sector = sectors[subject]
            state = rules[sector].encode_state(stream.state)
            rows.append(Standing(subject, stream.version, stream.last_index or 0, state, sector))
            self._remember(subject, stream, len(state))
        self._database.execute("begin")
        self._database.executemany("insert or replace into stream values (?, ?, ?, ?, ?)", rows)
        self._database.execute("commit")

    def all(self) -> Iterator[Standing]:
        """Go through all streams in the order of their subjects' bytes."""
        yield from map(Standing._make, self._database.execute("select * from stream order by subject"))

    def _change_over(self, rules: Mapping[str, SectorRules]) -> None:
        """Forget decoded states where a sector's rules are others than before: those stored are carried over."""
        if any(self._in_force.get(sector, one) is not one for sector, one in rules.items()):
            self._known.clear()
            self._known_bytes = 0
        self._in_force |= rules

    def _read(self, subjects: Sequence[str]) -> Iterator[Standing]:
        for start in range(0, len(subjects), _QUERY_SUBJECTS):
            some = subjects[start : start + _QUERY_SUBJECTS]
            marks = ",".join("?" * len(some))
            query = f"select * from stream where subject in ({marks})"  # noqa: S608 -- question marks alone
            yield from map(Standing._make, self._database.execute(query, some))

    def _decode(self, row: Standing, rules: SectorRules | None) -> Stream:
        """Decode a state where an event is for the stream; of one that is only cited the version matters."""
        if rules is None:
            return Stream(row.version, row.last_index, None)
        state = rules.decode_state(row.subject.partition(":")[0], row.state)
        stream = Stream(row.version, row.last_index, state)
        self._remember(row.subject, stream, len(row.state))
        return stream

    def _remember(self, subject: str, stream: Stream, state_bytes: int) -> None:
        cost = _OBJECT_BYTES + _OBJECTS_PER_BYTE * state_bytes
        _, replaced = self._known.pop(subject, (None, 0))
        self._known[subject] = (stream, cost)
        self._known_bytes += cost - replaced
        while self._known_bytes > self._memory_bytes:
            _, (_, freed) = self._known.popitem(last=False)
            self._known_bytes -= freed
