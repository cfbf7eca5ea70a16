"""A sealer cut off and killed before and after each record that it writes: nothing sealed twice, each head signed."""

import asyncio
import dataclasses
from contextlib import asynccontextmanager
from hashlib import sha256

import pytest

from litopys.steps import SEALER, steps_of
from services.sealer.lives import Setting
from services.sealer.lives import live as live_as_sealer
from services.sealer.settings import SealerSettings
from services.sealer.standing import Standing
from tests.support.cutting import ENDINGS, CutOff, live_again_after_kills, moments, name_of
from tests.support.live_network import until
from tests.support.sealed import all_sealed, log_signed

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


def make_setting(live, folder, passing):
    (folder / "network.json").write_bytes(live.file)
    settings = SealerSettings(
        network_file=folder / "network.json", bootstrap=live.bootstrap, name="a", seal_interval_ms=60, seal_delay_ms=5
    )
    signer = live.simulated.signer
    return Setting(settings, live.network, signer("sealer/a"), signer("log"), Standing(), passing)


@asynccontextmanager
async def sealing(setting):
    """A life of a sealer, again and again after every kill, until the block ends."""
    task = asyncio.create_task(
        live_again_after_kills(lambda: live_as_sealer(dataclasses.replace(setting, standing=Standing())))
    )
    yield
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled(), "the sealer lived until it was stopped"


@ENDINGS
@pytest.mark.parametrize("moment", moments(steps_of(SEALER)), ids=name_of)
async def test_a_sealer_stopped_twice_at(live, tmp_path, moment, error):
    cut_off = CutOff(moment, times=2, error=error)
    heads = [live.checkpoint(size, sha256(bytes([size])).digest()) for size in (2, 4, 6)]
    async with sealing(make_setting(live, tmp_path, cut_off)):
        for number, head in enumerate(heads):
            await live.publish(f"thing:{number}")
            await all_sealed(live, timeout_s=60)
            await live.vote(head, "kyiv", "lviv", "odesa")

            async def is_signed(head=head):
                return head in await log_signed(live)

            await until(is_signed, what="signed by the log", timeout_s=60)
    assert cut_off.left == 0, "the step was passed"
    assert [len(block.records) for block in await all_sealed(live)] == [1, 1, 1]
    signed = await log_signed(live)
    assert sorted(set(signed), key=lambda one: one.size) == heads
