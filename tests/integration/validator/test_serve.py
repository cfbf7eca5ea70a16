"""The reading role over a database that a real core filled."""

import base64
import hashlib
from contextlib import asynccontextmanager

import asyncpg
import httpx2
import pytest

from litopys.kafka.topics import cosignatures_topic
from litopys.ledger.blocks import parse_block
from litopys.ledger.receipts import verify_receipt
from litopys.ledger.rejections import parse_rejected_list
from litopys.note.notes import parse_note
from litopys.postgres.pool import open_reading_pool
from litopys.tlog.bundles import parse_bundle
from litopys.tlog.tiles import bundles_for_size, format_tile_path, tiles_for_size
from services.validator.serve import serving_app
from tests.support.live_network import until

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def reading(live, database):
    pool = await open_reading_pool(database, name="serve", max_size=4)
    app = serving_app(name="kyiv", database_url=database, pool=pool, network=live.network)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kyiv") as client,
    ):
        yield client
    await pool.close()


async def filled(live, kyiv, *, blocks=3, streams=4):
    """Blocks of one event a stream each, and one refused record a block; all but the last block final."""
    for height in range(blocks):
        for number in range(streams):
            await live.publish(f"thing:{number}", height + 1)
        await live.publish("thing:0", 99)
        await live.seal()
        await kyiv.reached(height=height)
    await kyiv.finalise(height=blocks - 2)
    await kyiv.final(height=blocks - 2)

    async def is_signed():
        query = "select (select count(*) from log_signature) = 1 and (select count(*) from cosignature) = $1"
        return await kyiv.pool.fetchval(query, blocks + 3)

    await until(is_signed, what="the log's signature and all cosignatures")


async def test_the_log_as_tlog_tiles(live, kyiv, database):
    async with reading(live, database) as client:
        assert (await client.get("/checkpoint")).status_code == 404
        await filled(live, kyiv)
        answer = await client.get("/checkpoint")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-cache"
        final = live.network.policy().verify_checkpoint(answer.content)
        assert [line.name.rpartition("/")[2] for line in final.note.lines] == ["one", "kyiv", "lviv", "odesa", "dnipro"]
        size = final.checkpoint.size
        assert size == 10
        for path in tiles_for_size(size):
            tile = await client.get("/" + format_tile_path(path))
            assert len(tile.content) == 32 * path.width
            assert "immutable" in tile.headers["cache-control"]
        for path in bundles_for_size(size):
            bundle = await client.get("/" + format_tile_path(path))
            entries = parse_bundle(bundle.content, path.width)
            leaves = (await client.get("/" + format_tile_path(path).replace("entries", "0"))).content
            assert b"".join(hashlib.sha256(b"\0" + entry).digest() for entry in entries) == leaves


async def test_a_second_one_beside_it_needs_the_database_alone_and_says_the_same(live, kyiv, database):
    await filled(live, kyiv)
    paths = [f"/{format_tile_path(path)}" for path in (*tiles_for_size(10), *bundles_for_size(10))]
    paths += [f"/receipt/{index}" for index in range(10)] + ["/checkpoint", "/block/1", "/api/v1/streams/thing:0"]
    async with reading(live, database) as first, reading(live, database) as second:
        for path in paths:
            one, other = await first.get(path), await second.get(path)
            assert (one.status_code, other.status_code) == (200, 200), path
            assert one.content == other.content, path
        assert (await second.get("/receipt/14")).status_code == 404
        await kyiv.finalise(height=2)
        await kyiv.final(height=2)
        for one in (first, second):
            await until(lambda client=one: _has(client, "/receipt/14"), what="the new block at either")


async def _has(client, path):
    return (await client.get(path)).status_code == 200


async def test_its_sessions_can_change_nothing(live, kyiv, database):
    pool = await open_reading_pool(database, name="serve", max_size=1)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await pool.execute("delete from entry")
    with pytest.raises(asyncpg.UndefinedTableError):
        await pool.fetch("select from nothing")
    assert await pool.fetchval("select 1") == 1, "a failed query leaves a connection that works"
    await pool.close()


