"""Traces by OpenTelemetry, where LITOPYS_OTLP_ENDPOINT names a collector; else nothing of it is even imported.

A trace follows an event from its command to its being final, by W3C trace context (`traceparent`): in the request's
header, beside the event in the sector's store, in a header of the Kafka record. It is never part of signed bytes, and
no verdict looks at it. Spans name what was done and by whom; never a person, a field or a value.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from litopys.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Attributes = Mapping[str, Any]


_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_EXPORT_TIMEOUT_S = 3
_tracers: list[Any] = []  # the process's tracer, if there is one
_providers: list[Any] = []  # and what it was made by


def begin_tracing(endpoint: str, *, service: str, name: str) -> None:
    """Send spans to the OTLP/HTTP collector at `endpoint` (its base address) from now on; nothing where it is empty.

    Sampling is that of OpenTelemetry's own environment variables. Raises Malformed where it is not installed.
    """
    if not endpoint or _tracers:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 — seldom
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 — same
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 — same
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 — same
    except ImportError as error:
        raise Malformed("LITOPYS_OTLP_ENDPOINT is set, and litopys[tracing] is not installed") from error
    resource = {"service.namespace": "litopys", "service.name": f"litopys-{service}", "service.instance.id": name}
    provider = TracerProvider(resource=Resource.create(resource))  # it sends what is left when the process ends
    address = f"{endpoint.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=_EXPORT_TIMEOUT_S)))
    _tracers.append(provider.get_tracer("litopys"))
    _providers.append(provider)


def end_tracing() -> None:
    """Send what is left, and trace no more. A process that ends in good order need not say it."""
    _tracers.clear()
    while _providers:
        _providers.pop().shutdown()


def is_tracing() -> bool:
    """Answer whether this process sends spans."""
    return bool(_tracers)


def parse_traceparent(value: bytes | str | None) -> str | None:
    """Return a `traceparent` of version 00 as it stands; None for whatever else."""
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    return text if text is not None and _TRACEPARENT.fullmatch(text) else None


def current_traceparent() -> str | None:
    """Return the trace context of the span around us; None where there is none, or nobody will see it."""
    if not _tracers:
        return None
    from opentelemetry import trace  # noqa: PLC0415 — seldom

    return _format(trace.get_current_span())


def current_trace_id() -> str | None:
    """Return the id under which the span around us is found."""
    here = current_traceparent()
    return None if here is None else here.split("-")[1]


@contextmanager
def span(
    name: str, *, parent: str | None = None, kind: str = "INTERNAL", attributes: Attributes | None = None
) -> Iterator[Any]:
    """Time what is done inside, under `parent` or the span around us; yields the span, None where nobody traces."""
    if not _tracers:
        yield None
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 — seldom

    with _tracers[0].start_as_current_span(
        name,
        context=_context(parent),
        kind=SpanKind[kind],
        attributes=attributes,
        record_exception=False,  # its text may quote what a caller sent
        set_status_on_exception=False,
    ) as begun:
        yield begun


def record_span(
    name: str, *, parent: str | None, lasted_s: float, kind: str = "INTERNAL", attributes: Attributes | None = None
) -> str | None:
    """Tell of what lasted until now under a trace context that came from elsewhere; returns the span's own context.

    Nothing where nobody traces, or where there is no context.
    """
    if not _tracers or parent is None:
        return None
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 — seldom

    end_ns = time.time_ns()
    begun = _tracers[0].start_span(
        name,
        context=_context(parent),
        kind=SpanKind[kind],
        attributes=attributes,
        start_time=end_ns - round(max(lasted_s, 0.0) * 1e9),
    )
    begun.end(end_ns)
    return _format(begun)


@contextmanager
def spans_of(traces: Mapping[tuple[str, int], str]) -> Iterator[Mapping[tuple[str, int], str]]:
    """Time the publishing of several events, each in its own trace; yields the contexts to be sent with them."""
    if not _tracers or not traces:
        yield {}
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 — seldom

    begun = {
        address: _tracers[0].start_span("publish", context=_context(parent), kind=SpanKind.PRODUCER)
        for address, parent in traces.items()
    }
    try:
        contexts = {address: _format(one) for address, one in begun.items()}
        yield {address: context for address, context in contexts.items() if context is not None}
    finally:
        for one in begun.values():
            one.end()


def _context(parent: str | None) -> Any:  # noqa: ANN401 — a type of what may not be installed
    """Make the context of a parent that may be anybody's word; without one, that of the span around us."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 — seldom

    return None if parent is None else TraceContextTextMapPropagator().extract({"traceparent": parent})


def _format(one: Any) -> str | None:  # noqa: ANN401 — same
    context = one.get_span_context()
    if not (context.is_valid and context.trace_flags.sampled):
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"
