"""Asking validators over HTTP with Python's own means: the verifying part brings no web library."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from litopys.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 20.0
MAX_ANSWER_BYTES = 64 << 20


class NotThere(Unavailable):
    """The server answered that it has no such thing."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A validator's URL is in the network file; nobody sends us elsewhere."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow nothing: the redirect's status becomes an error."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def get(url: str, query: Mapping[str, str | int] | None = None, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return what stands at a URL. Raises NotThere for 404, Unavailable, Malformed for an answer without end."""
    if query:
        url = f"{url}?{urllib.parse.urlencode(query)}"
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise Malformed(f"{url}: not an http or https URL")
    try:
        with _OPENER.open(url, timeout=timeout_s) as answer:
            body: bytes = answer.read(MAX_ANSWER_BYTES + 1)
    except urllib.error.HTTPError as error:
        kind = NotThere if error.code == HTTPStatus.NOT_FOUND else Unavailable
        raise kind(f"{url}: status {error.code}") from error
    except (OSError, urllib.error.URLError) as error:
        raise Unavailable(f"{url}: {getattr(error, 'reason', error)}") from error
    if len(body) > MAX_ANSWER_BYTES:
        raise Malformed(f"{url}: an answer without end")
    return body


def get_json(url: str, query: Mapping[str, str | int] | None = None, *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Return the JSON object at a URL. Raises what `get` raises, Malformed for anything else."""
    try:
        answer = json.loads(get(url, query, timeout_s=timeout_s))
    except ValueError as error:
        raise Malformed(f"{url}: not JSON") from error
    if not isinstance(answer, dict):
        raise Malformed(f"{url}: not a JSON object")
    return answer
