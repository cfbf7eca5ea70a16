"""One batch of an import: rows to stream changes, by the importer's own mapping, in three queries and no write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed, RuleViolated
from litopys.postgres.sector_imports import Counts, ImportedRow, Remark, load_known
from litopys.postgres.sector_reading import load_streams
from litopys.postgres.sector_requests import keyed_digest
from litopys.postgres.sector_search import find_by_terms
from litopys.service.import_held import load_held
from litopys.service.import_sight import RowDraft, Sight
from litopys.service.indexing import format_term
from litopys.service.sector import ImportMark
from litopys.service.writing import Stream, format_time
from litopys.sourcing.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from litopys.exports.rows import Row
    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import StreamChange
    from litopys.postgres.sector_imports import KnownRow
    from litopys.service.sealing import Sealing
    from litopys.service.sector import Importer, Target, Verdict
    from litopys.service.writing import Writer

_MAX_REASON = 500


class Located(NamedTuple):
    """A row that could be read, with what it speaks of and the digest of its content."""

    row: Row
    targets: Sequence[Target]
    digest: bytes


@dataclass(slots=True)
class Batch:
    """What a batch of rows amounts to: everything that one transaction will write."""

    admitted: int = 0
    merged: int = 0
    refused: int = 0
    flagged: int = 0
    changes: Mapping[str, StreamChange] = field(default_factory=dict)
    rows: Mapping[str, ImportedRow] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        """What became of the rows."""
        return Counts(
            read=self.admitted + self.merged + self.refused,
            admitted=self.admitted,
            merged=self.merged,
            refused=self.refused,
            events=sum(len(change.events) for change in self.changes.values()),
            flagged=self.flagged,
        )

    def refuse(self, row: Row, reason: str) -> None:
        """Count a row as refused, with its line in the report."""
        self._remark(row, [reason], "refused")
        self.refused += 1

    def tolerate(self, row: Row) -> None:
        """Give each tolerance that the reading of a row needed a line in the report."""
        self._remark(row, row.notes, "tolerated")

    def take(self, row: Row, draft: RowDraft) -> None:
        """Count a row as what it came to."""
        done = "admitted" if draft.changes else "merged"
        self.admitted += bool(draft.changes)
        self.merged += not draft.changes
        self.flagged += bool(draft.flags)
        self._remark(row, draft.flags, f"{done}, flagged")

    def _remark(self, row: Row, reasons: Iterable[str], done: str) -> None:
        self.remarks += [Remark(row.number, _short(reason), done) for reason in reasons]


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
        await self.writer.follow(connection)
        located = [one for row in rows if (one := self._locate(row, batch)) is not None]
        sight = await self._look(connection, located)
        for one in located:
            self._take(one, batch, sight)
        batch.changes, batch.rows = sight.changes, sight.rows
        return batch

    def _locate(self, row: Row, batch: Batch) -> Located | None:
        batch.tolerate(row)
        if row.refusal is not None:
            batch.refuse(row, row.refusal)
            return None
        try:
            targets = self.importer.targets(row)
        except (Malformed, RuleViolated) as error:
            batch.refuse(row, str(error))
            return None
        return Located(row, targets, keyed_digest(self.digest_key, row.content))

    async def _look(self, connection: Connection | Pool, located: Sequence[Located]) -> Sight:
        """Load what the rows need that say something new: known rows, carriers of terms, streams."""
        known = await load_known(connection, self.importer.register, _keys(located))
        new = [t for one in located if not _is_known(one, known) for t in one.targets]
        terms = [self._term(t, t.found_by) for t in new if _is_sought(t, known) and t.found_by is not None]
        stored = await find_by_terms(connection, terms) if terms else {}
        sight = Sight(known, {term: stored.get(term, ()) for term in terms})
        subjects = {found.subject for t in new if (found := RowDraft(sight).find(t)).subject is not None}
        subjects.update(subject for carriers in stored.values() for subject in carriers)
        for subject, (_, version, state, _) in (await load_streams(connection, list(subjects))).items():
            sight.streams[subject] = self.writer.decode(subject, version=version, state=state)
        compared = [one for one in sight.streams if one.partition(":")[0] in self.importer.reads_held]
        sight.held = await load_held(connection, compared) if compared else {}
        return sight

    def _term(self, target: Target, found_by: tuple[str, str]) -> str:
        searches = self.writer.indexing.searches if self.writer.indexing is not None else {}
        if target.aggregate not in searches or found_by[0] not in searches[target.aggregate].terms:
            raise ValueError(f"{self.importer.name}: {target.aggregate} has no search term {found_by[0]}")
        return format_term(target.aggregate, *found_by)

    def _take(self, one: Located, batch: Batch, sight: Sight) -> None:
        """Merge, decide or refuse one row; what it does is seen by the rows after it."""
        draft = RowDraft(sight)
        try:
            if not _is_known(one, sight.known):
                for target in one.targets:
                    self._decide(one, target, draft)
        except (Malformed, RuleViolated) as error:
            batch.refuse(one.row, str(error))
            return
        if not draft.rows:
            draft.rows += [
                ImportedRow(t.source_key, one.digest, sight.known[t.source_key].subject) for t in one.targets
            ]
        sight.take(draft)
        batch.take(one.row, draft)

    def _decide(self, one: Located, target: Target, draft: RowDraft) -> None:
        """Decide on a row in one of its targets, and keep in the draft what comes of it."""
        sealing = self.writer.sealing()
        found = draft.find(target)
        stream = draft.stream(found.subject or f"{target.aggregate}:{target.key_prefix}{sealing.new_id()}")
        draft.flags += [found.doubt] if found.doubt else []
        known = draft.sight.known.get(target.source_key)
        if known is None or known.content_digest != one.digest:
            verdict = self._verdict(one, target, stream, draft=draft, sealing=sealing, already=known is not None)
            draft.flags += verdict.flags
            if verdict.decided:
                change, stream = self.writer.change(stream, verdict.decided, actor=self.actor, sealing=sealing)
                draft.change(change, stream)
        draft.rows.append(ImportedRow(target.source_key, one.digest, stream.subject))
        draft.note(stream)

    def _verdict(
        self, one: Located, target: Target, stream: Stream, *, draft: RowDraft, sealing: Sealing, already: bool
    ) -> Verdict:
        context = Context(
            subject=stream.subject,
            version=stream.version,
            actor=self.actor,
            time=format_time(self.writer.now()),
            held=draft.sight.held_of(stream.subject) if target.aggregate in self.importer.reads_held else {},
        )
        return self.importer.decide(
            one.row,
            target,
            stream.state,
            context=context,
            mark=ImportMark(self.import_id, one.row.number, one.row.offset, self._was(draft.sight.known, target)),
            sealing=sealing,
            already=already,
            before=draft.before,
        )

    def _was(self, known: Mapping[str, KnownRow], target: Target) -> Callable[[bytes], bool]:
        earlier = known.get(target.source_key)
        return lambda content: earlier is not None and keyed_digest(self.digest_key, content) == earlier.content_digest


def _keys(located: Iterable[Located]) -> list[str]:
    return [target.source_key for one in located for target in one.targets]


def _is_known(one: Located, known: Mapping[str, KnownRow]) -> bool:
    """Tell whether all that a row speaks of was imported with this very content."""
    return all(
        (earlier := known.get(target.source_key)) is not None and earlier.content_digest == one.digest
        for target in one.targets
    )


def _is_sought(target: Target, known: Mapping[str, KnownRow]) -> bool:
    return target.key is None and target.source_key not in known


def _short(reason: str) -> str:
    """A line of the report: no control characters, no more than a line."""
    return "".join(c if c.isprintable() else " " for c in reason)[:_MAX_REASON]
