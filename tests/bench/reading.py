"""Reading while writing: how much of an import's rate readers take, and what each kind of request costs.

    python -m tests.bench.reading [--events 20000] [--turns 2] [--rate 500]

Imports run in turns, without readers and with them; the requests, at a fixed rate, are for what is on the ledger, by
every validator's read API and by the sector's service. Then each kind of request alone, with nothing else going on, and
at last one read API and a second one beside it on the same database, as fast as they can.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg

from deploy.local.layout import Plan, url
from deploy.local.members import Member
from deploy.local.network import READY_TIMEOUT_S, LocalNetwork, is_ready
from deploy.local.ports import free_ports, wait_until
from litopys.note.checkpoints import parse_checkpoint
from litopys.note.notes import parse_note
from litopys.tlog.tiles import ENTRIES_LEVEL, TILE_WIDTH, TilePath, format_tile_path
from tests.bench.samples import ROOT, SECTOR, Sample, import_sample
from tests.bench.usage import cpu_s, measure, since

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 500
CONNECTIONS = 8
REQUESTS = 2_000
KIND_S = 5.0
FIRST_SEED = 1_000
# How many of a hundred requests are of each kind: light clients, monitors, and people at a register's counter.
MIX = {
    "checkpoint": 12,
    "tile": 25,
    "partial tile": 5,
    "entry bundle": 3,
    "receipt": 25,
    "entry": 5,
    "stream": 5,
    "object": 10,
    "history": 5,
    "status": 5,
}
OF_SECTOR = ("object", "history", "status")

Request = tuple[str, int, str]


class Turns(NamedTuple):
    """Events final per second without readers and with them, and what the requester told of each turn."""

    alone_per_s: float
    read_per_s: float
    told: list[dict[str, Any]]

    @property
    def share(self) -> float:
        """What readers leave of an import's rate."""
        return round(self.read_per_s / self.alone_per_s, 3)


def main() -> None:
    """Measure reading on a network of its own, and print and write what came of it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--events", type=int, default=20_000, help="of each import")
    parser.add_argument("--turns", type=int, default=2, help="imports without readers, and as many with them")
    parser.add_argument("--rate", type=int, default=RATE, help="requests a second")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "reading")
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "reading.json")
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    network = LocalNetwork(given.folder, Plan(sectors=(SECTOR,)))
    try:
        network.up()
        import_sample(network, Sample(500, 10.0), seed=FIRST_SEED - 1)
        result: dict[str, Any] = {"kinds": measure_kinds(network), "replicas": measure_replicas(network)}
        turns = measure_turns(network, events=given.events, turns=given.turns, rate=given.rate)
        result |= {"reading_share": turns.share, **turns._asdict()}
    finally:
        network.down()
    given.output.write_text(json.dumps(result, indent=1) + "\n")
    print_tables(result)


def measure_turns(network: LocalNetwork, *, events: int, turns: int, rate: int) -> Turns:
    """Import without and with readers in turns, a new stream for each event; a ledger must be there to be read."""
    seconds, done, told = {False: 0.0, True: 0.0}, {False: 0, True: 0}, []
    for turn in range(2 * turns):
        is_read = turn % 2 == 1
        plan = {"rate": rate, "seconds": 3_600, "connections": CONNECTIONS, "requests": requests_of(network)}
        with requesting(plan) if is_read else _nobody() as readers:
            imported = import_sample(network, Sample(events, 1.0), seed=FIRST_SEED + turn)
        seconds[is_read] += imported.seconds
        done[is_read] += imported.events
        told += readers
    return Turns(round(done[False] / seconds[False], 1), round(done[True] / seconds[True], 1), told)


def measure_kinds(network: LocalNetwork, *, rate: int = 200) -> dict[str, dict[str, float]]:
    """Microseconds that a request of each kind takes of the process that serves it and of Postgres, by the kernel."""
    requests = requests_of(network)
    quiet, _ = _used(network, {"rate": 0.001, "seconds": KIND_S, "connections": 1, "requests": requests})
    found = {}
    for kind in MIX:
        own = [one for one in requests if one[0] == kind]
        used, told = _used(network, {"rate": rate, "seconds": KIND_S, "connections": CONNECTIONS, "requests": own})
        more = {name: spent - quiet.get(name, 0.0) for name, spent in used.items()}
        serving = SECTOR if kind in OF_SECTOR else "-serve"
        cost_s = {
            "service": sum(spent for name, spent in more.items() if name.endswith(serving) and ":" not in name),
            "Postgres": sum(spent for name, spent in more.items() if name.startswith("postgres")),
            "requester": told["cpu_s"],
        }
        found[kind] = {name: round(spent * 1e6 / told["answered"]) for name, spent in cost_s.items()}
        found[kind] |= {"p50_ms": told["p50_ms"], "bytes": round(told["bytes"] / told["answered"])}
    return found


def measure_replicas(network: LocalNetwork) -> dict[str, dict[str, Any]]:
    """One validator's read API as fast as it answers; then a second process on the same database beside it."""
    first = network.members.serving(network.plan.validators[0])
    second = second_replica(first)
    requests = [one for one in requests_of(network) if one[1] == first.port]
    second.process.start()
    found = {}
    try:
        wait_until(lambda: is_ready(second), what=second.process.name, timeout_s=READY_TIMEOUT_S)
        for title, serving in (("one", [first]), ("two", [first, second])):
            spread = [(kind, serving[n % len(serving)].port, path) for n, (kind, _, path) in enumerate(requests)]
            before = [cpu_s(one.process.pid()) for one in serving]
            told = request({"rate": None, "seconds": KIND_S, "connections": CONNECTIONS, "requests": spread})
            spent_s = [cpu_s(one.process.pid()) - earlier for one, earlier in zip(serving, before, strict=True)]
            found[title] = {
                "per_second": told["per_second"],
                "errors": told["errors"],
                "cpu_us_a_request": round(sum(spent_s) * 1e6 / told["answered"]),
                "processors": [round(spent / told["seconds"], 2) for spent in (*spent_s, told["cpu_s"])],
            }
    finally:
        second.process.stop()
    return found


