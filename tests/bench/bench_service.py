"""What a command costs the sector's own process and its database, without a relay and without the ledger.

    python -m tests.bench.bench_service --database-url DSN [--commands 4000] [--clients 100]

The application is served over HTTP as in production, and clients in a process of their own record parcels; each answer
is the acknowledgement (202). Tells commands a second, and CPU a command of the service and of its Postgres sessions.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import uvloop
from joserfc.jwk import OKPKey

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
from tests.support.load import BODY
from tests.support.simulated import Simulated

_ACCEPTED = 202
_TICK = os.sysconf("SC_CLK_TCK")


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
    spent = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and b"litopys_bench_service" in _read(entry / "cmdline"):
            fields = _read(entry / "stat").rpartition(b")")[2].split()
            spent += (int(fields[11]) + int(fields[12])) / _TICK
    return spent


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


async def measure(database_url: str, *, commands: int, clients: int) -> None:
    """Serve, let the clients come, and tell what it took."""
    name = "litopys_bench_service"
    admin = await open_pool(database_url)
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.execute(f"create database {name} template template0")
    await admin.close()
    dsn = database_url.replace("/postgres?", f"/{name}?")
    pool = await open_pool(dsn, max_size=_POOL)
    async with pool.acquire() as connection:
        await migrate(connection, "litopys.postgres.sql.sector", "sector")
    digest_key = await load_digest_key(pool)
    feed = Feed()
    key = OKPKey.generate_key("Ed25519", private=True)
    world = SectorWorld(
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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    stopping = asyncio.Event()
    spare_what_is_loaded()
    serving = asyncio.create_task(serve(sector_app(world), host="127.0.0.1", port=port, stopping=stopping))
    token = sign_token(key, actor="registrar-1", now_s=int(time.time()), lifetime_s=3600)
    await asyncio.sleep(0)
    for count in (commands // 8, commands):
        began, cpu, spent = time.perf_counter(), time.process_time(), session_seconds()
        child = [sys.executable, "-m", "tests.bench.bench_service", "--send-to", f"http://127.0.0.1:{port}", "--token"]
        arguments = [*child, token, "--commands", str(count), "--clients", str(clients)]
        code = await asyncio.to_thread(subprocess.call, arguments)
        passed, cpu, spent = time.perf_counter() - began, time.process_time() - cpu, session_seconds() - spent
        if code:
            raise SystemExit(code)
    print(
        f"{commands / passed:6.0f} commands/s, {1e6 * cpu / commands:5.0f} µs of the service's CPU a command, "
        f"{1e6 * spent / commands:5.0f} of its Postgres sessions'"
    )
    stopping.set()
    await serving
    await pool.close()


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
