"""The sector's HTTP interface, as an officer's program uses it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2

from litopys.errors import Unavailable
from litopys.service.tokens import load_token_key, sign_token

_TIMEOUT_S: Final = 30.0
_TOKEN_LIFETIME_S: Final = 3_600
_PAGE: Final = 100


class Refused(Exception):
    """The sector refused a command; `code` is the rule's."""

    def __init__(self, path: str, code: str, detail: str) -> None:
        """Keep the code."""
        super().__init__(f"{path}: {code}: {detail}")
        self.code = code


class Seen(NamedTuple):
    """An object as acknowledged."""

    version: int
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Officer:
    """Who acts: a token is signed for each request, as the local network allows."""

    actor: str
    token_key: Path

    def headers(self) -> dict[str, str]:
        """Make the headers by which the sector knows the officer."""
        key = load_token_key(self.token_key)
        token = sign_token(key, actor=self.actor, now_s=int(time.time()), lifetime_s=_TOKEN_LIFETIME_S)
        return {"Authorization": f"Bearer {token}"}


class EnergyService:
    """Reads objects and gives commands. `send(method, path, json, headers)` answers as httpx does."""

    def __init__(self, send: Callable[..., httpx2.Response], headers: Callable[[], Mapping[str, str]]) -> None:
        """Commands are counted in `commands`."""
        self._send = send
        self._headers = headers
        self.commands = 0

    @classmethod
    def at(cls, url: str, officer: Officer) -> "EnergyService":
        """Open the service at a URL."""
        return cls(httpx2.Client(base_url=url, timeout=_TIMEOUT_S).request, officer.headers)

    def read(self, plural: str, key: str) -> Seen | None:
        """Read an object; None where there is none. Raises Unavailable."""
        answer = self._request("GET", f"/v1/{plural}/{key}")
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return None
        body = self._body(answer)
        return Seen(body["version"], body["object"])

    def history(self, plural: str, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield an object's events with their versions."""
        path: str | None = f"/v1/{plural}/{key}/history?limit={_PAGE}"
        while path is not None:
            page = self._body(self._request("GET", path))
            yield from ((item["version"], item["event"]) for item in page["items"])
            cursor = page["next"]
            path = f"/v1/{plural}/{key}/history?limit={_PAGE}&cursor={cursor}" if cursor else None

    def command(self, path: str, body: Mapping[str, Any], *, version: int | None = None) -> int:
        """Give a command; answers the version of its last event. Raises Refused, Unavailable.

        `version` is the one that the command was decided upon, None where it opens a stream.
        """
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        answer = self._request("POST", f"/v1/{path}", json=dict(body), headers={**headers, **self._headers()})
        if answer.is_client_error:
            problem = answer.json()
            raise Refused(path, problem.get("code") or str(answer.status_code), problem.get("detail") or "")
        self.commands += 1
        done: int = self._body(answer)["version"]
        return done

    def _request(self, method: str, path: str, **given: Any) -> httpx2.Response:  # noqa: ANN401 - httpx's own
        try:
            return self._send(method, path, **given)
        except httpx2.HTTPError as error:
            raise Unavailable(f"{path}: {error}") from error

    @staticmethod
    def _body(answer: httpx2.Response) -> Any:  # noqa: ANN401 - any JSON value
        if not answer.is_success:
            raise Unavailable(f"{answer.request.url}: status {answer.status_code}: {answer.text[:300]}")
        return answer.json()
