"""What the others show over HTTP, outside Kafka: heads are compared, own votes are found again."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.ports import free_ports
from litopys.kafka.topics import cosignatures_topic
from litopys.note.notes import parse_note
from litopys.service.run import serve
from tests.support.live_network import LiveNetwork, on_topic
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

LIE = b"\x01" * 32


class Peer:
    """A validator's interface of which the test says what it answers."""

    def __init__(self):
        self.checkpoint = None
        self.votes = []

    def app(self):
        async def checkpoint(_request):
            return Response(status_code=404) if self.checkpoint is None else Response(self.checkpoint)

        async def votes(request):
            above = int(request.query_params["above"])
            found = [vote for vote in self.votes if vote["size"] > above]
            return JSONResponse({"validator": "kyiv", "votes": found, "next": None})

        return Starlette(routes=[Route("/checkpoint", checkpoint), Route("/api/v1/votes", votes)])


@asynccontextmanager
async def answering(peer, port):
    stopping = asyncio.Event()
    task = asyncio.create_task(serve(peer.app(), host="127.0.0.1", port=port, stopping=stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


@pytest.fixture
async def scene(kafka, topics_prefix, database, tmp_path):
    """kyiv, which looks at lviv every moment; one block is sealed, nobody else has voted."""
    (port,) = free_ports(1)
    peer = Peer()
    async with (
        answering(peer, port),
        LiveNetwork.start(kafka, topics_prefix, urls=["http://127.0.0.1:9", f"http://127.0.0.1:{port}"]) as live,
        live.validator("kyiv", database, tmp_path, peer_interval_s=0.1) as kyiv,
    ):
        await live.publish("thing:1")
        await live.seal()
        yield live, kyiv, peer, await kyiv.reached(height=0)


async def test_a_quorum_that_kafka_hides_is_seen_at_a_peer(scene):
    live, kyiv, peer, block = scene
    peer.checkpoint = live.simulated.final_note(live.checkpoint(block.size, block.root))
    await kyiv.final(height=0)


async def test_a_quorum_elsewhere_at_a_peer_stops(scene):
    live, kyiv, peer, block = scene
    peer.checkpoint = live.simulated.final_note(live.checkpoint(block.size, LIE), ("log", "lviv", "odesa", "dnipro"))
    assert "QuorumElsewhere" in await kyiv.halted()
    assert await kyiv.evidence(kind="quorum-elsewhere")


@pytest.mark.parametrize("names", [("log", "lviv", "odesa"), ("lviv", "odesa", "dnipro")])
async def test_a_head_that_does_not_verify_is_evidence_against_the_peer_alone(scene, names):
    live, kyiv, peer, block = scene
    peer.checkpoint = live.simulated.final_note(live.checkpoint(block.size, LIE), names)
    (row,) = await kyiv.evidence(kind="peer-head")
    assert (row["who"], row["first"]) == ("lviv", peer.checkpoint)
    assert await kyiv.pool.fetchval("select count(*) from cosignature where validator <> 'kyiv'") == 0
    assert kyiv.standing.halted is None


async def test_own_votes_that_only_a_peer_has_seen_are_taken_before_anything_is_signed(
    kafka, topics_prefix, database, tmp_path
):
    (port,) = free_ports(1)
    peer = Peer()
    urls = ["http://127.0.0.1:9", f"http://127.0.0.1:{port}"]
    async with answering(peer, port), LiveNetwork.start(kafka, topics_prefix, urls=urls) as live:

        def shown(note):
            parsed = parse_note(note)
            _, size, root = parsed.text.decode().split("\n")[:3]
            return {"size": int(size), "root": root, "timestamp": 0, "line": note.decode().split("\n\n")[1].strip()}

        mine = live.simulated.vote(live.checkpoint(2, LIE), "kyiv")
        forged = Simulated().vote(live.checkpoint(4, LIE), "lviv")
        peer.votes = [shown(forged), {"size": 2}, shown(mine)]  # the forged must not hide ours
        async with live.validator("kyiv", database, tmp_path) as kyiv:
            await live.publish("thing:1")
            await live.seal()
            assert "our key has cosigned" in await kyiv.halted()
            assert await on_topic(live, cosignatures_topic(live.network.topics)) == []
