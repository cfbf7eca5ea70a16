"""What a sector says of how its exports are read and decided upon, and of samples in their form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from litopys.exports.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from litopys.postgres.sector_changes import Address
    from litopys.service.sealing import Sealing
    from litopys.sourcing.context import Context
    from litopys.sourcing.facts import Decided


class Target(NamedTuple):
    """A stream that a row speaks of; one row may have several, no two with the same aggregate and source key.

    `source_key` names the record in its register for ever. `key` None: the stream has a random id, drawn once and found
    again by the source key, and `key_prefix` stands before it; with `found_by`, the name and value of a search term, a
    stream that already carries that term is taken before an id is drawn. A term that several streams carry takes none
    of them, and is flagged.
    """

    source_key: str
    aggregate: str
    key: str | None = None
    found_by: tuple[str, str] | None = None
    key_prefix: str = ""


class Verdict(NamedTuple):
    """What a row means for one of its targets: the events, and what somebody should look at although they are right.

    No events: the stream says already what the row says. Each flag is a line in the report.
    """

    decided: Sequence[Decided] = ()
    flags: Sequence[str] = ()


class ImportMark(NamedTuple):
    """What every imported event carries: id of the import, number and byte offset of the record.

    `was` tells whether a content is that with which the source key was imported last; `as_of` is the day that the
    export describes, since when what it says without a day is known to hold.
    """

    import_id: str
    record: int
    offset: int
    was: Callable[[bytes], bool] = lambda _content: False
    as_of: str | None = None

    def day(self, time: str) -> str:
        """Give the day since when a row without one is known to hold: the export's, else that of the event's `time`."""
        return self.as_of or time[:10]


class RowsReader(Protocol):
    """Streams an export in bounded memory, from the beginning or from the place where an earlier run stopped."""

    def __call__(self, file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
        """Yield the rows that begin at `offset`, numbered from `number`; (1, 0) is the beginning of the file."""


class RowDecider(Protocol):
    """Decides which events a row amounts to in one of its targets, as `decide` does for a command.

    Called for each target of a row in their order. Raises RuleViolated or Malformed to refuse the row with all its
    targets. `already` is true when this source key was imported before with another content. `before` holds, by
    aggregate, the latest address in each stream that earlier targets of this row wrote or found: what this one may
    cite.

    An importer compares the row with the state, whatever `already` says: a row of unchanged content comes here again
    when the importer's mapping version was raised.
    """

    def __call__(
        self,
        row: Row,
        target: Target,
        state: Any,  # noqa: ANN401 - each aggregate has its own state
        *,
        context: Context,
        mark: ImportMark,
        sealing: Sealing,
        already: bool,
        before: Mapping[str, Address],
    ) -> Verdict:
        """Decide on one row; `state` is the stream's, None where the stream does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Reads one kind of export of a register."""

    name: str
    """As `--importer` names it: `parcels`."""
    register: str
    """The register; with the source key and the content it identifies a row for ever."""
    title: str
    mapping_version: int
    recognises: Callable[[Path], bool]
    """Whether this file is for it; reads no more than the beginning."""
    holds_personal_fields: bool
    """True makes the file's digest a salted disclosure instead of a public field."""
    count_rows: Callable[[Path], int | None]
    """How many rows the file has, for the progress shown; None where counting costs as much as reading."""
    rows: RowsReader
    targets: Callable[[Row], Sequence[Target]]
    """What the row speaks of, in order, at least one. Raises Malformed or RuleViolated to refuse the row."""
    decide: RowDecider
    reads_held: frozenset[str] = frozenset()
    """Aggregates of whose persons `decide` compares the fields that this sector holds; `Context.held` has them."""


class MakeSample(Protocol):
    """Makes a synthetic export: the same arguments give the same bytes."""

    def __call__(self, *, rows: int, seed: int, events_per_row: float, dirt: bool) -> Iterable[bytes]:
        """Yield `rows` rows in pieces. A row comes to `events_per_row` events on average, at least 1.

        With `dirt` some rows have the faults of real exports; without, an import admits them all.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A synthetic export that a sector can make: no real person, no real body."""

    name: str
    """As `litopys sample <sector> NAME` has it."""
    title: str
    importer: str
    """The name of the importer that reads it."""
    make: MakeSample
