"""What a command costs the sector's own process and its database, without a relay and without the ledger.

    python -m tests.bench.bench_service --database-url DSN [--commands 4000] [--clients 100]

The application is served over HTTP as in production, and clients in a process of their own record parcels; each answer
is the acknowledgement (202). Tells commands a second, and CPU a command of the service and of its Postgres sessions.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import uvloop
from joserfc.jwk import OKPKey

from deploy.local.layout import url
from deploy.local.ports import LOOPBACK, free_ports
from litopys.postgres.migrations import migrate
from litopys.postgres.pool import open_pool
from litopys.postgres.sector_requests import load_digest_key
from litopys.service.board import Board
from litopys.service.garbage import spare_what_is_loaded
from litopys.service.gate import Gate
from litopys.service.http.application import SectorWorld, sector_app
from litopys.service.process import _POOL
from litopys.service.run import serve
from litopys.service.sse import Feed
from litopys.service.tokens import sign_token
from litopys.service.validators import Validators, open_client
from services.registers.sector import SECTOR
from tests.bench.bench_import import writer_with
from tests.bench.proc import read_stat, title
from tests.support.load import BODY
from tests.support.simulated import Simulated

if TYPE_CHECKING:
    from litopys.postgres.pool import Pool

_ACCEPTED = 202
DATABASE = "litopys_bench_service"


class OpenGate(Gate):
    """A gate that nobody closes: there is no relay here."""

    async def check_open(self) -> None:
        """Let everybody in."""


async def send_all(url: str, token: str, *, commands: int, clients: int) -> None:
    """Record parcels, `clients` at a time, each until it is acknowledged. Raises RuntimeError, HTTPError."""
    first = time.time_ns() // 1_000_000 % 10**9
    numbers = iter(range(commands))
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)

    async def work(client: httpx2.AsyncClient) -> None:
        for number in numbers:
            key = f"{first + number // 10**4:010}:01:001:{number % 10**4:04}"
            headers = {"Idempotency-Key": key}
            answer = await client.post(f"/v1/land-parcels/{key}/record", json=BODY, headers=headers)
            if answer.status_code != _ACCEPTED:
                raise RuntimeError(f"{key}: {answer.status_code} {answer.text}")

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=60) as client:
        await asyncio.gather(*(work(client) for _ in range(clients)))


def session_seconds() -> float:
    """CPU that Postgres sessions of this bench have used so far, seconds."""
    ours = [path for path in Path("/proc").glob("[0-9]*") if DATABASE in title(int(path.name))]
    return sum(stat.cpu_s for path in ours if (stat := read_stat(path / "stat")) is not None)


async def measure(database_url: str, *, commands: int, clients: int) -> None:
    """Serve, let the clients come, and tell what it took."""
    dsn = await _empty_database(database_url)
    pool = await open_pool(dsn, max_size=_POOL)
    key = OKPKey.generate_key("Ed25519", private=True)
    app = sector_app(await _world(dsn, pool, key))
    (port,) = free_ports(1)
    stopping = asyncio.Event()
    spare_what_is_loaded()
    serving = asyncio.create_task(serve(app, host=LOOPBACK, port=port, stopping=stopping))
    await asyncio.sleep(0)  # from here on somebody listens
    token = sign_token(key, actor="registrar-1", now_s=int(time.time()), lifetime_s=3600)
    for count in (commands // 8, commands):
        began, cpu, spent = time.perf_counter(), time.process_time(), session_seconds()
        await asyncio.to_thread(_send_from_elsewhere, url(port), token, commands=count, clients=clients)
        passed, cpu, spent = time.perf_counter() - began, time.process_time() - cpu, session_seconds() - spent
    print(
        f"{commands / passed:6.0f} commands/s, {1e6 * cpu / commands:5.0f} µs of the service's CPU a command, "
        f"{1e6 * spent / commands:5.0f} of its Postgres sessions'"
    )
    stopping.set()
    await serving
    await pool.close()


async def _empty_database(database_url: str) -> str:
    admin = await open_pool(database_url)
    await admin.execute(f"drop database if exists {DATABASE} with (force)")
    await admin.execute(f"create database {DATABASE} template template0")
    await admin.close()
    return database_url.replace("/postgres?", f"/{DATABASE}?")


async def _world(dsn: str, pool: Pool, key: OKPKey) -> SectorWorld:
    async with pool.acquire() as connection:
        await migrate(connection, "litopys.postgres.sql.sector", "sector")
    digest_key = await load_digest_key(pool)
    feed = Feed()
    return SectorWorld(
        sector=SECTOR,
        writer=writer_with(digest_key),
        pool=pool,
        gate=OpenGate(dsn, feed),
        feed=feed,
        board=Board(pool, feed),
        validators=Validators(Simulated().network(), open_client()),
        token_key=key,
        digest_key=digest_key,
    )


def _send_from_elsewhere(to: str, token: str, *, commands: int, clients: int) -> None:
    """Be the clients in a process of their own. Raises CalledProcessError."""
    child = [sys.executable, "-m", "tests.bench.bench_service", "--send-to", to, "--token", token]
    subprocess.run([*child, "--commands", str(commands), "--clients", str(clients)], check=True)


def main() -> None:
    """Measure, or be the clients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url")
    parser.add_argument("--commands", type=int, default=4_000)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--send-to", help=argparse.SUPPRESS)
    parser.add_argument("--token", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.send_to:
        uvloop.run(send_all(given.send_to, given.token, commands=given.commands, clients=given.clients))
    else:
        uvloop.run(measure(given.database_url, commands=given.commands, clients=given.clients))


if __name__ == "__main__":
    main()
