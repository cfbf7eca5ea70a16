"""A collector of spans: an HTTP server that parses what OTLP exporters send, with OpenTelemetry's own protobuf."""

import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class Seen(NamedTuple):
    """A span as it arrived; ids in hex, times in nanoseconds since 1970, attributes of its process among its own."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, Any]

    @property
    def by(self) -> str:
        """Which process told of it."""
        return f"{self.attributes['service.name']}/{self.attributes['service.instance.id']}"


class Collector:
    """What arrived so far; `url` is what LITOPYS_OTLP_ENDPOINT is set to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.raw: list[bytes] = []
        self._lock = Lock()
        self._spans: list[Seen] = []

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        with self._lock:
            self.raw.append(body)
            for group in request.resource_spans:
                resource = _attributes(group.resource.attributes)
                self._spans += [_seen(span, resource) for scope in group.scope_spans for span in scope.spans]

    def trace(self, trace_id: str) -> list[Seen]:
        """The spans of one trace, in order of their beginning."""
        with self._lock:
            return sorted((one for one in self._spans if one.trace_id == trace_id), key=lambda one: one.start_ns)


def _seen(span: Any, resource: Mapping[str, Any]) -> Seen:
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    return Seen(
        span.name,
        *ids,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        {**resource, **_attributes(span.attributes)},
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in pairs}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            collector.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
