"""The outermost layer of every application: counts, limits the body, lets no error out except as a problem."""

from __future__ import annotations

import time
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from litopys.service import metrics
from litopys.service.logs import get_log
from litopys.service.problems import UNEXPECTED, framework_problem, problem_response
from litopys.service.tracing import is_tracing, parse_traceparent, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EXPOSED = "ETag, Link, Location, Retry-After"
# Anyone may read from anywhere: there are no cookies that another origin could misuse.
_CROSS_ORIGIN = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED.encode()),
]

# Asked by machines, every few seconds, and answered with 503 while a process starts: no measure of anybody's service.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

_log = get_log("http")


class Edge:
    """ASGI middleware around one application; `max_body_bytes` is refused with 413 as soon as it is known."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, is_counted=scope["path"] not in _PROBES)
        if _stated_length(scope) > self._max_body_bytes:
            await problem_response(framework_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))(scope, receive, answer)
            return
        try:
            with _span(scope, answer):
                await self._app(scope, _limited(receive, self._max_body_bytes), answer)
        except Exception:
            _log.exception("defect")
            if answer.has_started:
                raise
            await problem_response(UNEXPECTED)(scope, receive, answer)


@contextmanager
def _span(scope: Scope, answer: _Answer) -> Iterator[None]:
    """Time the request in its caller's trace. It is named after its route: the path itself holds keys."""
    if not is_tracing() or not answer.is_counted:
        yield
        return
    given = next((value for name, value in scope["headers"] if name == b"traceparent"), None)
    method = {"http.request.method": scope["method"]}
    with span(scope["method"], parent=parse_traceparent(given), kind="SERVER", attributes=method) as begun:
        try:
            yield
        finally:
            route = getattr(scope.get("route"), "path", "")
            begun.update_name(f"{scope['method']} {route}".rstrip())
            begun.set_attributes({"http.route": route, "http.response.status_code": answer.status})


class _Answer:
    """`send` of one request, which measures and adds the headers that every answer has."""

    def __init__(self, send: Send, *, is_counted: bool) -> None:
        self._send = send
        self.is_counted = is_counted
        self.status = 500
        self._started_at = time.perf_counter()
        self.has_started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            self.status = message["status"]
            if self.is_counted:
                metrics.HTTP_REQUESTS.labels(f"{message['status'] // 100}xx").inc()
                metrics.HTTP_SECONDS.observe(time.perf_counter() - self._started_at)
            message["headers"] = [*message.get("headers", ()), *_CROSS_ORIGIN]
        await self._send(message)


def _stated_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _limited(receive: Receive, max_body_bytes: int) -> Receive:
    """Count a body that states no length while it arrives."""
    left = max_body_bytes

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return counted
