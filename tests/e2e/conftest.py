"""One whole network for the session: real processes, as `make up` starts them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.clerk import Clerk
from deploy.local.layout import Plan, url
from deploy.local.members import ROOT
from deploy.local.network import LocalNetwork


def litopys(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line; the caller looks at its exit code."""
    command = [sys.executable, "-m", "litopys.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def status(network: LocalNetwork) -> dict:
    """What `litopys status --json` prints."""
    done = litopys("status", "--json", f"--state={network.layout.state_file}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def network(server_folder: Path) -> Iterator[LocalNetwork]:
    """A network of four validators. A test leaves it running as it found it."""
    running = LocalNetwork(server_folder / "network", Plan(is_brief=True))
    try:
        running.up()
        yield running
    finally:
        running.down()


@pytest.fixture
def clerk(network: LocalNetwork) -> Clerk:
    """Registrars with tokens of this network."""
    return Clerk(url(network.ports.sectors["registers"]), network.layout.token_signing_file)
