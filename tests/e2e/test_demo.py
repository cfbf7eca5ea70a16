"""`make demo`, smaller: it shows what it says and leaves nothing running."""

import subprocess
import sys

import pytest

from deploy.local.members import ROOT
from deploy.local.network import LocalNetwork

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_the_demonstration_shows_all_its_steps_and_stops(server_folder):
    folder = server_folder / "demo"
    command = [sys.executable, "-m", "deploy.local.demo", "--rows=500", "--samples-only", f"--folder={folder}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All shown" in done.stdout
    assert done.stdout.count("NOT VALID") == 2, "the forged database and the forged receipt"
    assert all(process.pid() is None for process in LocalNetwork(folder).processes())
