"""Structured logs: one JSON object a line on stderr, event names and identifiers, never a personal field."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING

import structlog

from litopys.service.tracing import current_trace_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict, FilteringBoundLogger, Processor

# The servers' own loggers repeat request lines (with keys in paths) and validation texts (with input in them).
_NOISY = ("uvicorn.access", "fastapi", "httpx2", "httpcore", "asyncio")


def configure_logs(*, service: str, name: str, level: str = "info") -> None:
    """Send our log and every library's through one JSON renderer to stderr; `service` and `name` stand in each line."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
        _error_without_text,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    renderers: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=renderers))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    structlog.contextvars.bind_contextvars(service=service, name=name)


def get_log(room: str) -> FilteringBoundLogger:
    """Return the log of one room, e.g. `get_log("relay").info("published", events=64)`."""
    log: FilteringBoundLogger = structlog.get_logger(room, room=room)
    return log


def _with_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Say to which trace a line belongs, where it was written in the course of one."""
    trace_id = current_trace_id()
    if trace_id is not None:
        event["trace_id"] = trace_id
    return event


def _error_without_text(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its classes and places: its text and its frames' variables may hold personal data."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["errors"] = [type(one).__name__ for one in _with_causes(error)]
        frames = [frame for one in _with_causes(error) for frame in traceback.extract_tb(one.__traceback__)]
        event["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, the members of a group, and what caused them."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _with_causes(member)
    if error.__cause__ is not None:
        yield from _with_causes(error.__cause__)
