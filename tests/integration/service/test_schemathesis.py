"""The OpenAPI document against the service: whatever the document allows, the service answers as it says."""

import asyncio
import subprocess
import sys
import time

import httpx2
import pytest

from deploy.local.ports import free_ports
from litopys.postgres.sector_requests import load_digest_key
from litopys.service.http.application import SectorWorld, sector_app
from litopys.service.run import serve
from litopys.service.tokens import load_token_key, make_token_key, sign_token
from litopys.service.validators import Validators
from tests.support.toy_sector.sector import TOY
from tests.support.waiting import until

TIMEOUT_S = 500
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(TIMEOUT_S + 100)]

SCOPES = ("disclose", "erase", "hold", "supervise")
CONFIGURATION = """
[checks]
# A schema cannot say which cursors are ours, which dates are real, and what rules and versions refuse.
positive_data_acceptance.expected-statuses = ["2xx", 304, 400, 401, 403, 404, 409, 412, 422, 428, 503]
"""


async def test_schemathesis_finds_nothing(toy, tmp_path):
    private, _ = make_token_key()
    (tmp_path / "tokens.jwk").write_text(private)
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    token_key = load_token_key(tmp_path / "tokens.jwk")
    token = sign_token(token_key, actor="o:7", now_s=int(time.time()), lifetime_s=3_600, scopes=SCOPES, code="123")
    world = SectorWorld(
        sector=TOY,
        writer=toy.world.writer,
        pool=toy.world.pool,
        gate=toy.gate,
        feed=toy.feed,
        board=toy.board,
        validators=Validators(toy.world.network, toy.ledger.client()),
        token_key=token_key,
        digest_key=await load_digest_key(toy.world.pool),
    )
    (port,) = free_ports(1)
    stopping = asyncio.Event()
    async with toy.life(), asyncio.TaskGroup() as group:
        group.create_task(serve(sector_app(world), host="127.0.0.1", port=port, stopping=stopping, stop_timeout_s=1))
        url = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            await until(lambda: is_served(client, url))
            box = {"label": "shoes", "keeper": {"name": "Оля", "phone": "123"}}
            assert (await client.post(f"{url}/v1/boxes/b1/open", json=box, headers={"Prefer": "wait=20"})).is_success
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", f"--url={url}"),
            *("--checks=all", "--max-examples=10", "--seed=1", "--no-color", "--workers=1"),
            *("--header", f"Authorization: Bearer {token}", "--exclude-path=/v1/finality/stream"),
        ]
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        stopping.set()
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]


async def is_served(client, url) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).is_success
    except httpx2.ConnectError:
        return False
