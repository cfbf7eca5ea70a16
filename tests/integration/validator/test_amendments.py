"""A validator under amendments: it lets no block count that names another than it knows, and never forgets one."""

import dataclasses

import pytest

from litopys.ledger.amending import amend_network
from tests.support.live_network import LiveNetwork, own_votes, until
from tests.support.simulated import Simulated

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

FIRST = 2


@pytest.fixture
async def live(kafka, topics_prefix):
    async with LiveNetwork.start(kafka, topics_prefix, simulated=Simulated()) as network:
        yield network


def amended(live, **versions):
    return amend_network(live.network, [live.simulated.amendment(live.network, FIRST, **versions)])


async def seal(live, number):
    await live.publish(f"thing:{number}")
    return await live.seal()


async def again(validator, network):
    """Start a validator again with other files beside its network file."""
    await validator.pause()
    validator.equipment = dataclasses.replace(validator.equipment, network=network)
    validator.resume()


async def test_who_lacks_an_amendment_stands_still_and_goes_on_once_it_is_there(live, database, tmp_path):
    before, after = live.network, amended(live, registers=2)
    async with live.validator("kyiv", database, tmp_path) as kyiv:
        live.network = after
        for number in range(FIRST + 2):
            await seal(live, number)
        await kyiv.reached(height=FIRST - 1)
        await until(lambda: _dropped(kyiv), what="the block that it cannot let count is passed over")
        assert [height for _, height in await own_votes(kyiv.pool)] == [0, 1], "it voted for what it does not know"
        await again(kyiv, amend_network(before, [live.simulated.amendment(before, FIRST, energy=2)]))
        await until(lambda: _dropped(kyiv), what="another amendment does not help")
        await again(kyiv, after)
        await kyiv.reached(height=FIRST + 1)
        await again(kyiv, before)
        assert "another amendment" in await kyiv.halted()
        await again(kyiv, after)


async def _dropped(validator):
    from litopys.service import metrics  # noqa: PLC0415

    seen = metrics.BLOCKS_DROPPED.labels("amendment")._value.get()
    if seen > getattr(validator, "seen", 0):
        validator.seen = seen
        return True
    return False


async def test_an_amendment_that_comes_too_late_is_not_taken(live, database, tmp_path):
    async with live.validator("kyiv", database, tmp_path) as kyiv:
        for number in range(FIRST + 1):
            await seal(live, number)
        await kyiv.reached(height=FIRST)
        await again(kyiv, amended(live, registers=2))
        assert "another amendment" in await kyiv.halted()
        async with kyiv.pool.acquire() as connection:
            assert await connection.fetchval("select max(height) from block") == FIRST
