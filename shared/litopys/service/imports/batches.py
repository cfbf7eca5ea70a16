"""One batch of an import: rows to stream changes, by the importer's own mapping, in three queries and no write.

What rows cite in streams that the batch does not know costs a query for each such stream.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed, RuleViolated
from litopys.exports.json_text import is_plain_text
from litopys.postgres.sector_import_rows import Remark, load_known
from litopys.postgres.sector_imports import Counts
from litopys.postgres.sector_reading import load_streams
from litopys.postgres.sector_requests import keyed_digest
from litopys.postgres.sector_search import find_by_terms
from litopys.service.citing import check_cited
from litopys.service.imports.contents import Reading
from litopys.service.imports.held import load_held
from litopys.service.imports.importer import ImportMark
from litopys.service.imports.sight import RowDraft, Sight, key_of
from litopys.service.search.indexing import format_term
from litopys.service.writing import Stream, format_time
from litopys.sourcing.context import Context
from litopys.sourcing.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from litopys.exports.rows import Row
    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import StreamChange
    from litopys.postgres.sector_import_rows import KnownRow, RowKey
    from litopys.service.imports.importer import Importer, Target, Verdict
    from litopys.service.sealing import Sealing
    from litopys.service.writing import Writer

_MAX_REASON = 500
_MOST_KEY_BYTES = 1_000
_REMAPPED = "the same content as before: another mapping reads it otherwise"


class Located(NamedTuple):
    """A row that could be read, with what it speaks of and the digest of its content."""

    row: Row
    targets: Sequence[Target]
    digest: bytes


class Turn(NamedTuple):
    """What one decision is made with, and the change that follows from it: salts, moment, what the rules have made."""

    sealing: Sealing
    moment: datetime
    steps: Steps


@dataclass(slots=True)
class Batch:
    """What a batch of rows amounts to: everything that one transaction will write."""

    admitted: int = 0
    merged: int = 0
    refused: int = 0
    flagged: int = 0
    is_cut: bool = False
    changes: Mapping[str, StreamChange] = field(default_factory=dict)
    rows: Mapping[RowKey, KnownRow] = field(default_factory=dict)
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

    def refuse(self, row: Row, reason: str, targets: Sequence[Target] = ()) -> None:
        """Count a row as refused, with its line in the report."""
        self._remark(row, targets, [reason], done="refused")
        self.refused += 1
        self.is_cut |= row.is_cut

    def tolerate(self, row: Row, targets: Sequence[Target] = ()) -> None:
        """Give each tolerance that the reading of a row needed a line in the report."""
        self._remark(row, targets, row.notes, done="tolerated")

    def take(self, one: Located, draft: RowDraft) -> None:
        """Count a row as what it came to."""
        done = "admitted" if draft.changes else "merged"
        self.admitted += bool(draft.changes)
        self.merged += not draft.changes
        self.flagged += bool(draft.flags)
        self._remark(one.row, one.targets, draft.flags, done=f"{done}, flagged")

    def _remark(self, row: Row, targets: Sequence[Target], reasons: Iterable[str], *, done: str) -> None:
        source_key = targets[0].source_key if targets else ""
        self.remarks += [Remark(row.number, row.offset, _line(source_key), _line(reason), done) for reason in reasons]


@dataclass(frozen=True, slots=True)
class Batching:
    """Turns rows into batches for one run of one importer."""

    importer: Importer
    writer: Writer
    digest_key: bytes
    actor: str
    import_id: str
    as_of: str | None = None

    async def prepare(self, connection: Connection | Pool, rows: Sequence[Row]) -> Batch:
        """Decide on rows, in order. Writes nothing; raises what the database raises."""
        batch = Batch()
        await self.writer.follow(connection)
        located = [one for row in rows if (one := self._locate(row, batch)) is not None]
        sight = await self._look(connection, located)
        for one in located:
            await self._take(connection, one, batch=batch, sight=sight)
        batch.changes, batch.rows = sight.changes, sight.rows
        return batch

    @property
    def reading(self) -> Reading:
        """By which run and which mapping rows are met."""
        return Reading(self.import_id, self.importer.mapping_version)

    def _locate(self, row: Row, batch: Batch) -> Located | None:
        targets: Sequence[Target] = ()
        reason = row.refusal
        if reason is None:
            try:
                targets = self.importer.targets(row)
                _check_keys(targets)
            except (Malformed, RuleViolated) as error:
                reason = str(error)
                targets = ()
        batch.tolerate(row, targets)
        if reason is not None:
            batch.refuse(row, reason)
            return None
        return Located(row, targets, keyed_digest(self.digest_key, row.content))

    async def _look(self, connection: Connection | Pool, located: Sequence[Located]) -> Sight:
        """Load what the rows need that say something new: known rows, carriers of terms, streams."""
        keys = {key_of(target) for one in located for target in one.targets}
        known = await load_known(connection, self.importer.register, keys)
        new = [t for one in located if not self._is_known(one, known) for t in one.targets]
        sought = [t for t in new if t.key is None and key_of(t) not in known]
        terms = [self._term(t.aggregate, t.found_by) for t in sought if t.found_by is not None]
        stored = await find_by_terms(connection, terms) if terms else {}
        opening = {f"{self.writer.sector}_import:{self.import_id}": 1}
        sight = Sight(known, {term: stored.get(term, ()) for term in terms}, opening)
        subjects = {found.subject for t in new if (found := RowDraft(sight).find(t)).subject is not None}
        subjects.update(subject for carriers in stored.values() for subject in carriers)
        for subject, (_, version, state, _) in (await load_streams(connection, list(subjects))).items():
            sight.streams[subject] = self.writer.decode(subject, version=version, state=state)
        compared = [one for one in sight.streams if one.partition(":")[0] in self.importer.reads_held]
        sight.held = await load_held(connection, compared) if compared else {}
        return sight

    def _term(self, aggregate: str, found_by: tuple[str, str]) -> str:
        searches = self.writer.indexing.searches if self.writer.indexing is not None else {}
        if aggregate not in searches or found_by[0] not in searches[aggregate].terms:
            raise ValueError(f"{self.importer.name}: {aggregate} has no search term {found_by[0]}")
        return format_term(aggregate, *found_by)

    def _is_known(self, one: Located, known: Mapping[RowKey, KnownRow]) -> bool:
        """Tell whether all that a row speaks of was imported with this very content."""
        reading = self.reading
        return all(reading.is_known(known.get(key_of(target)), one.digest) for target in one.targets)

    async def _take(self, connection: Connection | Pool, one: Located, *, batch: Batch, sight: Sight) -> None:
        """Merge, decide or refuse one row; what it does is seen by the rows after it."""
        draft = RowDraft(sight)
        if self._is_known(one, sight.known):
            for key in map(key_of, one.targets):
                draft.rows[key] = self.reading.met(sight.known[key], sight.known[key].subject, one.digest)
        else:
            try:
                for target in one.targets:
                    await self._decide(connection, one, target=target, draft=draft)
            except (Malformed, RuleViolated) as error:
                batch.refuse(one.row, str(error), one.targets)
                keys = [key for key in map(key_of, one.targets) if key in sight.known]
                sight.remember({key: self.reading.refused(sight.known[key]) for key in keys})
                return
        sight.take(draft)
        batch.take(one, draft)

    async def _decide(self, connection: Connection | Pool, one: Located, *, target: Target, draft: RowDraft) -> None:
        """Decide on a row in one of its targets, and keep in the draft what comes of it."""
        turn = Turn(self.writer.sealing(), self.writer.now(), Steps())
        found = draft.find(target)
        stream = draft.stream(found.subject or f"{target.aggregate}:{target.key_prefix}{turn.sealing.new_id()}")
        draft.flags += [found.doubt] if found.doubt else []
        known = draft.known(target)
        if not self.reading.is_known(known, one.digest):
            verdict = self._verdict(one, target, stream, draft=draft, turn=turn)
            draft.flags += verdict.flags
            if verdict.decided:
                draft.flags += [_REMAPPED] if self.reading.has_met(known, one.digest) else []
                change, stream = self.writer.change(stream, verdict.decided, actor=self.actor, **turn._asdict())
                draft.cited(await check_cited(connection, change, self.writer.domain, known=draft.reached))
                draft.change(change, stream)
        draft.rows[key_of(target)] = self.reading.met(known, stream.subject, one.digest)
        draft.note(stream)

    def _verdict(self, one: Located, target: Target, stream: Stream, *, draft: RowDraft, turn: Turn) -> Verdict:
        known = draft.known(target)
        context = Context(
            subject=stream.subject,
            version=stream.version,
            actor=self.actor,
            time=format_time(turn.moment),
            held=draft.sight.held_of(stream.subject) if target.aggregate in self.importer.reads_held else {},
            steps=turn.steps,
        )
        mark = ImportMark(
            import_id=self.import_id,
            record=one.row.number,
            offset=one.row.offset,
            was=lambda content: self.reading.is_latest(known, keyed_digest(self.digest_key, content)),
            as_of=self.as_of,
        )
        verdict = self.importer.decide(
            one.row,
            target,
            stream.state,
            context=context,
            mark=mark,
            sealing=turn.sealing,
            already=known is not None and not self.reading.has_met(known, one.digest),
            before=draft.before,
        )
        _check_marked(verdict, mark)
        return verdict


def _check_keys(targets: Sequence[Target]) -> None:
    """Raises Malformed for a source key or a term that the store could not hold, or not find by its index."""
    for target in targets:
        if not is_plain_text(target.source_key) or len(target.source_key.encode()) > _MOST_KEY_BYTES:
            raise Malformed(f"a key of the source is plain text of {_MOST_KEY_BYTES} bytes at most")
        if target.found_by is not None and not is_plain_text(target.found_by[1]):
            raise Malformed("what a stream is found by is plain text")


def _check_marked(verdict: Verdict, mark: ImportMark) -> None:
    """Raises RuleViolated for an event that does not say from which place of the import it came."""
    for decided in verdict.decided:
        imported = getattr(decided.data, "imported", None)
        if imported is None or (imported.id, imported.record, imported.offset) != mark[:3]:
            raise RuleViolated("import-mark", f"{decided.name} does not carry its place in the import")


def _line(text: str) -> str:
    """A cell of the report: no control characters, no more than a line."""
    return "".join(c if c.isprintable() else " " for c in text)[:_MAX_REASON]
