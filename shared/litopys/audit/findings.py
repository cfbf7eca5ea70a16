"""What an audit has to say: findings, what it could not check, and how much it went through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
        }
