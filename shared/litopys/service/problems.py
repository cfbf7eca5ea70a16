"""Errors as RFC 9457 problem documents: one table from error class to status, type and title.

A problem never repeats the input it refuses: it may hold personal data, and it would be logged on the way.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from litopys.errors import Conflict, Halted, LitopysError, Malformed, RuleViolated, Unavailable, VerificationFailed
from litopys.service.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

_log = get_log("http")


class NotFound(LitopysError):
    """Nothing is known under this name."""


class Unauthenticated(LitopysError):
    """No token, or one that does not verify."""


class Forbidden(LitopysError):
    """Who asks is known, and may not."""


class PreconditionFailed(Conflict):
    """`If-Match` names a stream version that is not the current one."""


class PreconditionMissing(LitopysError):
    """The command changes a stream and must say with `If-Match` which version it was decided upon."""


class KeyReused(LitopysError):
    """An `Idempotency-Key` came a second time with another payload."""


class Problem(NamedTuple):
    """Status, the last part of the problem's type, and its title."""

    status: HTTPStatus
    slug: str
    title: str


# The order is by MRO: the nearest class of an error decides.
PROBLEMS: dict[type[Exception], Problem] = {
    NotFound: Problem(HTTPStatus.NOT_FOUND, "not-found", "Nothing is known under this name"),
    Unauthenticated: Problem(HTTPStatus.UNAUTHORIZED, "unauthenticated", "A valid token is needed"),
    Forbidden: Problem(HTTPStatus.FORBIDDEN, "forbidden", "Not permitted"),
    PreconditionFailed: Problem(HTTPStatus.PRECONDITION_FAILED, "version-passed", "The stream has moved on"),
    PreconditionMissing: Problem(HTTPStatus.PRECONDITION_REQUIRED, "version-missing", "If-Match is required"),
    KeyReused: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", "Idempotency-Key was used for another payload"),
    Malformed: Problem(HTTPStatus.BAD_REQUEST, "malformed", "The input does not follow its format"),
    RuleViolated: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", "A rule refuses this"),
    VerificationFailed: Problem(HTTPStatus.BAD_GATEWAY, "unverified", "What was received does not verify"),
    Conflict: Problem(HTTPStatus.CONFLICT, "conflict", "Another change came first"),
    Unavailable: Problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Not available for now"),
    Halted: Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "halted", "Stopped, to keep the evidence"),
    LitopysError: Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "The request failed"),
}
_INVALID = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request does not follow its schema")
_NOT_JSON = Problem(HTTPStatus.BAD_REQUEST, "malformed", "The input does not follow its format")
UNEXPECTED = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "The request failed")


def problem_of(error: Exception) -> Problem:
    """Return the table's row for an error, by its nearest class; anything unknown is a plain 500."""
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            return PROBLEMS[kind]
    return UNEXPECTED


def problem_response(
    problem: Problem,
    *,
    detail: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    code: str | None = None,
) -> JSONResponse:
    """Build a problem document; `code` is our extension member (RFC 9457 §3.2): which rule refused."""
    body: dict[str, Any] = {
        "type": f"urn:litopys:problem:{problem.slug}",
        "title": problem.title,
        "status": int(problem.status),
    }
    if detail is not None:
        body["detail"] = detail
    if errors:
        body["errors"] = list(errors)
    all_headers = dict(headers or {})
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        all_headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        all_headers.setdefault("WWW-Authenticate", "Bearer")
    if code is not None:
        body["code"] = code
    return JSONResponse(body, status_code=problem.status, headers=all_headers, media_type=PROBLEM_TYPE)


def install_problems(app: FastAPI) -> None:
    """Make every error that a route of `app` foresees a problem document; `edge.Edge` takes those that none does."""
    app.add_exception_handler(LitopysError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_framework)


async def _of_ours(_request: Request, error: Exception) -> JSONResponse:
    problem = problem_of(error)
    code = error.code if isinstance(error, RuleViolated) else None
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request failed", problem=problem.slug, error=type(error).__name__)
    return problem_response(problem, detail=_detail(error), code=code)


def _detail(error: Exception) -> str | None:
    """Return what the error says; text of unforeseen errors stays inside."""
    if isinstance(error, RuleViolated):
        return str(getattr(error, "detail", "")) or None
    return str(error) or None


async def _of_validation(_request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(one["type"] == "json_invalid" for one in found):
        return problem_response(_NOT_JSON, errors=[{"pointer": "#", "detail": "not JSON"}])
    return problem_response(_INVALID, errors=[_place(one) for one in found])


def _place(found: Mapping[str, Any]) -> dict[str, str]:
    """Where and what, without the input: a JSON Pointer in the body, else the name of the parameter.

    pydantic's own messages do not quote input; checks written in wire types must not either.
    """
    where, *path = found["loc"]
    detail = str(found["msg"]).removeprefix("Value error, ")
    if where == "body":
        return {"pointer": "#" + "".join(f"/{_escape(str(part))}" for part in path), "detail": detail}
    return {"parameter": ".".join(str(part) for part in path), "detail": detail}


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


async def _of_framework(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return problem_response(UNEXPECTED)
    return problem_response(framework_problem(HTTPStatus(error.status_code)), headers=error.headers)


def framework_problem(status: HTTPStatus) -> Problem:
    """Return the problem for a status that the framework gives: no such route, wrong method, too large a body."""
    return Problem(status, status.phrase.lower().replace(" ", "-"), status.phrase)
