"""What a sector tells the generic service about itself: its aggregates, commands, importers and samples.

A sector's package fills one `Sector`; everything else (store, relay, verdicts, HTTP, import) is the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from pydantic import BaseModel

    from litopys.postgres.pool import Connection
    from litopys.service.gathering import Gathering
    from litopys.service.imports.importer import Importer, Sample
    from litopys.service.sealing import PersonalField, Sealing
    from litopys.service.search.searchable import Search
    from litopys.sourcing.common import Imported
    from litopys.sourcing.context import Context
    from litopys.sourcing.domains import Domain
    from litopys.sourcing.facts import Decided, Fact


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

    @property
    def searches(self) -> dict[str, Search]:
        """By what its aggregates are searched, by name; those that are not searched are left out."""
        return {one.name: one.search for one in self.aggregates if one.search is not None}

    def aggregate(self, name: str) -> AggregateType:
        """Return the aggregate of a stream id's first part. Raises KeyError."""
        return next(one for one in self.aggregates if one.name == name)
