"""Registrars who record parcels, all at once, and do not rest until each command is acknowledged."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

PAUSE_S = 0.1
GIVE_UP_S = 120.0
BODY = {
    "as_of": "2026-03-01",
    "area_m2": 34800,
    "details": {"purpose_code": "01.01", "ownership": "private"},
    "basis": {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"},
}
VALUATION = {
    "amount": {"minor": 10191409, "currency": "UAH"},
    "valid_from": "2026-03-01",
    "basis": {"kind": "application", "document": "витяг 4711", "issued": "2026-02-28"},
}


class Acknowledged(NamedTuple):
    """An event whose command was answered with success."""

    subject: str
    version: int


class Registrars:
    """Sends commands to a sector at `url`; `token` speaks for the actor."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def record(self, key: str, body: dict[str, Any] = BODY) -> Acknowledged:
        """Record a parcel, saying the same command again with the same key until it is acknowledged."""
        path = f"/v1/land-parcels/{key}/record"
        answer = self.post(path, body, once=str(uuid.uuid4()))
        return Acknowledged(answer["subject"], answer["version"])

    def value(self, key: str) -> Acknowledged:
        """Enter a valuation of a parcel that was just recorded, as insistently."""
        answer = self.post(f"/v1/land-parcels/{key}/value", VALUATION, once=str(uuid.uuid4()), **{"If-Match": '"1"'})
        return Acknowledged(answer["subject"], answer["version"])

    def post(self, path: str, body: dict[str, Any], *, once: str = "", **headers: str) -> dict[str, Any]:
        """Send until an answer comes; whatever the world is at fault for is tried again."""
        deadline = time.monotonic() + GIVE_UP_S
        given = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **headers}
        if once:
            given["Idempotency-Key"] = once
        request = urllib.request.Request(f"{self._url}{path}", json.dumps(body).encode(), given)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    found: dict[str, Any] = json.loads(answer.read())
                    return found
            except urllib.error.HTTPError as error:
                if error.code not in {409, 429, 503} or time.monotonic() > deadline:
                    raise RuntimeError(f"{path}: {error.code} {error.read().decode()}") from error
            except (OSError, http.client.HTTPException):  # who was killed may have answered by half
                if time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE_S)

    @contextmanager
    def recording(self, prefix: str, *, at_once: int = 4) -> Iterator[list[Acknowledged]]:
        """Record and value parcels `<prefix>0001` … as long as the block lasts; yields what was acknowledged."""
        done: list[Acknowledged] = []
        stopping = threading.Event()
        numbers = iter(range(1, 10_000))
        lock = threading.Lock()

        def work() -> None:
            while not stopping.is_set():
                with lock:
                    number = next(numbers)
                key = f"{prefix}{number:04}"
                done.append(self.record(key))
                done.append(self.value(key))

        with ThreadPoolExecutor(at_once) as threads:
            tasks = [threads.submit(work) for _ in range(at_once)]
            try:
                yield done
            finally:
                stopping.set()
        for task in tasks:
            task.result()
