"""Samples imported through the command line, as an operator does, each of parcels that no other has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.usage import Usage

if TYPE_CHECKING:
    from deploy.local.network import LocalNetwork

ROOT = Path(__file__).parents[2]
SECTOR = "registers"


class Sample(NamedTuple):
    """What one mark imports: parcels, and how many events each comes to on average."""

    rows: int
    events_per_row: float


class Import(NamedTuple):
    """What one import came to, and what its own process took."""

    events: int
    seconds: float
    usage: Usage


def import_sample(network: LocalNetwork, sample: Sample, *, seed: int) -> Import:
    """Make a sample of parcels that no other seed has, import it until all is final, and remove it."""
    file = network.layout.folder / f"sample-{seed}.geojson"
    shape = (f"--rows={sample.rows}", f"--events-per-row={sample.events_per_row}", f"--seed={seed}")
    litopys_using("sample", SECTOR, *shape, f"--output={file}")
    began = time.monotonic()
    # Each sample is a part of its own: what other parts have has not vanished.
    state = (f"--state={network.layout.state_file}", f"--part=seed-{seed}")
    told, usage = litopys_using("import", SECTOR, str(file), *state, "--approver=second", "--json", "--quiet")
    seconds = time.monotonic() - began
    for left in network.layout.folder.glob(f"{file.name}*"):
        left.unlink()
    return Import(json.loads(told)["events"], seconds, usage)


def litopys_using(*arguments: str) -> tuple[str, Usage]:
    """Run a command; return what it says on stdout, and what its process took. Raises CalledProcessError."""
    command = (sys.executable, "-m", "litopys.cli.main", *arguments)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return told, Usage(used.ru_utime + used.ru_stime, used.ru_maxrss)
