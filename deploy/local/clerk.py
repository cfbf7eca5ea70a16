"""Registrars at work over HTTP, with local tokens: what the demonstration does to a land title."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from litopys.service.tokens import load_token_key, sign_token

TOKEN_LIFETIME_S = 3_600
WAIT_S = 60
PARCELS = "/v1/land-parcels"
CHANGES = "/v1/parcel-changes"
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


class Division(NamedTuple):
    """A parcel that was divided: the change with its last version, and how the parent ended and each part was formed.

    All three are addresses: a stream id and a version.
    """

    change: tuple[str, int]
    parent: tuple[str, int]
    children: tuple[tuple[str, int], ...]

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Every entry that the division came to."""
        return (self.parent, *self.children, self.change)


class Registrar(NamedTuple):
    """Who acts, and how long they wait for the ledger."""

    actor: str
    wait_s: int


class Clerk:
    """Two registrars of one office at `url`; `token_key` is the private key of local tokens."""

    def __init__(self, url: str, token_key: Path):
        self.url = url
        self._token_key = token_key

    def transfer(self, *, wait_s: int = WAIT_S) -> Title:
        """Let one registrar propose that a title passes on and another approve; answers when that is final.

        Raises TimeoutError if one of the two is not final within `wait_s`.
        """
        parcel = next(parcel for parcel in self._parcels() if _is_free(parcel["object"]))
        subject, key = parcel["subject"], parcel["subject"].partition(":")[2]
        one, other = (Registrar("registrar-17", wait_s), Registrar("registrar-23", wait_s))
        proposal = self.command(f"{PARCELS}/{key}/transfer-title", TRANSFER, by=one, version=parcel["version"])
        agreed = {"proposal": proposal["version"]}
        approval = self.command(f"{PARCELS}/{key}/approve", agreed, by=other, version=proposal["version"])
        holdings = self.ask(f"{PARCELS}/{key}")["object"]["holdings"]
        [holding] = [one for one in holdings if one["valid_to"] is None]
        return Title(subject, approval["version"], approval["index"], holding["id"], proposal["index"])

    def divide(self, number: str, *, parts: int = 3, wait_s: int = WAIT_S) -> Division:
        """Let one registrar propose the division of a parcel and another approve; answers when all of it is final.

        `number` is the change's. Raises TimeoutError if it is not done within `wait_s`.
        """
        parcel = next(one for one in self._parcels() if _is_free(one["object"]) and one["object"]["area_m2"] >= parts)
        plan = plan_division(parcel, parts)
        one, other = (Registrar("registrar-17", wait_s), Registrar("registrar-23", wait_s))
        proposal = self.command(f"{CHANGES}/{number}/propose", plan, by=one, version=None)
        kept = self.course(number, wait_s=wait_s)
        approved = {"proposal": proposal["version"]}
        self.command(f"{CHANGES}/{number}/approve", approved, by=other, version=kept["version"])
        done = self.course(number, wait_s=wait_s)
        if done["object"]["phase"] != "completed":
            raise TimeoutError(f"{number} is {done['object']['phase']} after {wait_s} s: {done['steps']}")
        return self._division(done)

    def course(self, number: str, *, wait_s: int = WAIT_S) -> dict[str, Any]:
        """Answer how far a change has come, as soon as nothing follows by itself or `wait_s` is over."""
        found: dict[str, Any] = json.loads(
            self._request(f"{CHANGES}/{number}/course", headers={"Prefer": f"wait={wait_s}"})
        )
        return found

    def receipt(self, subject: str, version: int) -> bytes:
        """Answer the receipt of a final event."""
        return self._request(f"/v1/events/{quote(subject, safe=':/')}/{version}/receipt")

    def _division(self, done: Mapping[str, Any]) -> Division:
        change = (done["subject"], done["version"])
        (parent,) = (self._latest(one["number"]) for one in done["object"]["parents"])
        children = tuple(self._latest(one["number"]) for one in done["object"]["children"])
        return Division(change, parent, children)

    def _latest(self, key: str) -> tuple[str, int]:
        found = self.ask(f"{PARCELS}/{key}")
        return found["subject"], found["version"]

    def _parcels(self) -> Iterator[dict[str, Any]]:
        path: str | None = PARCELS
        while path is not None:
            page = self.ask(path)
            yield from page["items"]
            path = f"{PARCELS}?cursor={page['next']}" if page["next"] else None

    def command(self, path: str, body: Mapping[str, Any], *, by: Registrar, version: int | None) -> dict[str, Any]:
        """Send a command and wait until its event is final; answers the event's status.

        `version` is that of the stream, None where the command begins one.
        """
        token = sign_token(
            load_token_key(self._token_key), actor=by.actor, now_s=int(time.time()), lifetime_s=TOKEN_LIFETIME_S
        )
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Prefer": f"wait={by.wait_s}",
            **({} if version is None else {"If-Match": f'"{version}"'}),
        }
        answer: dict[str, Any] = json.loads(self._request(path, json.dumps(body).encode(), headers))
        if answer["status"] != "final":
            raise TimeoutError(f"{path} is {answer['status']} after {by.wait_s} s")
        return answer

    def ask(self, path: str) -> dict[str, Any]:
        """Answer what a query says."""
        found: dict[str, Any] = json.loads(self._request(path))
        return found

    def _request(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}{path}", body, dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S + 10) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read().decode(errors='replace')}") from error


def plan_division(parcel: Mapping[str, Any], parts: int) -> dict[str, Any]:
    """Plan to divide a parcel into parts as even as can be, under numbers of another quarter."""
    key, area = parcel["subject"].partition(":")[2], parcel["object"]["area_m2"]
    areas = [area // parts + (place < area % parts) for place in range(parts)]
    now = datetime.now(UTC)
    return {
        "kind": "division",
        "parents": [key],
        "children": [
            {"number": f"{key[:13]}:9{key[15:17]}:{(int(key[18:]) + 1000 * place) % 10000:04}", "area_m2": part}
            for place, part in enumerate(areas, 1)
        ],
        "tolerance_m2": 0,
        "valid_from": f"{now:%Y-%m-%d}",
        "expires": f"{now + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}",
        "basis": {"kind": "application", "document": "заява про поділ 60719", "issued": "2026-11-20"},
    }


def _is_free(parcel: Mapping[str, Any]) -> bool:
    """Whether the parcel has one holder and nothing that would forbid a sale."""
    is_open = parcel["standing"]["status"] == "live" and not parcel["standing"]["proposals"]
    return is_open and len(parcel["holdings"]) == 1 and not any(parcel[burden] for burden in BURDENS)
