"""Who is accused when sealers do their work under faults: nobody. And what stops a sealer stops it again."""

import asyncio
from contextlib import AsyncExitStack
from hashlib import sha256

import pytest

from services.sealer import lives
from services.sealer.settings import SealerSettings
from services.sealer.standing import Standing
from tests.support.council import Council
from tests.support.sealed import all_sealed
from tests.support.sealer_processes import answers, sealer_processes

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
async def council(kafka, postgres_server, tmp_path):
    """Three real validators; the sealers are real too."""
    async with Council.sit(kafka, postgres_server, tmp_path) as sitting:
        yield sitting


async def accuses_nobody(council):
    """All that was published is sealed and final, and no row of any validator names anybody."""
    blocks = await all_sealed(council.live, timeout_s=60)
    await council.agreed(blocks[-1].block.height)
    for name in council.validators:
        rows = await council.rows(name)
        assert {row["kind"] for row in rows} <= {"lost-race"}
        await council.judge(name, rows, (), None)


class AlwaysElected:
    """An election that everybody wins."""

    is_elected = True

    def __init__(self, *_arguments, **_settings):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_error):
        pass

    def give_way(self):
        pass


async def test_two_sealers_that_both_propose(council, tmp_path, monkeypatch):
    monkeypatch.setattr(lives, "Election", AlwaysElected)
    live = council.live
    async with AsyncExitStack() as closing:
        for name in "ab":
            settings = SealerSettings(
                network_file=tmp_path / "network.json", bootstrap=live.bootstrap, name=name, seal_interval_ms=1
            )
            signers = live.simulated.signer(f"sealer/{name}"), live.simulated.signer("log")
            living = asyncio.create_task(lives.live(lives.Setting(settings, live.network, *signers, Standing())))
            closing.push_async_callback(asyncio.wait, [living])
            closing.callback(living.cancel)
        for _ in range(40):
            await council.publish()
        await accuses_nobody(council)


async def test_kills_of_sealers_a_validator_and_the_broker(council, tmp_path, kafka_server):
    with sealer_processes(council.live, tmp_path) as start:
        sealers = [start(name) for name in "ab"]
        for process in sealers:
            await answers(process, "/readyz", b'"ready":true')
        for number in range(30):
            await council.publish()
            if number in {5, 20}:
                sealers[number == 20].kill()
                sealers[number == 20].start()
            if number == 10:
                await council.validators["kyiv"].pause()
                council.validators["kyiv"].resume()
            if number == 15:
                kafka_server.process(0).kill()
                kafka_server.start()
        await accuses_nobody(council)


async def test_a_sealer_that_saw_two_quorums_stops_at_every_start(live, sealers):
    """It has no database: what stopped it stands on the topic, where the next life reads it again."""
    process = sealers("a")
    await answers(process, "/readyz", b'"ready":true')
    for salt in (b"one", b"two"):
        await live.vote(live.checkpoint(4, sha256(salt).digest()), "kyiv", "lviv", "odesa")
    await answers(process, "/readyz", b"two roots carry a quorum at tree size 4")
    process.kill()
    process.start()
    await answers(process, "/readyz", b"two roots carry a quorum at tree size 4")
    other = sealers("b")
    await answers(other, "/readyz", b"two roots carry a quorum at tree size 4")
