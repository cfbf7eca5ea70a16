"""A sector whose Postgres refuses: what it cannot record is answered with 503, and nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from litopys.errors import Unavailable
from litopys.event.cloudevents import parse_event
from litopys.ledger.rejections import Reason
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_history
from litopys.postgres.sector_verdicts import State
from litopys.service import gate, patience, relay
from tests.support.refusing import (
    DISK_FULL,
    STATEMENT_TIMEOUT,
    TOO_MANY_CONNECTIONS,
    end_sessions,
    read_only_server,
    refusing,
    wait_refused,
)
from tests.support.toy_http import Client, ToyHttp
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

BOX = {"label": "shoes", "keeper": {"name": "Оля", "phone": "123"}}
OF_THE_COMMAND = ("stream", "event", "outbox", "disclosure", "idempotency")
OF_THE_RELAY = ("signed", "publication", "follow_position", "final_block", "final_range", "rejection")
STATES = (DISK_FULL, TOO_MANY_CONNECTIONS, STATEMENT_TIMEOUT)


@pytest.fixture(autouse=True)
def brief_pauses(monkeypatch):
    monkeypatch.setattr(relay, "_NEXT_TERM_S", 0.05)
    monkeypatch.setattr(patience, "_LONGEST_PAUSE_S", 0.2)


@pytest.fixture
async def client(toy) -> AsyncIterator[Client]:
    one = (await ToyHttp.over(toy)).as_("o:7", "disclose")
    async with one.http:
        yield one


@asynccontextmanager
async def everything(toy):
    """The toy lives; the ledger refuses what adds 13."""
    toy.ledger.fault = lambda record: Reason.RULE if b'"count":13' in record.value else None
    async with toy.life():
        yield


def check_unavailable(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:litopys:problem:unavailable"
    assert int(answer.headers["retry-after"]) > 0


async def open_box(client: Client, key: str) -> httpx2.Response:
    return await client.post(f"boxes/{key}/open", BOX, Idempotency_Key=f"open-{key}")


async def readiness(client: Client) -> dict[str, str | None]:
    """What is missing; the status says the same."""
    answer = await client.http.get("/readyz")
    missing = {name: what for name, what in answer.json()["checks"].items() if what is not None}
    assert answer.status_code == (503 if missing else 200)
    return missing


async def check_once(toy, keys: list[str]) -> None:
    """Each box was opened once, here and on the ledger, which refused what it must and no copy of anything."""
    for key in keys:
        assert (await toy.settled(Address(f"box:{key}", 1))).state is State.FINAL
        assert len(await load_history(toy.world.pool, f"box:{key}")) == 1
    assert Counter(toy.ledger.reasons)[Reason.STREAM_VERSION] == 0
    assert len(toy.ledger.admitted) == await toy.world.pool.fetchval("select count(*) from event")


async def test_what_a_command_cannot_write_is_answered_with_503_and_said_again(toy, client, monkeypatch):
    monkeypatch.setattr(gate, "DOUBT_S", 0.5)
    async with everything(toy):
        assert await readiness(client) == {}
        for number, table in enumerate(OF_THE_COMMAND):
            async with refusing(toy.world.dsn, table, state=STATES[number % len(STATES)]):
                check_unavailable(await open_box(client, f"b{number}"))
                assert "record" in (await readiness(client))["topic"]
            assert (await open_box(client, f"b{number}")).status_code == 202
        await until(lambda: is_ready(client))
        await check_once(toy, [f"b{number}" for number in range(len(OF_THE_COMMAND))])


async def is_ready(client: Client) -> bool:
    return await readiness(client) == {}


async def test_what_the_relay_cannot_write_waits_and_goes_on_by_itself(toy, client):
    keys = [f"b{number}" for number in range(len(OF_THE_RELAY))]
    async with everything(toy):
        for number, (key, table) in enumerate(zip(keys, OF_THE_RELAY, strict=True)):
            async with refusing(toy.world.dsn, table, state=STATES[number % len(STATES)]) as refusals:
                assert (await open_box(client, key)).status_code == 202
                refused = await toy.add(f"b{number}", 13, version=1)
                await wait_refused(refusals)
            assert (await toy.settled(refused)).state is State.REJECTED
    for key in keys:
        history = [parse_event(e.value).name for e in await load_history(toy.world.pool, f"box:{key}")]
        assert history == ["box_opened", "voided"]
    assert Counter(toy.ledger.reasons) == {Reason.RULE: len(keys)}, "nothing was published twice"


async def test_a_server_that_can_only_be_read(toy, client):
    async with everything(toy):
        assert (await open_box(client, "before")).status_code == 202
        await toy.settled(Address("box:before", 1))
        async with read_only_server(toy.world.dsn):
            await until(lambda: is_read_only(client))
            check_unavailable(await open_box(client, "b1"))
            assert (await client.get("boxes/before")).status_code == 200, "reading goes on"
            await end_sessions(toy.world.dsn)  # as a standby that takes over has none of them
            check_unavailable(await open_box(client, "b1"))
        await until(lambda: is_ready(client))
        assert (await open_box(client, "b1")).status_code == 202
        await check_once(toy, ["before", "b1"])


async def is_read_only(client: Client) -> bool:
    return (await readiness(client)).get("database") == "it can only be read"


async def test_a_status_that_cannot_be_read_takes_no_acknowledgement_back(toy, client, monkeypatch):
    """The database goes away between the commit and the answer of one who waits for the verdict."""
    async with everything(toy):
        status = toy.board.status

        async def away(_address):
            raise Unavailable("the session ended")

        monkeypatch.setattr(toy.board, "status", away)
        answer = await client.post("boxes/b1/open", BOX, Prefer="wait=5")
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        monkeypatch.setattr(toy.board, "status", status)
        await check_once(toy, ["b1"])
