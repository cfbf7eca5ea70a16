"""What one validator's core does in a second, on a real Kafka and Postgres: all else is played and ready beforehand.

    python -m tests.bench.bench_validator [--blocks 8] [--events 2048] [--light] [--profile]

The events are the heaviest there are, parcels taken over with their titles, judged by the rules of the registers;
`--light` takes events of 834 bytes under rules that only count. Prints one JSON object: events a second from the first
sealed record to the last stored block, CPU of this process and of its database sessions, and seconds by stage.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from deploy.local.kafka import Kafka
from deploy.local.postgres import OwnPostgres, create_database, find_postgres
from litopys.event.streams import partition_of
from litopys.service import metrics
from litopys.service.garbage import spare_what_is_loaded
from litopys.service.logs import configure_logs
from services.catalogue import load_domain
from tests.bench.bench_core import DATA
from tests.bench.bench_import import FOLDER, make_sample
from tests.bench.bench_rules import ORIGIN, make_values
from tests.bench.proc import CpuMeter, children
from tests.support.live_network import LiveNetwork
from tests.support.simulated import Simulated

BATCH = 64
PARTITIONS = 8


def heavy_values(count: int) -> list[bytes]:
    path = FOLDER / f"rules-{count}.geojson"
    path.parent.mkdir(exist_ok=True)
    make_sample(path, rows=count, events_per_row=1)
    return asyncio.run(make_values(path))


def light_values(count: int, simulated: Simulated) -> list[bytes]:
    return [simulated.event(f"thing:{number:012}", 1, data=DATA) for number in range(count)]


def subject_of(value: bytes) -> str:
    subject: str = json.loads(value)["subject"]
    return subject


async def prepare(live: LiveNetwork, values: Sequence[bytes], *, block_events: int) -> None:
    """Publish and seal everything, one event a stream, in batches of 64 by partition."""
    for start in range(0, len(values), block_events):
        by_partition: dict[int, list[bytes]] = {}
        for value in values[start : start + block_events]:
            by_partition.setdefault(partition_of(subject_of(value), PARTITIONS), []).append(value)
        for partition, group in by_partition.items():
            for first in range(0, len(group), BATCH):
                batch = live.simulated.batch(group[first : first + BATCH], partition=partition)
                await live.publish_records(batch)
        await live.seal()


def meter_of(postgres: Any) -> CpuMeter:
    """Watch the sessions of a server of our own; one that was given is out of sight."""
    server = postgres.process.pid() if isinstance(postgres, OwnPostgres) else None
    return CpuMeter(lambda: dict.fromkeys(children(server), "postgres") if server else {})


async def measure(given: argparse.Namespace, simulated: Simulated, values: Sequence[bytes]) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="litopys-bench-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        kafka, postgres = Kafka(folder / "kafka"), find_postgres(folder / "postgres", durable=True)
        await asyncio.to_thread(kafka.start)
        await asyncio.to_thread(postgres.start)
        try:
            database = await create_database(postgres, "bench")
            async with LiveNetwork.start(kafka.address, "bench", simulated=simulated) as live:
                await prepare(live, values, block_events=given.events)
                spare_what_is_loaded()
                meter = meter_of(postgres)
                started, cpu = time.perf_counter(), time.process_time()
                domain = None if given.light else load_domain
                with meter.watching():
                    async with live.validator("kyiv", database, folder, load_domain=domain) as kyiv:
                        await kyiv.reached(height=0)
                        first = time.perf_counter()
                        await kyiv.reached(height=given.blocks - 1)
                        ended, cpu = time.perf_counter(), time.process_time() - cpu
        finally:
            await asyncio.to_thread(kafka.stop)
            await asyncio.to_thread(postgres.stop)
    return {
        "events": len(values),
        "value_bytes": round(sum(map(len, values)) / len(values)),
        "events_per_second": round((given.blocks - 1) * given.events / (ended - first)),
        "own_cpu_us_per_event": round(1e6 * cpu / len(values), 1),
        "postgres_cpu_us_per_event": round(1e6 * meter.by_process()["postgres"] / len(values), 1),
        "start_to_first_block_seconds": round(first - started, 2),
        "judge_seconds": round(stage_seconds("admit") + stage_seconds("tree"), 2),
        "store_seconds": round(stage_seconds("store"), 2),
        "refused": sum(sample.value for sample in metrics.EVENTS_REJECTED.collect()[0].samples),
    }


def stage_seconds(stage):
    return metrics.STAGE_SECONDS.labels(stage)._sum.get()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--events", type=int, default=2_048, help="events a block")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    configure_logs(service="bench", name="validator", level="warning")
    simulated = Simulated(partitions=PARTITIONS, origin=ORIGIN, validators=("kyiv",), quorum=1)
    count = given.blocks * given.events
    values = light_values(count, simulated) if given.light else heavy_values(count)
    profile = cProfile.Profile(time.thread_time)  # what others do on the machine does not count
    if given.profile:
        profile.enable()
    result = uvloop.run(measure(given, simulated, values))
    if given.profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
