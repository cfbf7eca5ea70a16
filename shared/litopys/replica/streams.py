"""Standings of streams for admission: a bounded memory in front of one query a block.

A restart needs no replay, and a hundred million streams cost no more memory than the bound.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from litopys.errors import Halted, LitopysError
from litopys.ledger.admission import Examined, Stream, subjects_needed
from litopys.postgres.ledger_store import StreamRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from litopys.postgres.pool import Connection
    from litopys.sourcing import Domain

# A state as Python objects takes about this much beside what its bytes take (measured: tests/bench/stream_memory.py).
_OBJECT_BYTES = 1_200
_OBJECTS_PER_BYTE = 4

_QUERY = "select subject, version, last_index, state from stream where subject = any($1::text[])"


class StreamStandings:
    """What this process remembers of streams; `capacity_bytes` bounds the estimate of its memory."""

    def __init__(self, *, capacity_bytes: int) -> None:
        self._capacity_bytes = capacity_bytes
        self._known: OrderedDict[str, tuple[Stream, int]] = OrderedDict()
        self._known_bytes = 0
        self._unstored: list[Mapping[str, Stream]] = []
        self._in_force: dict[str, Domain] = {}

    def __len__(self) -> int:
        """Count the remembered streams, those of blocks not yet stored left out."""
        return len(self._known)

    async def load(
        self, connection: Connection, examined: Sequence[Examined], *, rules: Mapping[str, Domain]
    ) -> dict[str, Stream]:
        """Return the standing of every stream that a block depends on and that exists, with at most one query."""
        self._change_over(rules)
        sectors = sectors_of(examined)
        streams: dict[str, Stream] = {}
        missing: list[str] = []
        for subject in subjects_needed(examined):
            known = self._find(subject)
            if known is None:
                missing.append(subject)
            else:
                streams[subject] = known
        if missing:
            for subject, version, last_index, state in await connection.fetch(_QUERY, missing):
                streams[subject] = self._read(subject, sectors, rules, Stream(version, last_index, state))
        return streams

    def hold(self, changed: Mapping[str, Stream]) -> None:
        """Take over what a judged block changed, before it is stored: until then the database does not know it."""
        self._unstored.append(changed)

    def release(self, rows: Sequence[StreamRow]) -> None:
        """Note that the oldest held block is stored, as `rows`: its streams may be forgotten when room is needed."""
        changed = self._unstored.pop(0)
        for row in rows:
            self._remember(row.subject, changed[row.subject], len(row.state))

    def _change_over(self, rules: Mapping[str, Domain]) -> None:
        """Carry over what was held under a sector's earlier rules, once, at its first block under other ones.

        What is stored is forgotten, and is carried over when it is read again. Raises Halted where that fails.
        """
        for sector, domain in rules.items():
            before = self._in_force.setdefault(sector, domain)
            if before is domain:
                continue
            self._in_force[sector] = domain
            self._known.clear()
            self._known_bytes = 0
            self._unstored = [
                {subject: _carried(subject, stream, before, domain) for subject, stream in changed.items()}
                for changed in self._unstored
            ]

    def _find(self, subject: str) -> Stream | None:
        for changed in self._unstored[::-1]:
            if (stream := changed.get(subject)) is not None:
                return stream
        known = self._known.get(subject)
        if known is None:
            return None
        self._known.move_to_end(subject)
        return known[0]

    def _read(self, subject: str, sectors: Mapping[str, str], rules: Mapping[str, Domain], stored: Stream) -> Stream:
        """Decode a state where an event is for the stream; of a stream that is only cited the version matters."""
        if subject not in sectors:
            return stored._replace(state=None)
        domain = rules[sectors[subject]]
        with _for_all_states(subject):
            state = domain.decode_state(subject.partition(":")[0], stored.state)
        stream = stored._replace(state=state)
        self._remember(subject, stream, len(stored.state))
        return stream

    def _remember(self, subject: str, stream: Stream, state_bytes: int) -> None:
        cost = _OBJECT_BYTES + _OBJECTS_PER_BYTE * state_bytes
        _, replaced = self._known.pop(subject, (None, 0))
        self._known[subject] = (stream, cost)
        self._known_bytes += cost - replaced
        while self._known_bytes > self._capacity_bytes:
            _, (_, freed) = self._known.popitem(last=False)
            self._known_bytes -= freed


def _carried(subject: str, stream: Stream, before: Domain, domain: Domain) -> Stream:
    aggregate = subject.partition(":")[0]
    if aggregate not in before.aggregates:
        return stream
    with _for_all_states(subject):
        return stream._replace(state=domain.carry(aggregate, stream.state, rules=before.rules))


@contextmanager
def _for_all_states(subject: str) -> Iterator[None]:
    """Stop where a state cannot be carried over: the rules are at fault, and no verdict may rest on that."""
    try:
        yield
    except LitopysError:
        raise
    except Exception as error:
        raise Halted(f"the rules in force cannot take over the state of {subject}") from error


def sectors_of(examined: Sequence[Examined]) -> dict[str, str]:
    """Return the sector of every stream that an event of the block may change."""
    return {one.event.subject: one.record.sector for one in examined if one.reason is None and one.event}


def format_streams(
    changed: Mapping[str, Stream], *, rules: Mapping[str, Domain], sectors: Mapping[str, str]
) -> list[StreamRow]:
    """Encode what a block changed as rows; `sectors` names the sector of every changed subject."""
    return [
        StreamRow(subject, stream.version, stream.last_index or 0, rules[sectors[subject]].encode_state(stream.state))
        for subject, stream in changed.items()
    ]
