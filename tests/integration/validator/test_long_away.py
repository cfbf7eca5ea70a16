"""A validator that was away for long: it catches up from Kafka while the load goes on, and its votes count again."""

import asyncio
import secrets

import pytest

from deploy.local.postgres import create_database, drop_database
from tests.support.live_network import own_votes, until

pytestmark = pytest.mark.anyio

OTHERS = ("odesa", "dnipro", "log")
MISSED = 40
"""More heights than a validator may vote ahead of what is final."""
EVENTS = 20


class Load:
    """Blocks, one after another, each final by lviv and those that the test plays."""

    def __init__(self, live, lviv):
        self.live, self.lviv = live, lviv
        self.versions = 0

    async def block(self, events):
        self.versions += 1
        records = [
            self.live.simulated.record_of(f"thing:{number}", self.versions, offset=0) for number in range(events)
        ]
        await self.live.publish_records(records)
        block = await self.live.seal()
        await self.lviv.finalise(height=block.height, names=OTHERS)

    async def go_on(self):
        while True:
            await self.block(EVENTS)


@pytest.fixture
async def lviv(live, postgres_server, tmp_path):
    name = f"test_{secrets.token_hex(6)}"
    database = await create_database(postgres_server, name)
    async with live.validator("lviv", database, tmp_path) as running:
        yield running
    await drop_database(postgres_server, name)


async def test_it_catches_up_under_load_and_votes_in_time_again(live, kyiv, lviv):
    load = Load(live, lviv)
    await load.block(EVENTS)
    await kyiv.final(height=0)
    await kyiv.pause()
    for _ in range(MISSED):
        await load.block(EVENTS)
    missed_to = live.height
    kyiv.resume()
    loading = asyncio.create_task(load.go_on())
    try:

        async def is_abreast():
            assert not loading.done(), loading.exception()
            return kyiv.standing.height > missed_to and kyiv.standing.height >= lviv.standing.height - 1

        await until(is_abreast, what="that it has caught up", timeout_s=60)
        abreast_at = live.height
        for height in range(abreast_at + 1, abreast_at + 4):
            await kyiv.final(height=height)
        assert not loading.done(), "the load went on"
    finally:
        loading.cancel()
        await asyncio.wait([loading])
    await kyiv.reached(height=live.height)
    await lviv.reached(height=live.height)
    assert [height for _, height in await own_votes(kyiv.pool)] == list(range(live.height + 1))
    roots = "select height, size, root from block order by height"
    assert await kyiv.pool.fetch(roots) == await lviv.pool.fetch(roots)
