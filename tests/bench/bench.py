"""`make bench`: what the ledger does in a second, beside what Kafka and Postgres alone cost.

A network of its own starts under var/bench. The floor is measured on its Kafka and its Postgres, in the same run; then
exports made by `litopys sample` are imported and waited for until final, commands are sent over HTTP, receipts are
verified, imports run without readers and with them, and a validator comes up from an empty database. Prints a table,
writes var/bench.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.layout import url
from deploy.local.network import LocalNetwork
from litopys.note.policies import parse_policy
from tests.bench.catch_up import count_entries, measure_catch_up
from tests.bench.commands import Registrars
from tests.bench.floor import Load, measure_floor
from tests.bench.reading import RATE, measure_turns
from tests.bench.receipts import fetch_receipts, measure_receipts
from tests.bench.to_final import load_times

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "bench"
RESULT = ROOT / "var" / "bench.json"
CLIENTS = 100
RECEIPTS = 1_000
READ_TURNS = 2
PACED_S = 30
PACED_SEED = 77


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
    parser.add_argument("--http-seconds", type=float, default=20.0, help="how long commands are sent over HTTP")
    arguments = parser.parse_args()
    runs = (
        Run("new_streams_per_s", arguments.events, 1),
        Run("ten_per_stream_per_s", arguments.events // 10, 10),
    )
    shutil.rmtree(FOLDER, ignore_errors=True)
    network = LocalNetwork(FOLDER)
    try:
        network.up()
        result = measure_floor_and_imports(network, runs=runs, floor_events=arguments.floor_events)
        result |= measure_commands(network, seconds=arguments.http_seconds)
        result |= measure_to_final(network, per_second=result[runs[0].name] / 2)
        result |= {"receipts_verified_per_s": measure_reading(network)}
        result |= measure_readers(network, events=arguments.events // 4)
        result |= {"catch_up_per_s": measure_catch_up(network, network.plan.validators[-1])}
    finally:
        network.down()
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print_table(result)


def measure_floor_and_imports(network: LocalNetwork, *, runs: tuple[Run, ...], floor_events: int) -> dict[str, Any]:
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


def measure_import(network: LocalNetwork, run: Run, *options: str, seed: int) -> Measured:
    """Import one sample through the command line, as an operator does, until every event is final."""
    sample = FOLDER / f"{run.name}.geojson"
    shape = (f"--rows={run.rows}", f"--events-per-parcel={run.events_per_parcel}", f"--seed={seed}")
    litopys("sample", "registers", *shape, f"--output={sample}")
    state = f"--state={network.layout.state_file}"
    began = time.monotonic()
    told = litopys("import", "registers", str(sample), state, "--approver=second", "--json", "--quiet", *options)
    seconds = time.monotonic() - began
    return Measured(json.loads(told)["events"], seconds)


def measure_commands(network: LocalNetwork, *, seconds: float) -> dict[str, float]:
    """Send commands, first as fast as a hundred clients can, then at half of that rate.

    The times to final run from sending the command, so they hold its acknowledgement, too.
    """
    registrars = Registrars(url(network.ports.sectors["registers"]), token(network), first=1)
    crowd = asyncio.run(registrars.at_once(CLIENTS, seconds))
    rate = crowd.per_second / 2
    paced = asyncio.run(registrars.at_rate(rate, seconds))
    return {
        "http_commands_per_s": crowd.per_second,
        "http_p50_s": crowd.percentile(50),
        "http_p99_s": crowd.percentile(99),
        "command_to_final_rate": round(rate),
        "command_to_final_p50_s": paced.percentile(50),
        "command_to_final_p99_s": paced.percentile(99),
    }


def measure_to_final(network: LocalNetwork, *, per_second: float) -> dict[str, float]:
    """Import at a rate, and tell from the sector's store how long each event took from acknowledged to final."""
    paced = Run("paced", rows=round(per_second * PACED_S), events_per_parcel=1)
    measure_import(network, paced, "--at-most", str(per_second), seed=PACED_SEED)
    times = asyncio.run(load_times(network.dsn("sector_registers"), count=paced.rows))
    return {
        "ack_to_final_rate": round(per_second),
        "ack_to_final_p50_s": times.p50_s,
        "ack_to_final_p99_s": times.p99_s,
    }


def measure_reading(network: LocalNetwork) -> int:
    """Take receipts from a running validator, all over the ledger, and verify them on one core."""
    size = asyncio.run(count_entries(network.dsn(f"validator_{network.plan.validators[0]}")))
    served_at = url(network.ports.serve[network.plan.validators[0]])
    receipts = fetch_receipts(served_at, range(0, size, max(1, size // RECEIPTS)))
    return measure_receipts(receipts, parse_policy(network.layout.policy_file.read_text()))


def measure_readers(network: LocalNetwork, *, events: int) -> dict[str, Any]:
    """What readers leave of an import's rate: imports without them and with them, in turns."""
    turns = measure_turns(network, events=events, turns=READ_TURNS, rate=RATE)
    return {
        "reading_share": turns.share,
        "reading_answered": [told["per_second"] for told in turns.told],
        "reading_errors": [told["errors"] for told in turns.told],
        "reading_p50_s": statistics.mean(told["p50_ms"] for told in turns.told) / 1_000,
        "reading_p99_s": statistics.mean(told["p99_ms"] for told in turns.told) / 1_000,
        "reading_requester_cores": round(statistics.mean(told["cpu_s"] / told["seconds"] for told in turns.told), 3),
    }


def token(network: LocalNetwork) -> str:
    """A registrar's token."""
    return litopys("keys", "token", "registrar-1", f"--key={network.layout.token_signing_file}").strip()


def litopys(*arguments: str) -> str:
    """Run a command and return what it says on stdout. Raises CalledProcessError."""
    command = (sys.executable, "-m", "litopys.cli.main", *arguments)
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def print_table(result: dict[str, Any]) -> None:
    """Print each rate with its ratio to the floor of the same run, and each time."""
    floor = result["floor_per_s"]
    print(result["machine"])
    print(f"{'':32}{'per second':>12}{'of the floor':>14}")
    for name, value in result.items():
        if name.endswith("_per_s"):
            print(f"{name:32}{value:12,}{value / floor:14.2f}")
    for name, value in result.items():
        if name.endswith("_s") and not name.endswith("_per_s"):
            print(f"{name:32}{value:12.3f} s")
    share, cores = result["reading_share"], result["reading_requester_cores"]
    print(f"{RATE} requests a second leave {share:.2f} of an import's rate; who sends them takes {cores} of a core")


if __name__ == "__main__":
    main()
