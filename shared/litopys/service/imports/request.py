"""What is asked of an import, what it comes to, and why it may be refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import RuleViolated
from litopys.sourcing.moments import is_moment

if TYPE_CHECKING:
    from pathlib import Path

    from litopys.postgres.sector_imports import Counts
    from litopys.service.imports.importer import Importer


class ImportRefused(RuleViolated):
    """The import as it was asked for would do harm: the detail says what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is imported by whom: `approver` is the second person who closes the import, None leaves it proposed.

    `part`: the part of the register that the file covers, empty for all of it: what other parts have has not vanished.
    `rows_per_s` bounds how fast it is read, None: as fast as it goes. `abandon` ends another import of the register
    that was not finished; `older` lets an export in that describes an earlier day than the newest one imported.
    """

    importer: Importer
    path: Path
    actor: str
    approver: str | None
    authority: str
    basis: str
    as_of: str
    report: Path
    part: str = ""
    rows_per_s: float | None = None
    abandon: bool = False
    older: bool = False

    def check(self) -> None:
        """Raises ImportRefused for what can be told without looking anywhere."""
        if self.approver == self.actor:
            raise ImportRefused("one-person", "an import is closed by another person than the one who imports")
        if not is_moment(self.as_of):
            raise ImportRefused("as-of", "the day that the export describes is a date such as 2026-11-01")


class Imported(NamedTuple):
    """What an import came to: all its events are final, but those that the ledger rejected.

    `vanished`: keys that this export is the first to miss, None where it was not read to its end; `rate` is rows a
    second while they were read, by this process; `seconds` all that this process took.
    """

    import_id: str
    counts: Counts
    rejected: int
    vanished: int | None
    is_closed: bool
    rate: float
    seconds: float
    report: Path
