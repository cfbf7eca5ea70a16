"""A sector whose clock jumps by hours, forward and back: its events name odd times, and nothing else changes."""

from datetime import UTC, datetime, timedelta

import pytest

from litopys.event.cloudevents import parse_event
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_outbox import load_backlog
from litopys.postgres.sector_reading import load_history
from litopys.postgres.sector_verdicts import State
from tests.support.toy_http import ToyHttp

pytestmark = pytest.mark.anyio

JUMPS = [timedelta(), timedelta(hours=10), timedelta(hours=-10), timedelta(days=-400), timedelta(days=400)]
MORE = {"count": 1, "valid_from": "2026-01-02"}


async def test_jumps_of_the_clock_lose_and_double_nothing(toy):
    client = (await ToyHttp.over(toy)).as_("o:7")
    versions = range(1, len(JUMPS) + 1)
    async with client.http, toy.life():
        await client.open_box("b1")
        for version, jump in zip(versions, JUMPS, strict=True):
            toy.world.writer.now = lambda jump=jump: datetime.now(UTC) + jump
            for _ in range(2):  # said again under its key after the jump, it is the same
                answer = await client.post(
                    "boxes/b1/add-items", MORE, version=version, Idempotency_Key=f"add-{version}"
                )
                assert (answer.status_code, answer.json()["version"]) == (202, version + 1)
            assert (await load_backlog(toy.world.pool)).age_s >= 0
        for version in versions:
            assert (await toy.settled(Address("box:b1", version + 1))).state is State.FINAL
    named = [datetime.fromisoformat(parse_event(e.value).time) for e in await load_history(toy.world.pool, "box:b1")]
    assert [round((at - datetime.now(UTC)) / timedelta(hours=1)) for at in named[1:]] == [
        jump / timedelta(hours=1) for jump in JUMPS
    ]
    assert toy.ledger.reasons == []
