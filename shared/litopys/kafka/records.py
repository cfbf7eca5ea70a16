"""What passes between Kafka and the ledger: records to be written, and records as they were read."""

from collections.abc import Sequence
from operator import methodcaller
from typing import NamedTuple, cast

from confluent_kafka import Message

SIGNATURE = "signature"
TRACEPARENT = "traceparent"
TRACEPARENT_BYTES = 55
CONTENT_TYPE = ("content-type", b"application/cloudevents+json")
Headers = Sequence[tuple[str, bytes | None]]
_UNTRACED_HEADERS = 2


class Outgoing(NamedTuple):
    """A record to be written; the partition is computed by whoever knows the stream."""

    topic: str
    partition: int
    value: bytes
    headers: Headers = ()


class RawRecord(NamedTuple):
    """A record as the ledger sees it: value and signature are empty where Kafka has none that counts."""

    topic: str
    partition: int
    offset: int
    value: bytes
    signature: bytes
    timestamp_ms: int
    traceparent: bytes = b""
    """The trace that it belongs to, as its writer says; no verdict looks at it."""


# Called through C on purpose: a method call that Python has specialised no longer checks whether the client raised
# beside handing out a result, and the hole in that result would end the process (see `_readable_headers`).
_read_headers = methodcaller("headers")


def signed_headers(signature: bytes, traceparent: str | None = None) -> Headers:
    """Answer the headers of a signed event; W3C trace context goes beside what is signed, and only here."""
    headers = ((SIGNATURE, signature), CONTENT_TYPE)
    return headers if traceparent is None else (*headers, (TRACEPARENT, traceparent.encode()))


def raw_record(message: Message) -> RawRecord:
    """Take from a message what the ledger takes, by the rule of the one header named `signature`."""
    headers = _headers(message)
    return RawRecord(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        message.value() or b"",
        _signature(headers),
        message.timestamp()[1],
        _traceparent(headers) if len(headers) > _UNTRACED_HEADERS else b"",
    )


def _signature(headers: Headers) -> bytes:
    """Answer the value of the header of that exact name; empty where there is none, more than one, or a null."""
    found = [value for name, value in headers if name == SIGNATURE]
    return found[0] or b"" if len(found) == 1 else b""


def _traceparent(headers: Headers) -> bytes:
    """Answer the one trace context; whatever has another length than one is nobody's."""
    found = [value for name, value in headers if name == TRACEPARENT]
    return found[0] if len(found) == 1 and found[0] is not None and len(found[0]) == TRACEPARENT_BYTES else b""


def _headers(message: Message) -> Headers:
    try:
        return cast("Headers", _read_headers(message) or ())
    except SystemError:
        return _readable_headers(message)


def _readable_headers(message: Message) -> Headers:
    """Answer the headers whose names are UTF-8: no other name can be ours, and none may stop a reader.

    On such a name the client raises once and then hands out pairs that lack their name. Reading that hole would end
    the process, so it is looked for in the pair's repr, which shows it without touching it.
    """
    pairs = cast("Headers", _read_headers(message) or ())
    return [pair for pair in pairs if not repr(pair).startswith("(<NULL>")]
