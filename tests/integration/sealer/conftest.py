"""Sealers as processes on a real Kafka; sectors and validators are played."""

import os
import secrets
import sys
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from deploy.local.processes import Process
from litopys.note.vkeys import format_signer
from tests.support.live_network import LiveNetwork
from tests.support.sealing import with_two_sealers
from tests.support.simulated import Simulated

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def live(kafka, topics_prefix):
    """A fresh network with two sealers; its validators do not answer over HTTP."""
    simulated = Simulated()
    document = simulated.document
    simulated.document = lambda: _changed(document(), simulated)  # type: ignore[method-assign]
    async with LiveNetwork.start(kafka, topics_prefix, simulated=simulated) as network:
        yield network


def _changed(document, simulated):
    with_two_sealers(simulated)(document)
    return document


@pytest.fixture
def sealers(live, tmp_path, server_folder):
    """`sealers("a")` starts the process of sealer a; whatever still runs is killed at the end."""
    (tmp_path / "network.json").write_bytes(live.file)
    started = []
    folder = server_folder / secrets.token_hex(4)

    def start(name: str, **environment: str) -> Process:
        for key in (f"sealer/{name}", "log"):
            (tmp_path / f"{key.replace('/', '-')}.key").write_text(format_signer(live.simulated.signer(key)))
        settings = {
            "LITOPYS_NAME": name,
            "LITOPYS_NETWORK_FILE": str(tmp_path / "network.json"),
            "LITOPYS_BOOTSTRAP": live.bootstrap,
            "LITOPYS_PORT": str(free_ports(1)[0]),
            "LITOPYS_KEY_FILE": str(tmp_path / f"sealer-{name}.key"),
            "LITOPYS_LOG_KEY_FILE": str(tmp_path / "log.key"),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}",
            **environment,
        }
        process = Process(f"sealer-{name}", (sys.executable, "-m", "services.sealer"), folder, settings)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