MISSING = [
    *("tile/0/000", "tile/0/000.p/0", "tile/0/000.p/16", "tile/0/0", "tile/1/000.p/1", "tile/entries/000"),
    *("tile/entries/000.p/16", "tile/x/000", "receipt/10", "receipt/99", "block/2", "block/9"),
    *("rejected/2", "rejected/9", "rejected/0/1", "api/v1/events/99", "api/v1/blocks/9", "nothing", "tile/"),
    *("api/v1/streams/thing:none", "tile/0/000.p/01", "tile/00/000.p/1", "tile/0/000.p/257"),
]


async def test_what_is_missing_is_404(live, kyiv, database):
    await filled(live, kyiv)
    async with reading(live, database) as client:
        found = {path: (await client.get(f"/{path}")).status_code for path in MISSING}
        assert found == dict.fromkeys(MISSING, 404)


async def test_receipts_of_events_and_blocks(live, kyiv, database):
    await filled(live, kyiv)
    async with reading(live, database) as client:
        for index in range(10):
            answer = await client.get(f"/receipt/{index}")
            verified = verify_receipt(answer.content, live.network.policy())
            assert (verified.index, len(verified.cosigners)) == (index, 3)
            assert answer.headers["content-type"].startswith("text/plain")
            entry = (await client.get(f"/api/v1/events/{index}")).json()
            assert base64.b64decode(entry["entry"]) == verified.entry
            assert entry["kind"] == ("block" if index in {4, 9} else "event")
            assert entry["status"] == "final"
        assert (await client.get("/api/v1/events/10")).json()["status"] == "sealed"


async def test_blocks_and_rejections(live, kyiv, database):
    await filled(live, kyiv)
    async with reading(live, database) as client:
        block = parse_block(parse_note((await client.get("/block/1")).content).text)
        shown = (await client.get("/api/v1/blocks/1")).json()
        assert base64.b64decode(shown["hash"]) == block.hash
        assert (shown["events"], shown["rejected"], shown["tree_size"], shown["offset"]) == (4, 1, 10, 1)
        assert (shown["status"], shown["time"]) == ("final", "2027-01-15T08:00:00Z")
        assert (await client.get("/api/v1/blocks/2")).json()["status"] == "sealed"
        raw = (await client.get("/rejected/1")).content
        (line,) = parse_rejected_list(raw)
        assert line.reason == "stream-version"
        record = (await client.get("/rejected/1/0")).content
        signature_size = int.from_bytes(record[:4], "big")
        assert record[8 + signature_size :] == live.simulated.event("thing:0", 99)
        first = (await client.get("/api/v1/blocks?limit=2")).json()
        rest = (await client.get("/api/v1/blocks", params={"limit": 2, "cursor": first["next"]})).json()
        assert [b["height"] for b in first["blocks"] + rest["blocks"]] == [2, 1, 0]
        assert rest["next"] is None
        page = (await client.get("/api/v1/rejections?limit=1")).json()
        rest = (await client.get("/api/v1/rejections", params={"cursor": page["next"]})).json()
        assert [r["height"] for r in page["rejections"] + rest["rejections"]] == [0, 1]


async def test_streams_and_addresses(live, kyiv, database):
    await filled(live, kyiv)
    async with reading(live, database) as client:
        page = (await client.get("/api/v1/streams/thing:2?limit=2")).json()
        rest = (await client.get("/api/v1/streams/thing:2", params={"cursor": page["next"]})).json()
        assert [e["event"]["streamversion"] for e in page["entries"] + rest["entries"]] == [3, 2, 1]
        assert page["version"] == 3
        other = await client.get("/api/v1/streams/thing:1", params={"cursor": page["next"]})
        assert other.status_code == 404

        async def address(subject, version):
            query = {"subject": subject, "version": version}
            return (await client.get("/api/v1/events/by-address", params=query)).json()

        assert [(await address("thing:2", v))["status"] for v in (1, 2, 3, 4)] == [
            "final",
            "final",
            "sealed",
            "pending",
        ]
        assert (await address("thing:2", 2))["index"] == page["entries"][1]["index"]
        refused = await address("thing:0", 99)
        assert (refused["status"], refused["reason"], len(refused["rejections"])) == ("rejected", "stream-version", 2)
        assert (await client.get("/api/v1/blocks?cursor=nonsense")).status_code == 400
        assert (await client.get("/api/v1/events/by-address?subject=none&version=1")).status_code == 422


