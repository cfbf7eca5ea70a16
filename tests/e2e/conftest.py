"""One whole network for the session: real processes, as `make up` starts them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.local.clerk import Clerk
from deploy.local.layout import Plan, url
from deploy.local.members import ROOT
from deploy.local.network import LocalNetwork
from litopys.cli.http import get_json
from litopys.errors import Unavailable
from tests.support.load import Registrars
from tests.support.otlp_collector import Collector, collecting


def litopys(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line; the caller looks at its exit code."""
    command = [sys.executable, "-m", "litopys.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def status(network: LocalNetwork) -> dict:
    """What `litopys status --json` prints."""
    done = litopys("status", "--json", f"--state={network.layout.state_file}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def registrars_of(network: LocalNetwork, *options: str) -> Registrars:
    """Registrars with a token of this network; options as of `litopys keys token`."""
    key = f"--key={network.layout.token_signing_file}"
    token = litopys("keys", "token", "registrar-9", key, *options).stdout.strip()
    return Registrars(url(network.ports.sectors["registers"]), token)


class Head(NamedTuple):
    """How far a validator is; −1 stands for no block yet."""

    height: int
    final_height: int
    tree_size: int


def head(network: LocalNetwork) -> Head:
    """The head of whoever is furthest, asked in this process: who waits must not start a process a look."""
    heads = [Head(-1, -1, 0)]
    for port in network.ports.serve.values():
        try:
            blocks = get_json(f"{url(port)}/api/v1/blocks", {"limit": 50}, timeout_s=3)["blocks"]
        except Unavailable:
            continue
        final = (block["height"] for block in blocks if block["status"] == "final")
        heads += [Head(block["height"], next(final, -1), block["tree_size"]) for block in blocks[:1]]
    return max(heads)


def is_settled(network: LocalNetwork) -> bool:
    """Whether every block is final."""
    now = head(network)
    return now.height == now.final_height >= 0


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the network sends its traces: those that begin with a caller who asks for one."""
    with collecting() as running:
        yield running


@pytest.fixture(scope="session")
def network(server_folder: Path, collector: Collector) -> Iterator[LocalNetwork]:
    """A network of four validators. A test leaves it running as it found it."""
    environment = {
        "LITOPYS_LOG_LEVEL": "debug",
        "LITOPYS_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    running = LocalNetwork(server_folder / "network", Plan(is_brief=True, environment=environment))
    try:
        running.up()
        yield running
    finally:
        running.down()


@pytest.fixture
def clerk(network: LocalNetwork) -> Clerk:
    """Registrars with tokens of this network."""
    return Clerk(url(network.ports.sectors["registers"]), network.layout.token_signing_file)
