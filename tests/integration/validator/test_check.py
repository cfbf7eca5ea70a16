"""One real checking core on a real Kafka and Postgres; sector, sealer, log and the other validators are played."""

import pytest

from tests.support.live_network import LiveNetwork, own_votes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def live(kafka, topics_prefix):
    async with LiveNetwork.start(kafka, topics_prefix) as network:
        yield network


async def test_blocks_are_stored_voted_on_and_become_final(live, database, tmp_path):
    async with live.validator("kyiv", database, tmp_path) as kyiv:
        for height in range(3):
            for number in range(5):
                await live.publish(f"thing:{number}", height + 1)
            await live.seal()
            block = await kyiv.reached(height=height)
            assert (block.size, block.rejected) == (6 * (height + 1), 0)
            await kyiv.finalise(height=height, names=["lviv", "odesa", "log"])
            await kyiv.final(height=height)
        assert await own_votes(kyiv.pool) == [(6, 0), (12, 1), (18, 2)]
