"""An import that leaves room reads evenly, and never more than it may."""

from itertools import pairwise

import pytest

from litopys.service.imports.throttle import Throttle

pytestmark = pytest.mark.anyio


class Clock:
    """Passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize(("rate", "batch"), [(400, 100), (1_000_000, 1_000), (1, 1), (0.1, 1), (None, 1_000)])
def test_a_batch_is_what_a_moment_may_bring(clock, rate, batch):
    assert Throttle(rate, clock=clock, sleep=clock.sleep).batch_rows(1_000) == batch


async def test_rows_come_evenly_at_their_rate(clock):
    throttle = Throttle(400, clock=clock, sleep=clock.sleep)
    written = []
    for _ in range(9):
        await throttle.wait(100)
        written.append(clock.now)
        clock.now += 0.1  # what the writing takes
    assert written[0] == 100.0
    assert [later - earlier for earlier, later in pairwise(written)] == [pytest.approx(0.25)] * 8


async def test_time_that_was_lost_is_not_made_up_for(clock):
    throttle = Throttle(400, clock=clock, sleep=clock.sleep)
    await throttle.wait(100)
    clock.now += 60.0
    await throttle.wait(100)
    assert clock.now == 160.0
    await throttle.wait(100)
    assert clock.now == pytest.approx(160.25)


async def test_without_a_rate_nobody_waits(clock):
    throttle = Throttle(None, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        await throttle.wait(1_000)
    assert clock.now == 100.0
