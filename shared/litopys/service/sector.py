"""What a sector tells the generic service about itself: its aggregates, commands, importers and samples.

A sector's package fills one `Sector`; everything else (store, relay, verdicts, HTTP, import) is the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from litopys.exports.rows import Row

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from pydantic import BaseModel

    from litopys.postgres.pool import Connection
    from litopys.postgres.sector_changes import Address
    from litopys.service.gathering import Gathering
    from litopys.service.sealing import PersonalField, Sealing
    from litopys.sourcing.common import Imported
    from litopys.sourcing.context import Context
    from litopys.sourcing.domains import Domain
    from litopys.sourcing.facts import Decided, Fact

RESERVED_PARAMETERS: Final = frozenset({"text", "former", "cursor", "limit", "recorded_at", "valid_at"})
"""Names of query parameters that every list has or may come to have."""


class Prepare(Protocol):
    """Makes the domain's command of a body."""

    def __call__(self, body: Any, sealing: Sealing, imported: Imported | None = None, /) -> object:  # noqa: ANN401
        """Seal what is personal; `imported` says of a migrated change where it comes from.

        Raises Malformed for a command that cannot be migrated, since its event would not say so.
        """


class Guard(Protocol):
    """A register rule over more than one stream: it locks what two commands at once could otherwise both miss."""

    async def __call__(self, connection: Connection, subject: str, decided: Sequence[Decided]) -> None:
        """Refuse what was decided for a stream by raising RuleViolated; called before anything is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandType:
    """One command of an aggregate: `POST /v1/<plural>/{key}/<name>`.

    `wire` is the body's pydantic model (`extra="forbid"`, examples in `model_config["json_schema_extra"]`, no check
    whose message quotes the input). `prepare` makes the domain's command of it and seals its personal fields through
    `Sealing`, which draws ids and salts and remembers the disclosures; those whose digests the decided events carry
    are kept. `decide` is the domain's: it raises RuleViolated.
    """

    name: str
    """Imperative, in the path: `register-title`."""
    summary: str
    wire: type[BaseModel]
    prepare: Prepare
    decide: Callable[[Any, Any, Context], Sequence[Decided]]
    gather: Callable[[Any, Gathering], Awaitable[object]] | None = None
    """Completes the command with what `decide` has to see of other streams; None: it needs nothing of them."""
    needs: Callable[[Any], Iterable[int]] = lambda _command: ()
    """Versions of the stream's earlier events that `decide` wants to see in `Context.facts`."""
    begins: bool = False
    """True when it opens a stream; every other command needs `If-Match`."""
    scope: str | None = None
    """What the token must grant; None: any token that verifies."""
    guard: Guard | None = None
    """What has to be looked at beyond the stream, in the transaction that commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """By what streams of one aggregate are found, beside their keys.

    All functions read the present state and are pure. Change `version` with any of them: the store indexes anew.
    """

    terms: Mapping[str, str]
    """Name → what it finds, one sentence; each is a query parameter of `GET /v1/<plural>`."""
    terms_of: Callable[[Any], Iterable[tuple[str, str]]]
    """(name, value) pairs of a state; a name may come several times. Values are compared as they are."""
    terms_of_key: Callable[[str], Iterable[tuple[str, str]]] = lambda _key: ()
    """(name, value) pairs that a stream's key says by itself."""
    words_of: Callable[[Any], Iterable[str]] = lambda _state: ()
    """Texts of a state in which `?text=` looks for words, in any order and case (`litopys.service.search.spelling`)."""
    persons_of: Callable[[Any], Iterable[str]] = lambda _state: ()
    """Ids of the persons who count now; all others whom the events name are found only among the former.

    Persons who stand in one list `persons` of an event count as the first of them does.
    """
    person_fields: Mapping[str, str] = field(default_factory=dict)
    """Name of a disclosed field by which persons are looked up → what it finds. The value must be a text."""
    broad: frozenset[str] = frozenset()
    """Terms with so few values that each may fit most streams, such as a status.

    Asked for by such terms alone, the store walks through the ids in order; otherwise it first collects what fits.
    """
    patterns: Mapping[str, str] = field(default_factory=dict)
    """Name of a term → regular expression of its values, where not every text can be one; others are refused."""
    open_fields: frozenset[str] = frozenset()
    """Those of `person_fields` that the law publishes: query parameters too. All others need office and reason."""
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse names that cannot all be parameters of one query. Raises ValueError."""
        names = [*self.terms, *self.open_fields]
        if len(set(names)) < len(names) or not RESERVED_PARAMETERS.isdisjoint(names):
            raise ValueError("two parameters of a search have one name")
        if not self.open_fields <= self.person_fields.keys():
            raise ValueError("an open field is one by which persons are found")
        if not self.broad | self.patterns.keys() <= self.terms.keys():
            raise ValueError("no term of a search has this name")


class Step(NamedTuple):
    """A command that follows by itself: for which stream, its name, and its body in the wire form."""

    subject: str
    command: str
    body: Mapping[str, Any]


class NextSteps(Protocol):
    """Tells what follows from how an object and the other streams stand."""

    def __call__(self, subject: str, state: Any, others: Mapping[str, Any], *, now: str) -> Sequence[Step]:  # noqa: ANN401 - each aggregate has its own state
        """Give the steps that may be taken now, in any order; none where the course is over or waits for a person.

        `others` are states by stream id, None where there is none; `now` is a time as an event has it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How an object in which several streams take part is carried through: what follows from how all of them stand.

    It keeps nothing in mind: whoever is killed looks again. Both functions are pure.
    """

    others: Callable[[Any], Sequence[str]]
    """Streams that take part, out of the object's state."""
    next_steps: NextSteps
    open_terms: Sequence[tuple[str, str]]
    """Search terms of the aggregate, any of which is carried by every object whose course may not be over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateType:
    """One kind of stream as HTTP shows it. `view` and `view_at` answer JSON objects of public fields."""

    name: str
    """As in the stream id: `land_parcel`."""
    plural: str
    """As in the path: `land-parcels`."""
    title: str
    key_pattern: str
    """Regular expression of the keys, shown in the OpenAPI document; must lie within the grammar of a subject."""
    key_example: str
    commands: tuple[CommandType, ...]
    view: Callable[[Any], Mapping[str, Any]]
    """What the state says now (or said, when folded up to a recorded time)."""
    view_at: Callable[[Sequence[Fact], str], Mapping[str, Any] | None]
    """What the given events say about a valid time (RFC 3339 date or instant); None: it did not exist then."""
    view_example: Mapping[str, Any] = field(default_factory=dict)
    search: Search | None = None
    """By what it is found beside its key; None: by nothing."""
    course: Course | None = None
    """What follows by itself from commands on it; None: nothing does."""
    personal: Mapping[str, PersonalField] = field(default_factory=dict)
    """Every personal field that its events may seal, by name: one class for one name (docs/privacy.md)."""


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


class Frame(Protocol):
    """Events that every sector has, in its own vocabulary: the frame around an import, and the access to a disclosure.

    The sector's domain has the aggregates `<sector>_import` and `<sector>_access`; these make their events.
    """

    def import_opened(self, opening: Mapping[str, Any], sealing: Sealing) -> Decided:
        """Open an import. `opening`: authority, basis, as_of, records, mapping_version, register, file_digest."""

    def import_closed(self, closing: Mapping[str, int]) -> Decided:
        """Close an import. `closing`: read, admitted, merged, refused."""

    def access_recorded(self, access: Mapping[str, Any], sealing: Sealing) -> Decided:
        """Record an access. `access`: who, office, why (each sealed), subject, version and field names (sealed)."""

    def search_recorded(self, search: Mapping[str, Any], sealing: Sealing) -> Decided:
        """Record a search by a closed field. `search`: aggregate; who, office, why, field and value (each sealed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """One sector. `domains` holds every rule version that was ever in force; the network file says which counts."""

    name: str
    title: str
    domains: Mapping[int, Domain]
    aggregates: tuple[AggregateType, ...]
    frame: Frame
    importers: tuple[Importer, ...] = ()
    samples: tuple[Sample, ...] = ()

    def aggregate(self, name: str) -> AggregateType:
        """Return the aggregate of a stream id's first part. Raises KeyError."""
        return next(one for one in self.aggregates if one.name == name)