def second_replica(first: Member) -> Member:
    """Another process on the same database at another port; nobody is told of it, the first least of all."""
    (port,) = free_ports(1)
    environment = {**first.process.environment, "LITOPYS_PORT": str(port)}
    return Member(replace(first.process, name=f"{first.process.name}-2", environment=environment), port)


def requests_of(network: LocalNetwork) -> list[Request]:
    """Draw requests by `MIX` for what is on the ledger now: kind, port, path; the same each time for one ledger."""
    drawn = random.Random(1)
    validators = [network.ports.serve[name] for name in network.plan.validators]
    size = min(final_size(port) for port in validators)
    addresses = asyncio.run(_addresses(network.dsn(f"sector_{SECTOR}")))
    kinds = [kind for kind, times in MIX.items() for _ in range(times * REQUESTS // 100)]
    drawn.shuffle(kinds)
    return [
        (kind, network.ports.sectors[SECTOR] if kind in OF_SECTOR else drawn.choice(validators), path)
        for kind in kinds
        for path in [_path(kind, drawn, size=size, address=drawn.choice(addresses))]
    ]


def final_size(port: int) -> int:
    """The size of the tree under the checkpoint that a read API shows. Raises URLError."""
    with urllib.request.urlopen(f"{url(port)}/checkpoint", timeout=30) as answer:
        return parse_checkpoint(parse_note(answer.read()).text).size


def _path(kind: str, drawn: random.Random, *, size: int, address: tuple[str, int]) -> str:
    subject, version = address
    full, rest = divmod(size, TILE_WIDTH)
    match kind:
        case "checkpoint":
            return "/checkpoint"
        case "tile":
            return f"/{format_tile_path(TilePath(0, drawn.randrange(full)))}"
        case "partial tile":
            return f"/{format_tile_path(TilePath(0, full, rest or 1) if rest else TilePath(0, full - 1, 255))}"
        case "entry bundle":
            return f"/{format_tile_path(TilePath(ENTRIES_LEVEL, drawn.randrange(full)))}"
        case "receipt":
            return f"/receipt/{drawn.randrange(size)}"
        case "entry":
            return f"/api/v1/events/{drawn.randrange(size)}"
        case "stream":
            return f"/api/v1/streams/{subject}"
        case "object":
            return f"/v1/land-parcels/{subject.partition(':')[2]}"
        case "history":
            return f"/v1/land-parcels/{subject.partition(':')[2]}/history"
        case _:
            return f"/v1/events/{subject}/{drawn.randint(1, version)}"


async def _addresses(dsn: str) -> list[tuple[str, int]]:
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch(
            "select subject, version from stream where subject like 'land_parcel:%' order by md5(subject) limit 1000"
        )
    finally:
        await connection.close()
    return [tuple(row) for row in found]


def _used(network: LocalNetwork, plan: dict[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
    """Processor seconds by process while a plan is carried out, and what it told."""
    before = measure(network)
    told = request(plan)
    return since(measure(network), before), told


def request(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry a plan out in a process of its own; answers what it told. Raises CalledProcessError."""
    with requesting(plan, to_the_end=True) as told:
        pass
    return told[0]


@contextmanager
def requesting(plan: dict[str, Any], *, to_the_end: bool = False) -> Iterator[list[dict[str, Any]]]:
    """Carry a plan out beside the body, which ends it unless it shall be carried out to its end; then it has told."""
    told: list[dict[str, Any]] = []
    command = (sys.executable, "-m", "tests.bench.requester")
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write(json.dumps(plan) + "\n")
        process.stdin.flush()
        yield told
        if not to_the_end:
            process.stdin.close()
        told.append(json.loads(process.stdout.readline()))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


@contextmanager
def _nobody() -> Iterator[list[dict[str, Any]]]:
    yield []


def print_tables(result: dict[str, Any]) -> None:
    """Print what a run found, as tables of Markdown."""
    print("| request | service, µs | Postgres, µs | requester, µs | p50, ms | bytes |\n|---|---|---|---|---|---|")
    for kind, cost in result["kinds"].items():
        print(f"| {kind} | {' | '.join(str(value) for value in cost.values())} |")
    for title, found in result["replicas"].items():
        print(f"{title}: {found}")
    print(f"import alone {result['alone_per_s']}/s, read from {result['read_per_s']}/s: {result['reading_share']}")
    for told in result["told"]:
        cores = told["cpu_s"] / told["seconds"]
        print(
            f"{told['per_second']}/s of {told['sent']} sent; p50 {told['p50_ms']} ms, p99 {told['p99_ms']} ms;", end=""
        )
        print(f" errors {told['errors']}; requester {cores:.2f} of a core")


if __name__ == "__main__":
    main()
