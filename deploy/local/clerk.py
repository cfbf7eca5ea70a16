"""Registrars at work over HTTP, with local tokens: what the demonstration does to a land title."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from litopys.service.tokens import load_token_key, sign_token

TOKEN_LIFETIME_S = 3_600
WAIT_S = 60
PARCELS = "/v1/land-parcels"
BUYER = {"kind": "natural", "name": "Приклад Олена Іванівна", "code": "9900000001"}
TRANSFER = {
    "owners": [{"share": "1/1", "persons": [BUYER]}],
    "ground": "sale",
    "basis": {"kind": "contract", "document": "договір купівлі-продажу 1482", "issued": "2026-11-02"},
    "valid_from": "2026-11-02",
}
BURDENS = ("mortgages", "seizures", "ended_by")


class Title(NamedTuple):
    """A title that passed on: the new holder, and the entries (by index) that name the holder and that approve."""

    subject: str
    version: int
    approved_at: int
    owner: str
    named_at: int


class Registrar(NamedTuple):
    """Who acts, and how long they wait for the ledger."""

    actor: str
    wait_s: int


class Clerk:
    """Two registrars of one office at `url`; `token_key` is the private key of local tokens."""

    def __init__(self, url: str, token_key: Path):
        self._url = url
        self._token_key = token_key

    def transfer(self, *, wait_s: int = WAIT_S) -> Title:
        """Let one registrar propose that a title passes on and another approve; answers when that is final.

        Raises TimeoutError if one of the two is not final within `wait_s`.
        """
        parcel = next(parcel for parcel in self._parcels() if _is_free(parcel["object"]))
        subject, key = parcel["subject"], parcel["subject"].partition(":")[2]
        one, other = (Registrar("registrar-17", wait_s), Registrar("registrar-23", wait_s))
        proposal = self._command(f"{key}/transfer-title", TRANSFER, by=one, version=parcel["version"])
        agreed = {"proposal": proposal["version"]}
        approval = self._command(f"{key}/approve", agreed, by=other, version=proposal["version"])
        holdings = self._ask(f"{PARCELS}/{key}")["object"]["holdings"]
        [holding] = [one for one in holdings if one["valid_to"] is None]
        return Title(subject, approval["version"], approval["index"], holding["id"], proposal["index"])

    def receipt(self, title: Title) -> bytes:
        """Answer the receipt of the approval."""
        return self._request(f"/v1/events/{quote(title.subject, safe=':/')}/{title.version}/receipt")

    def _parcels(self) -> Iterator[dict[str, Any]]:
        path: str | None = PARCELS
        while path is not None:
            page = self._ask(path)
            yield from page["items"]
            path = f"{PARCELS}?cursor={page['next']}" if page["next"] else None

    def _command(self, path: str, body: Mapping[str, Any], *, by: Registrar, version: int) -> dict[str, Any]:
        """Send a command and wait until its event is final; answers the event's status."""
        token = sign_token(
            load_token_key(self._token_key), actor=by.actor, now_s=int(time.time()), lifetime_s=TOKEN_LIFETIME_S
        )
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "If-Match": f'"{version}"',
            "Prefer": f"wait={by.wait_s}",
        }
        answer: dict[str, Any] = json.loads(self._request(f"{PARCELS}/{path}", json.dumps(body).encode(), headers))
        if answer["status"] != "final":
            raise TimeoutError(f"{path} is {answer['status']} after {by.wait_s} s")
        return answer

    def _ask(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._request(path))
        return found

    def _request(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        request = urllib.request.Request(f"{self._url}{path}", body, dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S + 10) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read().decode(errors='replace')}") from error


def _is_free(parcel: Mapping[str, Any]) -> bool:
    """Whether the parcel has one holder and nothing that would forbid a sale."""
    is_open = parcel["standing"]["status"] == "live" and not parcel["standing"]["proposals"]
    return is_open and len(parcel["holdings"]) == 1 and not any(parcel[burden] for burden in BURDENS)
