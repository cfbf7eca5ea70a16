"""Both roles as processes, as they run in production: environment in, health out, a signal ends them."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager

import httpx2
import pytest

from deploy.local.databases import READER, SERVICE, as_role, migrate_database
from deploy.local.ports import free_ports
from litopys.note.vkeys import format_signer
from litopys.postgres.pool import open_pool
from tests.support.live_network import until

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def process(live, tmp_path, database, *, role):
    (port,) = free_ports(1)
    (tmp_path / "network.json").write_bytes(live.file)
    (tmp_path / "kyiv.key").write_text(format_signer(live.simulated.signer("validator/kyiv")) + "\n")
    environment = {
        "LITOPYS_ROLE": role,
        "LITOPYS_NAME": "kyiv",
        "LITOPYS_NETWORK_FILE": str(tmp_path / "network.json"),
        "LITOPYS_DATABASE_URL": as_role(database, SERVICE if role == "check" else READER),
        "LITOPYS_PORT": str(port),
        "LITOPYS_PEER_TIMEOUT_S": "0.5",
    }
    if role == "check":
        environment |= {"LITOPYS_BOOTSTRAP": live.bootstrap, "LITOPYS_KAFKA_PROFILE": "single"}
        environment["LITOPYS_KEY_FILE"] = str(tmp_path / "kyiv.key")
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.validator"), env=os.environ | environment, stderr=asyncio.subprocess.PIPE
    )
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10.0) as client:
        try:
            await until(lambda: is_ready(client), what=f"that {role} is ready")
            yield client
        finally:
            started.send_signal(signal.SIGTERM)
            _, log = await asyncio.wait_for(started.communicate(), 30)
    assert started.returncode == 0, log.decode()
    assert b"Traceback" not in log


async def is_ready(client):
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx2.HTTPError:
        return False


async def test_check_and_serve(live, tmp_path, database):
    await migrate_database(database, "ledger")
    async with (
        process(live, tmp_path, database, role="check") as core,
        process(live, tmp_path, database, role="serve") as reader,
    ):
        await live.publish("thing:1", sector="registers", type="ua.gov.litopys.registers.thing.unknown.v1")
        await live.seal()
        pool = await open_pool(database)

        async def size_and_root():
            return await pool.fetchrow("select size, root from block where height = 0")

        head = await until(size_and_root, what="the first block")
        await pool.close()
        async with reader.stream("GET", "/api/v1/blocks/stream", headers={"Last-Event-ID": "-1"}) as stream:
            await live.vote(live.checkpoint(head["size"], head["root"]), "lviv", "odesa", "log")
            async for line in stream.aiter_lines():
                if line.startswith("id:"):
                    assert line == "id: 0"
                    break

        async def is_final():
            return (await reader.get("/checkpoint")).status_code == 200

        await until(is_final, what="the first final checkpoint")
        measured = (await core.get("/metrics")).text
        assert 'litopys_events_rejected_total{reason="type",sector="registers"} 1.0' in measured
        assert "litopys_final_height_blocks 0.0" in measured
        assert (await reader.get("/rejected/0")).text.endswith(" type\n")
