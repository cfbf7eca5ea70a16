"""Memory of a validator's stream standings: resident size while every one of N streams is loaded and used.

    python tests/bench/stream_memory.py --database-url DSN [--streams 1000000] [--capacity-mib 64]

Fills a `stream` table with parcels as they are after a recording, a valuation and a title, then judges blocks of 8,192
events over all of them, each stream once and then again at random, as admission would load them.
"""

import argparse
import asyncio
import random
import resource
import time
from pathlib import Path

from litopys.event.cloudevents import Event
from litopys.ledger.admission import Examined, Stream
from litopys.ledger.records import Record
from litopys.postgres.migrations import migrate
from litopys.postgres.pool import open_pool
from litopys.replica.streams import StreamStandings, format_streams
from services.catalogue import load_domain
from tests.support.parcels import Parcel

BLOCK = 8_192
RULES = {"registers": load_domain("registers", 1)}


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def subject_of(number: int) -> str:
    return (
        f"land_parcel:{number // 10**8:010}:{number // 10**6 % 100:02}:{number // 10**3 % 1000:03}:{number % 1000:04}"
    )


def examined(number: int) -> Examined:
    subject = subject_of(number)
    event = Event("", "", "", subject, 4, "", "", (), "", {})
    return Examined(Record("registers", 0, number, b"", b""), event, None)


def parcel_state() -> object:
    """A parcel after its recording, a valuation and a title."""
    parcel = Parcel()
    parcel.record("1/2", "1/2")
    return parcel.state


async def fill(pool, streams: int) -> None:
    async with pool.acquire() as connection:
        await migrate(connection, "litopys.postgres.sql.ledger", "ledger")
        await connection.execute("truncate stream")
        state = RULES["registers"].encode_state(parcel_state())
        print(f"state: {len(state)} bytes")
        for first in range(0, streams, 100_000):
            rows = [(subject_of(n), 3, n, state) for n in range(first, min(first + 100_000, streams))]
            await connection.copy_records_to_table("stream", records=rows)
        await connection.execute("vacuum analyze stream")
        size = await connection.fetchval("select pg_total_relation_size('stream')")
        print(f"table and index: {size / (1 << 20):.0f} MiB")


async def go_over(pool, standings: StreamStandings, numbers: list[int]) -> None:
    began, spent = resident_mib(), 0.0
    for first in range(0, len(numbers), BLOCK):
        block = [examined(n) for n in numbers[first : first + BLOCK]]
        started = time.perf_counter()
        async with pool.acquire() as connection:
            streams = await standings.load(connection, block, rules=RULES)
        spent += time.perf_counter() - started
        changed = {subject: Stream(4, stream.last_index, stream.state) for subject, stream in streams.items()}
        standings.hold(changed)
        standings.release(format_streams(changed, rules=RULES, sectors=dict.fromkeys(changed, "registers")))
        if (first // BLOCK) % 16 == 0:
            print(f"{first + len(block):>9} events: {resident_mib():6.0f} MiB resident, {len(standings)} in memory")
    each = 1e6 * spent / len(numbers)
    print(f"{resident_mib() - began:+.0f} MiB over {len(numbers)} events; loading {each:.1f} µs a stream")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--streams", type=int, default=1_000_000)
    parser.add_argument("--capacity-mib", type=int, default=64)
    given = parser.parse_args()
    pool = await open_pool(given.database_url)
    await fill(pool, given.streams)
    standings = StreamStandings(capacity_bytes=given.capacity_mib << 20)
    print(f"before: {resident_mib():.0f} MiB")
    await go_over(pool, standings, list(range(given.streams)))
    await go_over(pool, standings, random.sample(range(given.streams), given.streams // 4))
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
