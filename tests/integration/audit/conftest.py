"""One validator's database, filled by a real core with everything that its tables can hold; copies of it to tamper."""

import asyncio
import dataclasses
import secrets
from contextlib import asynccontextmanager

import asyncpg
import pytest

from deploy.local.postgres import create_database, drop_database
from litopys.event.signatures import MAX_BATCH
from litopys.event.streams import partition_of
from litopys.kafka.topics import blocks_topic, cosignatures_topic
from tests.support.council import WithSealers
from tests.support.live_network import LiveNetwork, until
from tests.support.simulated import Citation, Simulated

LIE = b"\x07" * 32
STREAMS = 260


class Filled:
    """The network, its file, and the name of the database that tests copy."""

    def __init__(self, live, name, server):
        self.network = live.network
        self.file = live.file
        self.simulated = live.simulated
        self.name = name
        self.server = server

    @asynccontextmanager
    async def copy(self):
        """A copy of its own: gives the DSN."""
        name = f"audit_{secrets.token_hex(6)}"
        admin = await asyncpg.connect(self.server.admin_dsn)
        try:
            await admin.execute(f'create database "{name}" template "{self.name}"')
            yield self.server.dsn(name)
        finally:
            await admin.execute(f'drop database if exists "{name}" with (force)')
            await admin.close()


def signed_in_batches(simulated, subjects):
    """The first events of many streams, as a relay signs them."""
    records = []
    for partition in range(simulated.partitions):
        values = [simulated.event(one) for one in subjects if partition_of(one, simulated.partitions) == partition]
        for start in range(0, len(values), MAX_BATCH):
            records += simulated.batch(values[start : start + MAX_BATCH], partition=partition)
    return records


async def publish_all(live):
    """Three blocks: many streams, then later versions with citations and refusals, then a few of another sector."""
    simulated = live.simulated
    await live.publish_records(signed_in_batches(simulated, [f"thing:{n:03}" for n in range(STREAMS)]))
    await live.seal()
    cites = (Citation("thing:000", 1), Citation("thing:007", 1))
    await live.publish("thing:001", 2, cites=cites)
    await live.publish("thing:001", 3)
    await live.publish("thing:000", 99)
    await live.publish("thing:002", 2, data={"refuse": "value"})
    await live.publish("thing:003", 2, type="ua.gov.litopys.registers.thing.unheard_of.v1")
    await live.publish_record(simulated.record_of("thing:005", 2, offset=0)._replace(signature=b""))
    await live.seal()
    await live.publish("plant:1", sector="energy")
    await live.publish("thing:004", 2)
    await live.seal()


async def lie(live, block):
    """Of every kind of evidence that leaves a validator going on, at least one."""
    await live.vote(live.checkpoint(block.size, LIE), "dnipro")
    await live.vote(live.checkpoint(block.size - 1, LIE), "dnipro")
    thief = Simulated()
    thief.signers["validator/lviv"] = type(thief.signer("validator/lviv"))(
        live.simulated.signer("validator/lviv").vkey._replace(key_id=b"\0\0\0\0"),
        thief.signer("validator/odesa").private,
    )
    note = thief.vote(live.checkpoint(block.size, block.root), "lviv")
    await live.put(cosignatures_topic(live.network.topics), note)
    await live.vote(live.checkpoint(block.size - 1, LIE), "log")
    record = live.simulated.record_of("thing:other", offset=0)
    other = live.simulated.block(0, live.network.digest, [record])
    stranger = Simulated(signers={"sealer/a": live.simulated.signer("sealer/z")})
    for note in (
        live.simulated.block_note(other),
        live.simulated.block_note(other, "b"),
        live.simulated.block_note(dataclasses.replace(other, previous=LIE), "b"),
        stranger.block_note(other),
    ):
        await live.put(blocks_topic(live.network.topics), note)
    await live.publish("thing:006", 2)
    await live.seal()


async def fill(live, dsn, folder):
    async with live.validator("kyiv", dsn, folder) as kyiv:
        await publish_all(live)
        for height in (0, 1, 2):
            await kyiv.finalise(height=height)
            await kyiv.final(height=height)
        await lie(live, await kyiv.reached(height=2))
        await kyiv.reached(height=3)
        await live.vote(
            live.checkpoint((await kyiv.reached(height=3)).size, (await kyiv.reached(height=3)).root), "lviv"
        )

        async def is_settled():
            query = """select (select count(distinct kind) from evidence) = 9 and (select count(*) from vote) = 4
                and (select count(*) from log_signature) = 4
                and (select count(*) from cosignature) = 3 * 4 + 2 + 2"""
            return await kyiv.pool.fetchval(query)

        await until(is_settled, what="votes, lines and evidence")


@pytest.fixture(scope="session")
def filled(kafka_server, postgres_server, tmp_path_factory):
    """Filled once; nobody changes it."""
    name = f"audit_{secrets.token_hex(6)}"

    async def make():
        dsn = await create_database(postgres_server, name)
        async with LiveNetwork.start(
            kafka_server.address, f"audit-{secrets.token_hex(4)}", simulated=WithSealers()
        ) as live:
            await fill(live, dsn, tmp_path_factory.mktemp("audit"))
            return Filled(live, name, postgres_server)

    yield asyncio.run(make())
    asyncio.run(drop_database(postgres_server, name))
