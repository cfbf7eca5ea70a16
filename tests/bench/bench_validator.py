"""What one validator's core does in a second, on a real Kafka and Postgres: all else is played and ready beforehand.

    python -m tests.bench.bench_validator [--blocks 8] [--events 8192] [--profile]

Prints one JSON object: events a second from the first sealed record to the last stored block, and seconds by stage.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from pathlib import Path

from deploy.local.kafka import Kafka
from deploy.local.postgres import create_database, find_postgres
from litopys.event.streams import partition_of
from litopys.service import metrics
from litopys.service.logs import configure_logs
from tests.bench.bench_core import DATA
from tests.support.live_network import LiveNetwork
from tests.support.simulated import Simulated

BATCH = 64
PARTITIONS = 8


async def prepare(live: LiveNetwork, blocks: int, events: int) -> None:
    """Publish and seal everything, one event a stream, in batches of 64 by partition."""
    simulated = live.simulated
    for block in range(blocks):
        by_partition: dict[int, list[bytes]] = {}
        for number in range(events):
            subject = f"thing:{block:06}.{number:06}"
            value = simulated.event(subject, 1, data=DATA)
            by_partition.setdefault(partition_of(subject, PARTITIONS), []).append(value)
        for partition, values in by_partition.items():
            for first in range(0, len(values), BATCH):
                await live.publish_records(simulated.batch(values[first : first + BATCH], partition=partition))
        await live.seal()


async def measure(blocks: int, events: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="litopys-bench-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        kafka, postgres = Kafka(folder / "kafka"), find_postgres(folder / "postgres", durable=True)
        await asyncio.to_thread(kafka.start)
        await asyncio.to_thread(postgres.start)
        try:
            simulated = Simulated(partitions=PARTITIONS, validators=("kyiv",), quorum=1)
            database = await create_database(postgres, "bench")
            async with LiveNetwork.start(kafka.bootstrap, "bench", simulated=simulated) as live:
                await prepare(live, blocks, events)
                started, cpu = time.perf_counter(), time.process_time()
                async with live.validator("kyiv", database, folder) as kyiv:
                    await kyiv.reached(height=0)
                    first = time.perf_counter()
                    await kyiv.reached(height=blocks - 1)
                    ended, cpu = time.perf_counter(), time.process_time() - cpu
        finally:
            await asyncio.to_thread(kafka.stop)
            await asyncio.to_thread(postgres.stop)
    return {
        "events": blocks * events,
        "events_per_second": round((blocks - 1) * events / (ended - first)),
        "own_cpu_us_per_event": round(1e6 * cpu / (blocks * events), 1),
        "start_to_first_block_seconds": round(first - started, 2),
        "judge_seconds": round(metrics.STAGE_SECONDS.labels("judge")._sum.get(), 2),
        "store_seconds": round(metrics.STAGE_SECONDS.labels("store")._sum.get(), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--events", type=int, default=8_192)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    configure_logs(service="bench", name="validator", level="warning")
    profile = cProfile.Profile(time.thread_time)  # what others do on the machine does not count
    if given.profile:
        profile.enable()
    result = asyncio.run(measure(given.blocks, given.events))
    if given.profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
