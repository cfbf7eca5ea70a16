"""Sealers as processes of their own on a live network, and what they answer."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.ports import free_ports
from deploy.local.processes import Process
from litopys.note.vkeys import format_signer
from tests.support.live_network import LiveNetwork, until

ROOT = Path(__file__).parents[2]


@contextmanager
def sealer_processes(live: LiveNetwork, folder: Path) -> Iterator[Callable[..., Process]]:
    """Give a function that starts the process of a sealer by its name; whatever still runs is killed at the end."""
    (folder / "network.json").write_bytes(live.file)
    started = []

    def start(name: str, **environment: str) -> Process:
        for key in (f"sealer/{name}", "log"):
            (folder / f"{key.replace('/', '-')}.key").write_text(format_signer(live.simulated.signer(key)))
        settings = {
            "LITOPYS_NAME": name,
            "LITOPYS_NETWORK_FILE": str(folder / "network.json"),
            "LITOPYS_BOOTSTRAP": live.bootstrap,
            "LITOPYS_KAFKA_PROFILE": "single",
            "LITOPYS_PORT": str(free_ports(1)[0]),
            "LITOPYS_KEY_FILE": str(folder / f"sealer-{name}.key"),
            "LITOPYS_LOG_KEY_FILE": str(folder / "log.key"),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}",
            **environment,
        }
        process = Process(f"sealer-{name}", (sys.executable, "-m", "services.sealer"), folder / "processes", settings)
        process.start()
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()


def get(process: Process, path: str) -> bytes:
    """Ask a process; its answer, whatever its status. Raises OSError while it does not answer."""
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{process.environment['LITOPYS_PORT']}{path}", timeout=5
        ) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return bytes(error.read())


async def answers(process: Process, path: str, text: bytes) -> None:
    """Wait until a process answers with a text somewhere in it."""

    async def does() -> bool:
        try:
            return text in get(process, path)
        except OSError:
            process.check_alive()
            return False

    await until(does, what=f"{text!r} at {path}", timeout_s=40)
