"""Registrars at a sector's HTTP interface: each records a parcel and waits until that is final (`Prefer: wait`)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import count
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx2

from tests.support.load import BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

FINAL = 201
WAIT_S = 30


@dataclass(frozen=True, slots=True)
class Waited:
    """How long commands took from being sent to being final, seconds, in the order of their answers."""

    seconds: tuple[float, ...]
    elapsed_s: float

    @property
    def per_second(self) -> int:
        """Commands final per second."""
        return round(len(self.seconds) / self.elapsed_s)

    def percentile(self, hundredth: int) -> float:
        """The time within which `hundredth` of a hundred commands were final, seconds."""
        return round(quantiles(self.seconds, n=100, method="inclusive")[hundredth - 1], 3)


class Registrars:
    """Commands to the sector at `url` under one token. Parcels are numbered on, so that none is recorded twice."""

    def __init__(self, url: str, token: str, *, first: int) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}", "Prefer": f"wait={WAIT_S}"}
        self._numbers = count(first)

    async def at_once(self, clients: int, seconds: float) -> Waited:
        """Let `clients` each send one command after the other for `seconds`. Raises RuntimeError, HTTPError."""
        took: list[float] = []
        began = time.monotonic()

        async def work(client: httpx2.AsyncClient) -> None:
            while time.monotonic() - began < seconds:
                took.append(await self._record(client))

        async with self._client(clients) as client, asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(work(client))
        return Waited(tuple(took), time.monotonic() - began)

    async def at_rate(self, per_second: float, seconds: float) -> Waited:
        """Send `per_second` commands, whether or not earlier ones are answered. Raises RuntimeError, HTTPError."""
        took: list[float] = []
        began = time.monotonic()

        async def one(client: httpx2.AsyncClient) -> None:
            took.append(await self._record(client))

        async with self._client(1_000) as client, asyncio.TaskGroup() as group:
            for due in _beats(began, per_second, seconds):
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(one(client))
        return Waited(tuple(took), time.monotonic() - began)

    def _client(self, connections: int) -> httpx2.AsyncClient:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        return httpx2.AsyncClient(base_url=self._url, headers=self._headers, limits=limits, timeout=2 * WAIT_S)

    async def _record(self, client: httpx2.AsyncClient) -> float:
        number = next(self._numbers)
        key = f"{9 * 10**9 + number // 10**4:010}:01:001:{number % 10**4:04}"
        began = time.monotonic()
        answer = await client.post(f"/v1/land-parcels/{key}/record", json=BODY)
        if answer.status_code != FINAL:
            raise RuntimeError(f"{key}: {answer.status_code} {answer.text}")
        return time.monotonic() - began


def _beats(began: float, per_second: float, seconds: float) -> Iterator[float]:
    return (began + number / per_second for number in range(round(per_second * seconds)))
