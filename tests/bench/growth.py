"""Whether the cost of an event stays what it was while the ledger grows: memory, processor time, disk, at every mark.

    python -m tests.bench.growth --entries 3000000 --mark 100000 --output var/growth.jsonl
    python -m tests.bench.growth --compare 300000 3000000 --output var/growth.jsonl

A network of its own (under var/growth, one validator unless told otherwise) imports samples one after the other, each
of other parcels and as large as a mark, through the whole pipeline, until all is final. After each, one line of JSON
says what every process took since the mark before, what it holds, and what lies on the disk. A sample is gone before
the next is made. Processor time is the kernel's count; other work on the same cores makes it larger all the same, so a
yardstick is measured beside it. What pages of Postgres a statement touched, nothing else on the machine can change.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import time
from os import getloadavg
from pathlib import Path
from typing import Any

from deploy.local.layout import VALIDATORS, Plan
from deploy.local.network import LocalNetwork
from tests.bench.catch_up import count_entries
from tests.bench.disk import relation_bytes, topic_bytes
from tests.bench.growth_table import print_comparison
from tests.bench.samples import SECTOR, Import, Sample, import_sample
from tests.bench.statements import Statements
from tests.bench.usage import Usage, measure, since
from tests.bench.yardstick import yardstick

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Grow a ledger and write a line a mark, or compare two marks of such lines."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--entries", type=int, default=300_000, help="how large the ledger shall become")
    parser.add_argument("--mark", type=int, default=100_000, help="events between two marks, roughly")
    parser.add_argument("--events-per-row", type=float, default=10.0, help="events of a parcel")
    parser.add_argument("--validators", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "growth")
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "growth.jsonl")
    parser.add_argument(
        "--compare", type=int, nargs=2, metavar="ENTRIES", help="two marks of --output; imports nothing"
    )
    parser.add_argument("--go-on", action="store_true", help="with the network and the lines that an earlier run left")
    given = parser.parse_args()
    if given.compare:
        lines = [json.loads(line) for line in given.output.read_text().splitlines()]
        print_comparison(lines, *given.compare)
        return
    if not given.go_on:
        shutil.rmtree(given.folder, ignore_errors=True)
        given.output.unlink(missing_ok=True)
    sectors = {"validators": VALIDATORS[: given.validators], "sealers": ("a",), "sectors": (SECTOR,)}
    network = LocalNetwork(given.folder, Plan(**sectors))
    try:
        network.up()
        statements = Statements(network)
        sample = Sample(round(given.mark / given.events_per_row), given.events_per_row)
        grow(network, statements, sample=sample, entries=given.entries, output=given.output)
    finally:
        network.down()


def grow(network: LocalNetwork, statements: Statements, *, sample: Sample, entries: int, output: Path) -> None:
    """Import sample after sample until the ledger has so many entries; append a line to `output` after each."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.touch()
    size, seed = 0, len(output.read_text().splitlines())
    while size < entries:
        seed += 1
        before = measure(network)
        statements.forget()
        with yardstick() as slowness:
            imported = import_sample(network, sample, seed=seed)
        now = measure(network)
        size = asyncio.run(count_entries(network.dsn(f"validator_{network.plan.validators[0]}")))
        line = tell(network, imported, since(now, before), memory=now, entries=size)
        with output.open("a") as file:
            more = {"yardstick_s": round(slowness[0], 6), "statements": statements.most_costly()}
            file.write(json.dumps(line | more) + "\n")
        print(f"{size:,} entries, {imported.events / imported.seconds:,.0f} events/s", flush=True)


def tell(
    network: LocalNetwork, imported: Import, cpu_s: dict[str, float], *, memory: dict[str, Usage], entries: int
) -> dict[str, Any]:
    """Say what a mark found: µs of processor an event, MiB held, bytes on disk, by process, table and topic."""
    cpu_s = {"importer": imported.usage.cpu_s, **cpu_s}
    held_kib = {"importer, at most": imported.usage.memory_kib} | {name: one.memory_kib for name, one in memory.items()}
    databases = [f"validator_{name}" for name in network.plan.validators] + [f"sector_{SECTOR}"]
    return {
        "entries": entries,
        "events": imported.events,
        "seconds": round(imported.seconds, 1),
        "at": time.strftime("%H:%M:%S", time.gmtime()),
        "load": getloadavg()[0],
        "cpu_us_an_event": {name: round(seconds * 1e6 / imported.events, 1) for name, seconds in cpu_s.items()},
        "memory_mib": {name: round(kib / 1024, 1) for name, kib in held_kib.items()},
        "kafka_bytes": topic_bytes(network),
        "database_bytes": {name: asyncio.run(relation_bytes(network.dsn(name))) for name in databases},
    }


if __name__ == "__main__":
    main()
