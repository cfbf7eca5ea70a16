"""What all routes of a sector share: conditional requests, preferences, cursors, problems in the OpenAPI document."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Header, Query

from litopys.errors import Malformed

MAX_WAIT_S: Final = 60
DEFAULT_PAGE: Final = 50
MAX_PAGE: Final = 200
NO_CACHE: Final = {"Cache-Control": "no-cache"}
IMMUTABLE: Final = {"Cache-Control": "public, max-age=31536000, immutable"}

_ETAG: Final = r'^"(0|[1-9][0-9]{0,15})"$'
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?([0-9]{1,6})\"?(?=$|[,;\s])", re.IGNORECASE)

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=_ETAG,
        description="The stream version that the command was decided upon, as the ETag of the object gave it. "
        "Required unless the command begins a stream.",
        examples=['"3"'],
    ),
]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="An ETag seen before.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,200}$",
        description="The same key with the same payload has effect once, for seven days.",
        examples=["2d6b1c0e-5b7e-4a57-9d2e-0c9a3b1f6c11"],
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description=f"`wait=N` holds the answer until the event is final, for at most N seconds (up to {MAX_WAIT_S}).",
        examples=["wait=10"],
    ),
]
Cursor = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9_-]{1,600}$", description="Where the page before ended, from its `next` link."),
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many items at most.")]


def format_etag(version: int) -> str:
    """Format a stream version as a strong ETag."""
    return f'"{version}"'


def parse_if_match(text: str | None) -> int | None:
    """Return the stream version that If-Match names, None without the header."""
    return None if text is None else int(text.strip('"'))


def parse_wait(prefer: str | None) -> int | None:
    """Return the seconds of `wait=N` in a Prefer header (RFC 7240), at most MAX_WAIT_S; None without one."""
    found = _WAIT.search(prefer or "")
    return None if found is None else min(int(found[1]), MAX_WAIT_S)


def format_cursor(*position: str | int) -> str:
    """Make an opaque cursor of a place in an order."""
    data = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parse_cursor(text: str, *kinds: type) -> list[Any]:
    """Return the place that a cursor of ours names, one value of each kind. Raises Malformed."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        position = json.loads(data)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Malformed("not a cursor of this interface") from error
    if not isinstance(position, list) or [type(part) for part in position] != list(kinds):
        raise Malformed("not a cursor of this interface")
    if format_cursor(*position) != text or any(isinstance(p, int) and not 0 <= p < 1 << 53 for p in position):
        raise Malformed("not a cursor of this interface")
    return position


def next_link(path: str, cursor: str, limit: int, *, asked: Mapping[str, str] | None = None) -> dict[str, str]:
    """Make the Link header (RFC 8288) that leads to the next page; `asked` are the query's other parameters."""
    query = urlencode({**(asked or {}), "cursor": cursor, "limit": limit})
    return {"Link": f'<{path}?{query}>; rel="next"'}


PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Which rule refused."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer into the body."},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_MEANINGS: Final = {
    400: ("malformed", "The input does not follow its format"),
    401: ("unauthenticated", "A valid token is needed"),
    403: ("forbidden", "Not permitted"),
    404: ("not-found", "Nothing is known under this name"),
    409: ("conflict", "Another change came first, or the ledger rejected the event"),
    412: ("version-passed", "The stream has moved on"),
    413: ("request-entity-too-large", "The body is too large"),
    422: ("refused", "A rule refuses this, or the request does not follow its schema"),
    428: ("version-missing", "If-Match is required"),
    502: ("unverified", "What a validator answered does not verify"),
    503: ("unavailable", "Not available for now"),
}


def define_problem(app: FastAPI) -> None:
    """Let an application's OpenAPI document define `Problem`, to which its responses refer."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI gives


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problem documents that a route may answer with, for its OpenAPI `responses`."""
    described: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        slug, title = _MEANINGS[status]
        example = {"type": f"urn:litopys:problem:{slug}", "title": title, "status": status}
        content = {"application/problem+json": {"schema": _PROBLEM, "example": example}}
        described[status] = {"description": title, "content": content}
    return described
