"""The CloudEvent of a register: attributes in one order, each with one form (docs/spec/events.md, "Attributes").

`parse_event` judges the form alone. Whether `source` and `type` fit the topic, and whether the stream is at that
version, is admission's business; both are therefore any string here.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

import msgspec

from litopys.errors import Malformed
from litopys.event.grammar import INTEGER_LIMIT, SHALLOW, Reading, read, refuse_float
from litopys.event.streams import Citation, format_citations, is_subject, parse_citations

MAX_VALUE_BYTES: Final = 47_000

_UUID7: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z",
)
_ACTOR: Final = re.compile(r"[!-~]{1,200}")
_DATASCHEMA: Final = re.compile(r"[!-~]{1,300}")
_TYPE: Final = re.compile(
    r"ua\.gov\.litopys\.([a-z][a-z0-9_]{0,30})\.([a-z][a-z0-9_]{0,62})\.([a-z][a-z0-9_]{0,62})\.v([1-9][0-9]{0,8})",
)


class EventType(NamedTuple):
    """The parts of a `type`: `ua.gov.litopys.<sector>.<aggregate>.<name>.v<version>`."""

    sector: str
    aggregate: str
    name: str
    version: int


class Event(NamedTuple):
    """One event, its constant attributes left out. `streamversion` counts from 1; `time` is UTC with milliseconds."""

    id: str
    source: str
    type: str
    subject: str
    streamversion: int
    time: str
    actor: str
    cites: tuple[Citation, ...]
    dataschema: str
    data: dict[str, Any]

    @property
    def parts(self) -> EventType:
        """The parts of `type`; raises Malformed where it has another form (an admitted event always has them)."""
        return parse_type(self.type)

    @property
    def sector(self) -> str:
        """The sector that `type` names."""
        return self.parts.sector

    @property
    def aggregate(self) -> str:
        """The aggregate that `type` names."""
        return self.parts.aggregate

    @property
    def name(self) -> str:
        """What happened, in the past tense: `title_registered`."""
        return self.parts.name

    @property
    def type_version(self) -> int:
        """Version of the event type, the N of `.v<N>`."""
        return self.parts.version


V = TypeVar("V")


class _Wire(msgspec.Struct, Generic[V], frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The JSON object as it stands; encoding a struct keeps this order, so other orders differ from their bytes."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    streamversion: int
    time: str
    actor: str
    cites: str | msgspec.UnsetType = msgspec.UNSET
    datacontenttype: Literal["application/json"]
    dataschema: str
    data: dict[str, V]


_reading: Final = Reading[_Wire[Any]](
    msgspec.json.Decoder(_Wire[SHALLOW]), msgspec.json.Decoder(_Wire[Any], float_hook=refuse_float)
)
_encoder: Final = msgspec.json.Encoder()


@lru_cache(maxsize=4096)
def parse_type(text: str) -> EventType:
    """Parse a `type`; raises Malformed. The few types of a network are remembered."""
    match = _TYPE.fullmatch(text)
    if match is None:
        raise Malformed("not a type of this ledger")
    return EventType(match[1], match[2], match[3], int(match[4]))


def format_type(parts: EventType) -> str:
    """Format a `type`; raises Malformed where a part has no such form."""
    text = f"ua.gov.litopys.{parts.sector}.{parts.aggregate}.{parts.name}.v{parts.version}"
    parse_type(text)
    return text


def format_source(origin: str, sector: str) -> str:
    """Format the `source` that binds an event to a network and a sector."""
    return f"https://{origin}/{sector}"


def parse_event(value: bytes) -> Event:
    """Parse the bytes of one event; raises Malformed."""
    wire = _decode(value)
    if _encoder.encode(wire) != value:
        raise Malformed("not the one spelling of its value")
    return _event(wire)


def _event(wire: _Wire[Any]) -> Event:
    _check_forms(wire)
    cites = () if wire.cites is msgspec.UNSET else parse_citations(wire.cites)
    return Event(
        wire.id,
        wire.source,
        wire.type,
        wire.subject,
        wire.streamversion,
        wire.time,
        wire.actor,
        cites,
        wire.dataschema,
        wire.data,
    )


def format_event(event: Event) -> bytes:
    """Format an event; raises Malformed where any attribute or anything in `data` has no such form."""
    wire = _Wire(
        specversion="1.0",
        id=event.id,
        source=event.source,
        type=event.type,
        subject=event.subject,
        streamversion=event.streamversion,
        time=event.time,
        actor=event.actor,
        cites=format_citations(event.cites) if event.cites else msgspec.UNSET,
        datacontenttype="application/json",
        dataschema=event.dataschema,
        data=event.data,
    )
    try:
        value = _encoder.encode(wire)
        parsed = _event(_decode(value))  # its one spelling it is already: this encoder made it
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise Malformed("not an event") from error
    if parsed != event:
        raise Malformed("an attribute of a type that JSON does not have")
    return value


def _decode(value: bytes) -> _Wire[Any]:
    """Read the JSON object of an event, in whatever spelling; raises Malformed."""
    if len(value) > MAX_VALUE_BYTES:
        raise Malformed("an event of more than 47,000 bytes")
    return read(value, _reading)


def _check_forms(wire: _Wire[Any]) -> None:
    """Check the form of each attribute that has one of its own; raises Malformed."""
    if not _UUID7.fullmatch(wire.id):
        raise Malformed("id is not a UUIDv7 in lower case")
    if not is_subject(wire.subject):
        raise Malformed("subject is not a stream id")
    if not 0 < wire.streamversion < INTEGER_LIMIT:
        raise Malformed("streamversion is not between 1 and 2^53")
    _check_time(wire.time)
    if not _ACTOR.fullmatch(wire.actor):
        raise Malformed("actor has another form")
    if not _DATASCHEMA.fullmatch(wire.dataschema):
        raise Malformed("dataschema has another form")


def _check_time(text: str) -> None:
    match = _TIME.fullmatch(text)
    if match is None:
        raise Malformed("time has another form")
    try:
        date.fromisoformat(match[1])
    except ValueError as error:
        raise Malformed("time is no real date") from error
