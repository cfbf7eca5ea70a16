"""What the rows of a batch see: what is stored, and over it what the rows before them in the batch have made."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres.sector_changes import Address, StreamChange
from litopys.postgres.sector_import_rows import KnownRow, RowKey
from litopys.service.imports.held import Held, held_of
from litopys.service.search.indexing import format_term
from litopys.service.writing import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litopys.service.imports.importer import Target


class Found(NamedTuple):
    """The stream that a target speaks of; None where it has yet to be drawn. `doubt` says why none was taken."""

    subject: str | None
    doubt: str | None = None


class Sight:
    """The streams, known rows and carriers of terms in one batch; `take` lets later rows see what a row did."""

    def __init__(
        self,
        known: Mapping[RowKey, KnownRow],
        carriers: Mapping[str, Iterable[str]],
        reached: Mapping[str, int] | None = None,
    ) -> None:
        self.known = dict(known)
        self.reached = dict(reached or {})
        self.streams: dict[str, Stream] = {}
        self.changes: dict[str, StreamChange] = {}
        self.rows: dict[RowKey, KnownRow] = {}
        self.held: dict[str, Held] = {}
        self._carriers = {term: set(subjects) for term, subjects in carriers.items()}
        self._carried: defaultdict[str, set[str]] = defaultdict(set)
        for term, subjects in self._carriers.items():
            for subject in subjects:
                self._carried[subject].add(term)

    def carriers(self, term: str) -> set[str]:
        """Return the streams that carry a term; it must be one of those that the batch was begun with."""
        return self._carriers[term]

    def held_of(self, subject: str) -> Held:
        """Return what is held of the persons of a stream, as far as it was asked for when the batch was begun."""
        change = self.changes.get(subject)
        return held_of(self.held.get(subject, {}), () if change is None else change.disclosures)

    def take(self, draft: RowDraft) -> None:
        """Take in what a row did, now that none of its targets was refused."""
        self.streams.update(draft.streams)
        for change in draft.changes:
            before = self.changes.get(change.subject)
            self.changes[change.subject] = change if before is None else continued(before, change)
            self._note_terms(change)
        self.remember(draft.rows)

    def remember(self, rows: Mapping[RowKey, KnownRow]) -> None:
        """Keep what is known of rows from now on."""
        self.rows.update(rows)
        self.known.update(rows)

    def _note_terms(self, change: StreamChange) -> None:
        now = set(change.entry.terms) & self._carriers.keys() if change.entry is not None else set()
        for term in self._carried[change.subject] - now:
            self._carriers[term].discard(change.subject)
        for term in now:
            self._carriers[term].add(change.subject)
        self._carried[change.subject] = now


@dataclass(slots=True)
class RowDraft:
    """What one row does, as long as one of its targets may still be refused."""

    sight: Sight
    changes: list[StreamChange] = field(default_factory=list)
    rows: dict[RowKey, KnownRow] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    streams: dict[str, Stream] = field(default_factory=dict)
    before: dict[str, Address] = field(default_factory=dict)

    def find(self, target: Target) -> Found:
        """Find a target's stream: by its key, by the source key, by the term; in that order."""
        if target.key is not None:
            return Found(f"{target.aggregate}:{target.key}")
        known = self.known(target)
        if known is not None:
            return Found(known.subject)
        if target.found_by is None:
            return Found(None)
        carriers = self._carriers(format_term(target.aggregate, *target.found_by))
        if len(carriers) > 1:
            return Found(None, f"{len(carriers)} streams have this {target.found_by[0]}: none of them was taken")
        return Found(next(iter(carriers), None))

    def known(self, target: Target) -> KnownRow | None:
        """Return what is known of a target's source key; None where it was never imported."""
        return self.sight.known.get(key_of(target))

    def stream(self, subject: str) -> Stream:
        """Return a stream as this row leaves it so far."""
        return self.streams.get(subject) or self.sight.streams.get(subject) or Stream(subject, 0, None)

    def reached(self, subject: str) -> int:
        """Return the version that a stream is known to have at least, as this row leaves it so far."""
        return max(self.stream(subject).version, self.sight.reached.get(subject, 0))

    def cited(self, versions: Mapping[str, int]) -> None:
        """Remember versions that were looked up for what the row cites: later rows may cite them too."""
        self.sight.reached.update(versions)

    def change(self, change: StreamChange, after: Stream) -> None:
        """Take a change, and the stream after it."""
        self.changes.append(change)
        self.streams[after.subject] = after

    def note(self, stream: Stream) -> None:
        """Take note of what a target wrote or found; what comes after it in the row may cite it."""
        if stream.version:
            self.before[stream.aggregate] = Address(stream.subject, stream.version)

    def _carriers(self, term: str) -> set[str]:
        latest = {change.subject: change for change in self.changes}
        untouched = {subject for subject in self.sight.carriers(term) if subject not in latest}
        return untouched | {subject for subject, change in latest.items() if carries(change, term)}


def key_of(target: Target) -> RowKey:
    """Return what names a row in one of its targets."""
    return RowKey(target.source_key, target.aggregate)


def carries(change: StreamChange, term: str) -> bool:
    """Tell whether a stream is found by a term after a change."""
    return change.entry is not None and term in change.entry.terms


def continued(before: StreamChange, change: StreamChange) -> StreamChange:
    """Join two changes of one stream, the second of which goes on where the first ended."""
    events, disclosures = [*before.events, *change.events], [*before.disclosures, *change.disclosures]
    return replace(change, expected_version=before.expected_version, events=events, disclosures=disclosures)
