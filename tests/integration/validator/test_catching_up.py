"""A validator whose records Kafka no longer has: it takes them from a peer that proves them, and from no other."""

import json
from contextlib import AsyncExitStack

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.local.ports import free_ports
from litopys.replica import catch_up
from litopys.service import metrics
from litopys.steps import Moment, Step
from tests.support.cutting import ENDINGS, CutOff, InMidst, moments
from tests.support.live_network import LiveNetwork, own_votes, until
from tests.support.refusing import at_once, let_in, shut_out
from tests.support.serving import served

pytestmark = pytest.mark.anyio

TABLES = {
    "block": "height, note, text_hash, blocks_offset, first_index, size, root, rejected",
    "entry": "*",
    "tile": "*",
    "stream": "*",
    "rejection": "*",
    "position": "*",
}


class Changing:
    """An ASGI application in front of another that changes the bodies of some paths."""

    def __init__(self, app, *, prefix="", change=None):
        self.app, self.prefix, self.change = app, prefix, change

    async def __call__(self, scope, receive, send):
        is_changed = scope["type"] == "http" and self.change and scope["path"].startswith(self.prefix)

        async def changed(message):
            if is_changed and message["type"] == "http.response.body" and message.get("body"):
                message = message | {"body": self.change(message["body"])}
            await send(message)

        await self.app(scope, receive, changed)


def flip_last(body):
    return body[:-2] + bytes([body[-2] ^ 1]) + body[-1:]


def flip_middle(body):
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


def other_offset(body):
    shown = json.loads(body)
    # the same length, so that Content-Length holds
    return json.dumps(shown | {"offset": 9 - shown["offset"]}, separators=(",", ":"), ensure_ascii=False).encode()


def changing(prefix, change):
    return lambda app: Changing(app, prefix=prefix, change=change)


@pytest.fixture
async def scene(kafka, topics_prefix, database, spare_databases, tmp_path, monkeypatch):
    """lviv has three final blocks of which Kafka has forgotten two; kyiv has an empty database."""
    monkeypatch.setattr(catch_up, "CHUNK_ENTRIES", 4)
    ports = free_ports(3)
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    async with AsyncExitStack() as closing:
        live = await closing.enter_async_context(LiveNetwork.start(kafka, topics_prefix, urls=urls))
        other = await spare_databases.lend()
        closing.push_async_callback(spare_databases.take_back, other)
        lviv = await closing.enter_async_context(live.validator("lviv", other, tmp_path))
        for version in range(1, 4):
            for number in range(4):
                await live.publish(f"thing:{number}", version)
            await live.publish("thing:0", 99)
            await live.seal()
            await lviv.finalise(height=version - 1, names=["odesa", "dnipro", "log"])
            await lviv.final(height=version - 1)
        forget(live, await read_ends(lviv))
        yield live, lviv, database, ports


async def read_ends(lviv):
    """Where the second block's records end."""
    rows = await lviv.pool.fetch("select topic, partition, next_offset from position where topic not like '%cosign%'")
    return {(row["topic"], row["partition"]): row["next_offset"] - 1 for row in rows}


def forget(live, before):
    """Let Kafka lose all records before an offset of each partition, as retention would."""
    admin = AdminClient({"bootstrap.servers": live.bootstrap})
    asked = [TopicPartition(*place, offset) for place, offset in before.items()]
    for future in admin.delete_records(asked).values():
        future.result(10)


async def contents(pool):
    return {
        table: sorted(map(tuple, await pool.fetch(f"select {columns} from {table}")))
        for table, columns in TABLES.items()
    }


async def goes_on(live, kyiv, lviv):
    """A block from Kafka follows the fetched ones, and is voted on; both databases are the same."""
    await kyiv.reached(height=2)
    await live.publish("thing:1", 4)
    await live.seal()
    await kyiv.reached(height=3)
    await lviv.reached(height=3)
    assert await own_votes(kyiv.pool) == [((await kyiv.reached(height=3)).size, 3)]
    await kyiv.finalise(height=3, names=["odesa", "log"])
    await kyiv.final(height=3)

    async def is_same():
        return {**await contents(kyiv.pool), "position": 0} == {**await contents(lviv.pool), "position": 0}

    await until(is_same, what="equal databases")


async def test_from_a_peer_when_kafka_has_forgotten(scene, tmp_path):
    live, lviv, database, ports = scene
    async with served(live, "lviv", lviv.database, ports[1]), live.validator("kyiv", database, tmp_path) as kyiv:
        await goes_on(live, kyiv, lviv)


LIES = {
    "entry": ("/tile/entries", flip_middle),
    "tile": ("/tile/0", flip_middle),
    "list": ("/rejected/1", flip_last),
    "record": ("/rejected/0/0", flip_last),
    "block": ("/block/1", flip_last),
    "checkpoint": ("/checkpoint", flip_last),
    "offset": ("/api/v1/blocks/2", other_offset),
    "empty": ("/block/0", lambda body: b" " * len(body)),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_peer_is_passed_over(scene, tmp_path, lie):
    live, lviv, database, ports = scene
    prefix, change = LIES[lie]
    failures = metrics.VERIFICATION_FAILURES.labels("peer-ledger")._value
    before = failures.get()
    async with (
        served(live, "lviv", lviv.database, ports[1], wrap=changing(prefix, change)),
        live.validator("kyiv", database, tmp_path) as kyiv,
    ):

        async def is_found_out():
            return failures.get() > before

        await until(is_found_out, what="that the lie is found")
        assert kyiv.standing.halted is None
        async with served(live, "odesa", lviv.database, ports[2]):
            await goes_on(live, kyiv, lviv)


@ENDINGS
async def test_ended_while_catching_up(scene, tmp_path, error):
    live, lviv, database, ports = scene
    for moment in moments([Step.CAUGHT_UP]):
        cut_off = CutOff(moment, times=2, error=error)
        async with (
            served(live, "lviv", lviv.database, ports[1]),
            live.validator("kyiv", database, tmp_path, passing=cut_off) as kyiv,
        ):
            await kyiv.reached(height=2)
            assert cut_off.left == 0
            await kyiv.pause()
            await kyiv.pool.execute("truncate block, entry, tile, stream, rejection, position, final_checkpoint")


async def test_its_postgres_goes_away_while_it_catches_up(scene, tmp_path, postgres_server):
    live, lviv, database, ports = scene
    admin = postgres_server.admin_dsn
    second = InMidst(Moment(Step.CAUGHT_UP, is_done=False), lambda: at_once(shut_out(admin, database)), after=1)
    async with (
        served(live, "lviv", lviv.database, ports[1]),
        live.validator("kyiv", database, tmp_path, passing=second) as kyiv,
    ):

        async def is_told():
            return second.is_done and "not currently accepting" in (kyiv.standing.missing()["core"] or "")

        await until(is_told, what="that it says what it waits for")
        await let_in(admin, database)
        await goes_on(live, kyiv, lviv)


async def test_nobody_ahead_means_waiting_not_halting(scene, tmp_path):
    live, lviv, database, ports = scene
    async with live.validator("kyiv", database, tmp_path) as kyiv:

        async def waits():
            return kyiv.standing.fault and "no peer is ahead" in kyiv.standing.fault

        await until(waits, what="that it says whom it waits for")
        assert kyiv.standing.halted is None
        async with served(live, "lviv", lviv.database, ports[1]):
            await goes_on(live, kyiv, lviv)
