"""Sealers as processes on a real Kafka; sectors and validators are played."""

import secrets

import pytest

from tests.support.live_network import LiveNetwork
from tests.support.sealer_processes import sealer_processes
from tests.support.sealing import with_two_sealers
from tests.support.simulated import Simulated


@pytest.fixture
async def live(kafka, topics_prefix):
    """A fresh network with two sealers; its validators do not answer over HTTP."""
    simulated = Simulated()
    document = simulated.document
    simulated.document = lambda: _changed(document(), simulated)  # type: ignore[method-assign]
    async with LiveNetwork.start(kafka, topics_prefix, simulated=simulated) as network:
        yield network


def _changed(document, simulated):
    with_two_sealers(simulated)(document)
    return document


@pytest.fixture
def sealers(live, server_folder):
    """`sealers("a")` starts the process of sealer a; whatever still runs is killed at the end."""
    folder = server_folder / secrets.token_hex(4)
    folder.mkdir()
    with sealer_processes(live, folder) as start:
        yield start
