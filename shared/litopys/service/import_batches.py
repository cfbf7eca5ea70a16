"""One batch of an import: rows to stream changes, by the importer's own mapping, in two queries and no write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from litopys.errors import Malformed, RuleViolated
from litopys.postgres.sector_changes import StreamChange
from litopys.postgres.sector_imports import Counts, ImportedRow, Remark, load_known
from litopys.postgres.sector_reading import load_streams
from litopys.postgres.sector_requests import keyed_digest
from litopys.service.sector import ImportMark
from litopys.service.writing import Stream, format_time
from litopys.sourcing.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from litopys.exports.rows import Row
    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_imports import KnownRow
    from litopys.service.sector import Importer, Target
    from litopys.service.writing import Writer

_MAX_REASON = 500


class Located(NamedTuple):
    """A row that could be read, with its place in the register and the digest of its content."""

    row: Row
    target: Target
    digest: bytes


@dataclass(slots=True)
class Batch:
    """What a batch of rows amounts to: everything that one transaction will write."""

    admitted: int = 0
    merged: int = 0
    refused: int = 0
    changes: dict[str, StreamChange] = field(default_factory=dict)
    rows: dict[str, ImportedRow] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        """What became of the rows."""
        events = sum(len(change.events) for change in self.changes.values())
        return Counts(self.admitted + self.merged + self.refused, self.admitted, self.merged, self.refused, events)

    def add(self, change: StreamChange) -> None:
        """Add a change; what a stream has in this batch already is continued."""
        before = self.changes.get(change.subject)
        if before is not None:
            change = StreamChange(
                subject=change.subject,
                partition=change.partition,
                expected_version=before.expected_version,
                events=[*before.events, *change.events],
                state=change.state,
                disclosures=[*before.disclosures, *change.disclosures],
                entry=change.entry,
            )
        self.changes[change.subject] = change


@dataclass(frozen=True, slots=True)
class Batching:
    """Turns rows into batches for one run of one importer."""

    importer: Importer
    writer: Writer
    digest_key: bytes
    actor: str
    import_id: str

    async def prepare(self, connection: Connection | Pool, rows: Sequence[Row]) -> Batch:
        """Decide on rows, in order. Writes nothing; raises what the database raises."""
        batch = Batch()
        located = [one for row in rows if (one := self._locate(row, batch)) is not None]
        known = await load_known(connection, self.importer.register, [one.target.source_key for one in located])
        new = [one for one in located if not _is_same(known.get(one.target.source_key), one.digest)]
        streams = await self._streams(connection, {one.target.subject for one in new})
        for one in located:
            self._take(one, batch, known=known, streams=streams)
        return batch

    def _locate(self, row: Row, batch: Batch) -> Located | None:
        batch.remarks += [Remark(row.number, _short(note), "tolerated") for note in row.notes]
        if row.refusal is not None:
            _refuse(batch, row, row.refusal)
            return None
        try:
            target = self.importer.target(row)
        except (Malformed, RuleViolated) as error:
            _refuse(batch, row, str(error))
            return None
        return Located(row, target, keyed_digest(self.digest_key, row.content))

    async def _streams(self, connection: Connection | Pool, subjects: Iterable[str]) -> dict[str, Stream]:
        wanted = list(subjects)
        stored = await load_streams(connection, wanted)
        return {
            subject: self.writer.decode(subject, version=stored[subject].version, state=stored[subject].state)
            if subject in stored
            else Stream(subject, 0, None)
            for subject in wanted
        }

    def _take(self, one: Located, batch: Batch, *, known: dict[str, KnownRow], streams: dict[str, Stream]) -> None:
        """Merge, decide or refuse one row; what it does is seen by the rows after it."""
        key, subject = one.target.source_key, one.target.subject
        earlier = batch.rows.get(key)
        before = earlier.content_digest if earlier else known[key].content_digest if key in known else None
        if before == one.digest:
            _merge(batch, one)
            return
        stream = streams[subject]
        sealing = self.writer.sealing()
        try:
            decided = self._decide(one, stream, sealing, already=before is not None)
            if not decided:
                _merge(batch, one)
                return
            change, streams[subject] = self.writer.change(stream, decided, actor=self.actor, sealing=sealing)
        except (Malformed, RuleViolated) as error:
            _refuse(batch, one.row, str(error))
            return
        batch.add(change)
        batch.rows[key] = ImportedRow(key, one.digest, subject)
        batch.admitted += 1

    def _decide(self, one: Located, stream: Stream, sealing: Any, *, already: bool) -> Sequence[Any]:  # noqa: ANN401 — passed on
        context = Context(
            subject=stream.subject,
            version=stream.version,
            actor=self.actor,
            time=format_time(self.writer.now()),
        )
        mark = ImportMark(self.import_id, one.row.number, one.row.offset)
        return self.importer.decide(one.row, stream.state, context, mark=mark, sealing=sealing, already=already)


def _is_same(known: KnownRow | None, digest: bytes) -> bool:
    return known is not None and known.content_digest == digest


def _merge(batch: Batch, one: Located) -> None:
    batch.rows[one.target.source_key] = ImportedRow(one.target.source_key, one.digest, one.target.subject)
    batch.merged += 1


def _refuse(batch: Batch, row: Row, reason: str) -> None:
    batch.remarks.append(Remark(row.number, _short(reason), "refused"))
    batch.refused += 1


def _short(reason: str) -> str:
    """A line of the report: no control characters, no more than a line."""
    return "".join(c if c.isprintable() else " " for c in reason)[:_MAX_REASON]
