"""Imports without a database: what `imports.batches` does with rows, targets, terms and held fields, in memory."""

import dataclasses
import io
import random
from collections import Counter
from pathlib import Path
from typing import Any

from litopys.errors import Malformed, RuleViolated
from litopys.event.cloudevents import MAX_VALUE_BYTES, format_event
from litopys.event.disclosures import parse_disclosure
from litopys.postgres.sector_changes import Address
from litopys.service.imports.importer import Importer, ImportMark, Target
from litopys.service.sealing import SealedField, Sealing
from litopys.service.sector import Sector
from litopys.sourcing.context import Context
from litopys.sourcing.domains import Domain
from tests.support.driving import NOW, Driven

IMPORT_ID = "c" * 32


@dataclasses.dataclass
class Report:
    """What an import came to."""

    counts: Counter[str] = dataclasses.field(default_factory=Counter)
    flags: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    refusals: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    vanished: list[str] = dataclasses.field(default_factory=list)

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """Rows admitted, merged, flagged and refused."""
        return tuple(self.counts[name] for name in ("admitted", "merged", "flagged", "refused"))


class Disclosed(Driven):
    """A stream with the disclosures of its events."""

    def __init__(self, domain: Domain, subject: str) -> None:
        super().__init__(domain, None, subject)
        self.disclosures: list[tuple[int, SealedField]] = []

    def keep(self, sealing: Sealing, since: int) -> None:
        """Keep the disclosures of the events after a version."""
        for event in self.events[since:]:
            self.disclosures += [(event.streamversion, one) for one in sealing.kept(format_event(event))]

    def held(self) -> dict[str, dict[str, Any]]:
        """What is held of each person, by the latest event that tells of them."""
        found: dict[str, dict[str, Any]] = {}
        told: dict[str, int] = {}
        for version, one in self.disclosures:
            if told.get(one.person) != version:
                told[one.person], found[one.person] = version, {}
            found[one.person][one.name] = parse_disclosure(one.disclosure).value
        return found


class MemoryImports:
    """One sector's streams, filled by imports."""

    def __init__(self, sector: Sector, rules: int = 1, as_of: str | None = None) -> None:
        self.domain = sector.domains[rules]
        self.as_of = as_of
        self.searches = {one.name: one.search for one in sector.aggregates if one.search is not None}
        self.streams: dict[str, Disclosed] = {}
        self.known: dict[tuple[str, str, str], tuple[bytes, str]] = {}
        self.carriers: dict[tuple[str, str, str], set[str]] = {}
        self._random = random.Random(1)

    def of(self, aggregate: str) -> list[Disclosed]:
        """The streams of one kind."""
        return [one for subject, one in self.streams.items() if subject.startswith(f"{aggregate}:")]

    def run(self, importer: Importer, source: Path | bytes) -> Report:
        """Import a file."""
        file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        report, seen = Report(), set()
        for row in importer.rows(file, number=1, offset=0):
            report.counts["read"] += 1
            try:
                targets = _targets(importer, row)
                seen |= {(importer.register, t.aggregate, t.source_key) for t in targets}
                events, flags = self._row(importer, row, targets)
            except (Malformed, RuleViolated) as error:
                report.counts["refused"] += 1
                report.refusals.append((row.number, str(error)))
                continue
            report.counts["admitted" if events else "merged"] += 1
            report.counts["events"] += events
            report.counts["flagged"] += bool(flags)
            report.flags += [(row.number, flag) for flag in flags]
        report.vanished = [key[2] for key in self.known if key[0] == importer.register and key not in seen]
        return report

    def _row(self, importer: Importer, row: Any, targets: list[Target]) -> tuple[int, list[str]]:
        keys = [(importer.register, t.aggregate, t.source_key) for t in targets]
        if all(self.known.get(key, (None,))[0] == row.content for key in keys):
            return 0, []
        before: dict[str, Address] = {}
        events, flags = 0, []
        for key, target in zip(keys, targets, strict=True):
            sealing = Sealing(self._random.randbytes)
            known = self.known.get(key)
            subject = known[1] if known else self._found(target) or self._drawn(target, sealing)
            stream = self.streams.get(subject) or Disclosed(self.domain, subject)
            context = Context(subject=subject, version=stream.version, actor="importer", time=NOW, held=stream.held())
            verdict = importer.decide(
                row,
                target,
                stream.state,
                context=context,
                mark=ImportMark(IMPORT_ID, row.number, row.offset, as_of=self.as_of),
                sealing=sealing,
                already=known is not None,
                before=before,
            )
            since = stream.version
            for one in verdict.decided:
                stream.take(one, "importer")
                assert len(format_event(stream.events[-1])) <= MAX_VALUE_BYTES
            stream.keep(sealing, since)
            events += stream.version - since
            flags += verdict.flags
            self.streams[subject] = stream
            self._index(target.aggregate, stream)
            self.known[key] = (row.content, subject)
            before[target.aggregate] = Address(subject, stream.version)
        return events, flags

    def _found(self, target: Target) -> str | None:
        if target.found_by is None:
            return None
        carriers = self.carriers.get((target.aggregate, *target.found_by), set())
        return next(iter(carriers)) if len(carriers) == 1 else None

    def _index(self, aggregate: str, stream: Disclosed) -> None:
        if aggregate in self.searches:
            for name, value in self.searches[aggregate].terms_of(stream.state):
                self.carriers.setdefault((aggregate, name, value), set()).add(stream.subject)

    @staticmethod
    def _drawn(target: Target, sealing: Sealing) -> str:
        return f"{target.aggregate}:{target.key or f'{target.key_prefix}{sealing.new_id()}'}"


def _targets(importer: Importer, row: Any) -> list[Target]:
    if row.refusal is not None:
        raise Malformed(row.refusal)
    return list(importer.targets(row))