async def test_votes_of_a_validator(live, kyiv, database):
    await filled(live, kyiv)
    async with reading(live, database) as client:
        page = (await client.get("/api/v1/votes?validator=kyiv&limit=2")).json()
        rest = (await client.get("/api/v1/votes", params={"validator": "kyiv", "cursor": page["next"]})).json()
        assert [vote["size"] for vote in page["votes"] + rest["votes"]] == [5, 10, 15]
        above = (await client.get("/api/v1/votes?validator=kyiv&above=5")).json()
        assert [vote["size"] for vote in above["votes"]] == [10, 15]
        assert (await client.get("/api/v1/votes?validator=nobody")).json()["votes"] == []


async def test_evidence_says_whom_it_accuses_and_whom_not(live, kyiv, database):
    await filled(live, kyiv)
    first = await kyiv.reached(height=1)
    for root in (first.root, bytes(32)):
        await live.vote(live.checkpoint(first.size, root), "lviv")
    own = live.simulated.vote(live.checkpoint(first.size, first.root), "odesa")
    renamed = own.replace(b"/odesa ", b"/lviv ")
    await live.put(cosignatures_topic(live.network.topics), renamed)
    await kyiv.evidence(kind="wrong-key")
    await kyiv.evidence(kind="vote-elsewhere")
    async with reading(live, database) as client:
        pages, cursor = [], {}
        while not pages or pages[-1]["next"]:
            pages.append((await client.get("/api/v1/evidence", params={"limit": 1, **cursor})).json())
            cursor = {"cursor": pages[-1]["next"]}
        shown = {one["kind"]: one for page in pages for one in page["evidence"]}
        assert len(shown) == len(pages) - 1 == 3, "each once, and an empty page at the end"
        assert shown["double-vote"]["accused"] == {"role": "validator", "name": "lviv"}
        assert shown["double-vote"]["words"] == "validator lviv cosigned two roots at one tree size"
        assert shown["double-vote"]["size"] == first.size
        assert shown["wrong-key"]["accused"] is None
        assert "not accused" in shown["wrong-key"]["words"]
        assert base64.b64decode(shown["wrong-key"]["first"]) == renamed
        whole = (await client.get("/api/v1/evidence")).json()
        assert [one["kind"] for one in whole["evidence"]] == [one["kind"] for page in pages for one in page["evidence"]]
        assert (await client.get("/api/v1/evidence?cursor=nonsense")).status_code == 400


async def test_it_is_ready_and_tells_its_heights(live, kyiv, database):
    await filled(live, kyiv)
    async with reading(live, database) as client:
        assert (await client.get("/readyz")).json() == {"ready": True, "checks": {"database": None}}
        assert "litopys_final_height_blocks 1.0" in (await client.get("/metrics")).text
        document = (await client.get("/openapi.json")).json()
        assert "/receipt/{index}" in document["paths"]


async def test_many_addresses_at_once(live, kyiv, database):
    await filled(live, kyiv)
    async with reading(live, database) as client:
        entries = [(await client.get(f"/api/v1/events/{index}")).json() for index in (*range(4), *range(5, 9), 10)]
        addresses = [f"{one['event']['subject']}@{one['event']['streamversion']}" for one in entries]
        asked = [*addresses, "thing:none@1", f"{entries[0]['event']['subject']}@99"]
        answer = await client.post("/api/v1/events/by-address", json={"addresses": asked})
        found = answer.json()["standings"]
        assert [one["address"] for one in found] == asked
        assert [one["index"] for one in found] == [*(one["index"] for one in entries), None, None]
        assert [one["status"] for one in found] == [*(one["status"] for one in entries), "pending", "pending"]
        assert {one["type"] for one in found[:-2]} == {one["event"]["type"] for one in entries}
        for wrong in ([], ["thing"], ["thing:a@0"], ["thing:a@1"] * 257, ["Thing:a@1"]):
            refused = await client.post("/api/v1/events/by-address", json={"addresses": wrong})
            assert refused.status_code == 422, wrong
