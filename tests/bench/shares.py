"""Where each microsecond of a whole run goes: an import until final, and the CPU of every process beside it.

    python -m tests.bench.shares [--events 16000] [--per-parcel 1] [--threads]

Starts a network of its own under var/shares and imports a small sample first, so that what only a start costs is not
counted. Prints CPU in microseconds an event by kind of process, with `--threads` also by thread, and what the blocks
were like. `--hold` waits for Enter before the import, for a profiler to be attached; the pids are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from deploy.local.layout import Plan
from deploy.local.network import LocalNetwork
from tests.bench.proc import CpuMeter, children, processes_of, title

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "shares"
WARM_EVENTS = 1_000
IMPORTER = "importer"


def main() -> None:
    """Run one import in a network of its own and print who used how much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=16_000)
    parser.add_argument("--per-parcel", type=int, default=1)
    parser.add_argument("--threads", action="store_true")
    parser.add_argument("--hold", action="store_true")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="environment of our processes")
    given = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    network = LocalNetwork(FOLDER, Plan(environment=dict(one.split("=", 1) for one in given.set)))
    try:
        network.up()
        run_import(network, events=WARM_EVENTS, per_parcel=1, seed=1_000)
        if given.hold:
            print({name: pid for pid, name in processes_of(network).items()}, file=sys.stderr)
            input("Enter begins the import ")
        report(network, given)
    finally:
        network.down()


def report(network: LocalNetwork, given: argparse.Namespace) -> None:
    """Import, measure and print."""
    meter = CpuMeter(lambda: {**processes_of(network), **dict.fromkeys(importers(), IMPORTER)})
    before = asyncio.run(count_blocks(network))
    with meter.watching():
        events, seconds = run_import(network, events=given.events, per_parcel=given.per_parcel, seed=7)
    after = asyncio.run(count_blocks(network))
    kinds = Counter[str]()
    for name, used in meter.by_process().items():
        kinds[kind_of(name)] += used
    us = {kind: round(1e6 * used / events, 1) for kind, used in kinds.most_common()}
    whole = sum(us.values())
    print(json.dumps({"events": events, "seconds": round(seconds, 2), "per_s": round(events / seconds)}))
    print(json.dumps({"blocks": after - before, "events_a_block": round(events / max(1, after - before))}))
    print_shares(us, whole=whole, wall=1e6 * seconds * (os.cpu_count() or 1) / events)
    if given.threads:
        for thread, used in meter.by_thread().most_common(60):
            print(f"{thread.process:34} {thread.name:16} {1e6 * used / events:8.1f}")


def print_shares(us: Mapping[str, float], *, whole: float, wall: float) -> None:
    """Print the table; `wall` is what all cores together had, in microseconds an event."""
    for kind, used in us.items():
        print(f"{kind:40}{used:10.1f}{used / whole:8.2f}")
    print(f"{'all together':40}{whole:10.1f}{1:8.2f}")
    print(f"{'all cores while it ran':40}{wall:10.1f}")


def kind_of(name: str) -> str:
    """Put what four validators do into one line, and what a server does beside its sessions into another."""
    if name.startswith("validator-"):
        return f"four validators, {name.rpartition('-')[2]}"
    if name.startswith("sealer-"):
        return "two sealers"
    if name.startswith("postgres validator_"):
        return "postgres, sessions of four validators"
    if name.startswith("postgres sector_"):
        return f"postgres, sessions of {name.removeprefix('postgres sector_')}"
    return "postgres, of its own accord" if name.startswith("postgres") else name


def importers() -> list[int]:
    """Return the pids of our own importing process, if it runs."""
    return [pid for pid in children(os.getpid()) if " import " in title(pid)]


async def count_blocks(network: LocalNetwork) -> int:
    """Count the blocks that the first validator has stored."""
    connection = await asyncpg.connect(network.dsn(f"validator_{network.plan.validators[0]}"))
    try:
        return int(await connection.fetchval("select coalesce(max(height) + 1, 0) from block"))
    finally:
        await connection.close()


def run_import(network: LocalNetwork, *, events: int, per_parcel: int, seed: int) -> tuple[int, float]:
    """Import a sample through the command line until all is final; returns its events and the seconds it took."""
    sample = FOLDER / f"sample-{seed}.geojson"
    shape = (f"--rows={events // per_parcel}", f"--events-per-parcel={per_parcel}", f"--seed={seed}")
    litopys("sample", "registers", *shape, f"--output={sample}")
    began = time.monotonic()
    state = f"--state={network.layout.state_file}"
    told = litopys("import", "registers", str(sample), state, "--approver=second", "--json", "--quiet")
    return int(json.loads(told)["events"]), time.monotonic() - began


def litopys(*arguments: str) -> str:
    """Run a command and return what it says on stdout. Raises CalledProcessError."""
    command = (sys.executable, "-m", "litopys.cli.main", *arguments)
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
