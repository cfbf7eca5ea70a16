"""What an audit has to say: findings, what it could not check, and how much it went through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from litopys.ledger.evidence import Accused

MOST_KEPT = 1_000
"""Findings that are kept for printing; all of them are counted."""


class Finding(NamedTuple):
    """Something that does not hold: in which table or file, at which key, and what is wrong there."""

    place: str
    key: str
    what: str


@dataclass(slots=True)
class Report:
    """Collects while an audit goes on; it has failed as soon as there is one finding."""

    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    not_checked: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    accused: dict[Accused, int] = field(default_factory=dict)
    """Whom the evidence names, with how many pieces: no finding, for what is stored is as it should be."""

    @property
    def has_failed(self) -> bool:
        """Whether anything does not hold."""
        return self.found > 0

    def find(self, place: str, key: object, what: str) -> None:
        """Note a finding."""
        self.found += 1
        if len(self.findings) < MOST_KEPT:
            self.findings.append(Finding(place, str(key), what))

    def expect(self, is_right: bool, place: str, *, key: object, what: str) -> None:  # noqa: FBT001 -- reads as a sentence
        """Note a finding unless something is right."""
        if not is_right:
            self.find(place, key, what)

    def count(self, what: str, number: int = 1) -> None:
        """Add to how many of something were checked."""
        self.counts[what] = self.counts.get(what, 0) + number

    def accuse(self, accused: Accused | None, words: str) -> None:
        """Say what a piece of evidence shows, once, and count it against whom it names."""
        if accused is not None:
            self.accused[accused] = self.accused.get(accused, 0) + 1
        remark = f"evidence: {words}"
        if remark not in self.remarks and len(self.remarks) < MOST_KEPT:
            self.remarks.append(remark)

    def skip(self, what: str) -> None:
        """Say once what was not checked, and why."""
        if what not in self.not_checked:
            self.not_checked.append(what)

    def value(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        return {
            "verdict": "FAILED" if self.has_failed else "FINE",
            "found": self.found,
            "findings": [one._asdict() for one in self.findings],
            "checked": self.counts,
            "not_checked": self.not_checked,
            "remarks": self.remarks,
            "accused": [one._asdict() | {"pieces": pieces} for one, pieces in sorted(self.accused.items())],
        }
