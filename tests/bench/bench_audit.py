"""How many entries a second an audit of a database goes through: python -m tests.bench.bench_audit [EVENTS].

Fills a database by the validator's own admission, without Kafka and without votes; signatures in batches of 64.
"""

import asyncio
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from deploy.local.postgres import create_database, find_postgres
from litopys.audit.database import audit_database
from litopys.event.streams import partition_of
from litopys.kafka.topics import network_topics
from litopys.ledger.chain import Counted
from litopys.postgres import ledger_identity as identity
from litopys.postgres.ledger_store import ensure_entry_partitions, write_block
from litopys.postgres.migrations import migrate
from litopys.replica.admit import Admission
from litopys.replica.streams import StreamStandings
from litopys.tlog.tree import TreeEdge
from tests.support.live_network import CountingDomain
from tests.support.simulated import Simulated

BLOCK_EVENTS = 4_096
STREAM_EVENTS = 4


async def fill(connection, simulated, network, events):
    edge, standings = TreeEdge(), StreamStandings(capacity_bytes=1 << 28)
    admission = Admission(
        network=network, load_domain=lambda _sector, _rules: CountingDomain(), edge=edge, standings=standings
    )
    previous, ends = network.digest, dict.fromkeys(range(simulated.partitions), 0)
    for height in range(-(-events // BLOCK_EVENTS)):
        values = {number: [] for number in ends}
        for number in range(height * BLOCK_EVENTS, min(events, (height + 1) * BLOCK_EVENTS)):
            stream, version = divmod(number, STREAM_EVENTS)
            subject = f"thing:{stream:09}"
            value = simulated.event(subject, version + 1, data={"note": "Київ " * 40})
            values[partition_of(subject, simulated.partitions)].append(value)
        records = []
        for partition, run in values.items():
            for start in range(0, len(run), 64):
                some = run[start : start + 64]
                records += simulated.batch(some, partition=partition, first=ends[partition])
                ends[partition] += len(some)
        block = simulated.block(height, previous, records)
        previous = block.hash
        counted = Counted(block, block.hash, simulated.block_note(block), height, records)
        admitted = await admission.admit(counted, connection)
        async with connection.transaction():
            await write_block(connection, admitted.write)
        admission.stored(admitted.write)


async def measure(dsn, events):
    connection = await asyncpg.connect(dsn)
    simulated = Simulated(partitions=8)
    network = simulated.network()
    await migrate(connection, "litopys.postgres.sql.ledger", "ledger")
    await identity.pin_identity(connection, origin=network.origin, network_digest=network.digest, validator="kyiv")
    await identity.pin_kafka(connection, cluster_id="bench", topic_ids=dict.fromkeys(network_topics(network), "id"))
    await ensure_entry_partitions(connection, 0)
    await fill(connection, simulated, network, events)
    await connection.close()
    started = time.perf_counter()
    report = await audit_database(dsn, network, load_rules=lambda _sector, _rules: CountingDomain())
    took = time.perf_counter() - started
    entries, peak = report.counts["entries"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{entries:,} entries in {took:.1f} s: {entries / took:,.0f} a second; peak {peak:.0f} MB")
    print({one.what for one in report.findings if one.place != "vote"} or "nothing found but the lack of votes")


def main(events):
    """Start a Postgres of its own, fill it, audit it."""
    folder = Path(tempfile.mkdtemp(prefix="litopys-"))
    folder.chmod(0o755)
    server = find_postgres(folder / "postgres", durable=False)
    try:
        server.start()
        asyncio.run(measure(asyncio.run(create_database(server, "audit")), events))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
