"""`make bench`: events final per second through four validators, beside what Kafka and Postgres alone cost.

A network of its own starts under var/bench. The floor is measured on its Kafka and its Postgres, in the same run; then
exports made by `litopys sample` are imported and waited for until final. Prints a table, writes var/bench.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.network import LocalNetwork
from tests.bench.floor import Load, measure_floor

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "bench"
RESULT = ROOT / "var" / "bench.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One import: how many parcels, with how many events each on average."""

    name: str
    rows: int
    events_per_parcel: int


@dataclass(frozen=True, slots=True)
class Measured:
    """An import's events and the seconds from its start until all were final."""

    events: int
    seconds: float

    @property
    def per_second(self) -> int:
        """Events final per second."""
        return round(self.events / self.seconds)


def main() -> None:
    """Run the floor and the ledger, one after the other, and say how they compare."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--events", type=int, default=40_000, help="events of each import")
    parser.add_argument("--floor-events", type=int, default=100_000)
    arguments = parser.parse_args()
    runs = (
        Run("new_streams_per_s", arguments.events, 1),
        Run("ten_per_stream_per_s", arguments.events // 10, 10),
    )
    shutil.rmtree(FOLDER, ignore_errors=True)
    network = LocalNetwork(FOLDER)
    try:
        network.up()
        result = measure(network, runs=runs, floor_events=arguments.floor_events)
    finally:
        network.down()
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print_table(result)


def measure(network: LocalNetwork, *, runs: tuple[Run, ...], floor_events: int) -> dict[str, Any]:
    """Measure the floor with the ledger idle, then each import with nothing else running."""
    load = Load(events=floor_events)
    floor = measure_floor(bootstrap=network.kafka.bootstrap, postgres=network.postgres.admin_dsn, load=load)
    result: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "floor_per_s": floor.floor_per_s,
    }
    for seed, run in enumerate(runs):
        measured = measure_import(network, run, seed=seed)
        result |= {run.name: measured.per_second, f"{run.name}_events": measured.events}
    return result


def measure_import(network: LocalNetwork, run: Run, *, seed: int) -> Measured:
    """Import one sample through the command line, as an operator does, until every event is final."""
    sample = FOLDER / f"{run.name}.geojson"
    shape = (f"--rows={run.rows}", f"--events-per-parcel={run.events_per_parcel}", f"--seed={seed}")
    litopys("sample", "registers", *shape, f"--output={sample}")
    state = f"--state={network.layout.state_file}"
    began = time.monotonic()
    told = litopys("import", "registers", str(sample), state, "--approver=second", "--json", "--quiet")
    seconds = time.monotonic() - began
    return Measured(json.loads(told)["events"], seconds)


def litopys(*arguments: str) -> str:
    """Run a command and return what it says on stdout. Raises CalledProcessError."""
    command = (sys.executable, "-m", "litopys.cli.main", *arguments)
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def print_table(result: dict[str, Any]) -> None:
    """Print each rate and its ratio to the floor of the same run."""
    floor = result["floor_per_s"]
    print(result["machine"])
    print(f"{'':32}{'per second':>12}{'of the floor':>14}")
    for name, value in result.items():
        if name.endswith("_per_s"):
            print(f"{name:32}{value:12,}{value / floor:14.2f}")


if __name__ == "__main__":
    main()
