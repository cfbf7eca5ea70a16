import pytest

from tests.support.live_network import LiveNetwork


@pytest.fixture
async def live(kafka, topics_prefix):
    """A fresh network whose sectors, sealer, log and other validators the test plays."""
    async with LiveNetwork.start(kafka, topics_prefix) as network:
        yield network


@pytest.fixture
async def kyiv(live, database, tmp_path):
    """The checking core of one of its four validators."""
    async with live.validator("kyiv", database, tmp_path) as running:
        yield running
