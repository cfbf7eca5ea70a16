"""Every command of the runbooks that needs no cluster runs as it stands, against the running network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.layout import url
from deploy.local.members import ROOT
from tests.support.runbooks import alert_runbooks, commands

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def environment(network):
    """The variables of docs/runbooks/README.md, for the validator of Kyiv and the sector of registers."""
    ports = network.ports
    readers = {name: url(port) for name, port in ports.serve.items()}
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}",
        "VALIDATOR": readers["kyiv"],
        "OTHER": readers["lviv"],
        "VALIDATORS": " ".join(readers.values()),
        "PROCESS": url(ports.check["kyiv"]),
        "SEALER": url(ports.sealers["a"]),
        "SECTOR": url(ports.sectors["registers"]),
        "LEDGER": network.dsn("validator_kyiv"),
        "STORE": network.dsn("sector_registers"),
        "NETWORK": str(network.layout.network_file),
        "NAME": "kyiv",
        "LITOPYS_STATE": str(network.layout.state_file),
    }


def told(line, environment):
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_every_command_runs(environment):
    lines = sorted({line for file in alert_runbooks() for line in commands(file)})
    done = {line: told(line, environment) for line in lines}
    wrong = {line: one.stdout + one.stderr for line, one in done.items() if one.returncode != 0 or not one.stdout}
    quiet = {
        line for line in wrong if "/api/v1/evidence" in line or "/api/v1/rejections" in line or "from rejected" in line
    }
    assert not {line: said for line, said in wrong.items() if line not in quiet or said}


@pytest.mark.parametrize(
    "line",
    [
        'psql "$LEDGER" -c "select who from evidences"',
        'curl -fsS "$VALIDATOR/api/v1/evidences"',
        'litopys audit --validatr "$NAME"',
        'curl -fsS "$VALIDATOR/api/v1/blocks?limit=1" | jq ".blocks[0].hight | tonumber"',
    ],
)
def test_a_command_that_does_not_exist_is_refused(environment, line):
    assert told(line, environment).returncode != 0
