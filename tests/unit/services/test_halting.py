"""Who must stop keeps still for ever; who is asked to end meanwhile ends all the same, and says why he stopped."""

import asyncio
from types import SimpleNamespace

import pytest

from litopys.errors import Halted
from services.sealer import lives
from services.sealer.standing import Standing as SealerStanding
from services.validator import check
from services.validator.standing import Standing as ValidatorStanding

pytestmark = pytest.mark.anyio

TIMEOUT_S = 5


@pytest.fixture(params=[(lives, SealerStanding), (check, ValidatorStanding)], ids=["sealer", "validator"])
def living(request, monkeypatch):
    """`living(halts_when_asked_to_end=…)` starts lives of a sealer or a validator that find broken integrity."""
    module, make_standing = request.param

    def start(*, halts_when_asked_to_end):
        async def live_once(_setting):
            try:
                await asyncio.sleep(TIMEOUT_S if halts_when_asked_to_end else 0)
            finally:
                raise ExceptionGroup("one life", [Halted("two roots")])

        monkeypatch.setattr(module, "live_once", live_once)
        standing = make_standing()
        return standing, asyncio.create_task(module.live(SimpleNamespace(standing=standing)))

    return start


async def test_a_halt_is_for_ever(living):
    standing, task = living(halts_when_asked_to_end=False)
    done, _ = await asyncio.wait([task], timeout=0.1)
    assert not done
    assert standing.halted == "Halted: two roots"
    task.cancel()
    await asyncio.wait([task], timeout=TIMEOUT_S)
    assert task.cancelled()


async def test_a_halt_while_asked_to_end_ends(living):
    standing, task = living(halts_when_asked_to_end=True)
    await asyncio.sleep(0.05)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=TIMEOUT_S)
    assert done, "it keeps still although it was asked to end"
    assert task.cancelled()
    assert standing.halted == "Halted: two roots"
