"""The HTTP conventions of a sector, over the toy."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from deploy.local.ports import free_ports
from litopys.ledger.receipts import verify_receipt
from litopys.postgres.sector_reading import load_disclosures, load_history
from litopys.postgres.sector_requests import load_digest_key
from litopys.service.commands import Desk
from litopys.service.http.application import SectorWorld, sector_app
from litopys.service.run import serve
from litopys.service.tokens import load_token_key, make_token_key, sign_token
from litopys.service.validators import Validators
from tests.support.toy_sector.sector import TOY

pytestmark = pytest.mark.anyio

BOX = {"label": "shoes", "keeper": {"name": "Оля", "phone": "123"}}


@pytest.fixture
def token_key(tmp_path: Path):
    private, _ = make_token_key()
    path = tmp_path / "tokens.jwk"
    path.write_text(private)
    return load_token_key(path)


@pytest.fixture
async def application(toy, token_key):
    """The toy's application; the world behind it is not running yet."""
    world = SectorWorld(
        sector=TOY,
        writer=toy.world.writer,
        pool=toy.world.pool,
        gate=toy.gate,
        feed=toy.feed,
        board=toy.board,
        validators=Validators(toy.world.network, toy.ledger.client()),
        token_key=token_key,
        digest_key=await load_digest_key(toy.world.pool),
        max_body_bytes=10_000,
    )
    return sector_app(world)


@pytest.fixture
async def http(application, token_key):
    """A client with a token."""
    transport = httpx2.ASGITransport(app=application)
    token = sign_token(token_key, actor="o:7", now_s=int(time.time()), lifetime_s=600, scopes=("disclose",))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy", headers=headers) as client:
        yield client


@asynccontextmanager
async def living(toy):
    async with toy.life():
        yield


def problem(answer: httpx2.Response, status: int, slug: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["type"]) == (status, f"urn:litopys:problem:{slug}")
    return body


async def test_a_command_is_accepted_at_once_and_final_when_one_waits(toy, http):
    async with living(toy):
        answer = await http.post("/v1/boxes/b1/open", json=BOX)
        assert answer.status_code == 202
        assert answer.headers["location"] == "/v1/events/box:b1/1"
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["etag"] == '"1"'
        assert answer.json()["status"] == "pending"
        answer = await http.post(
            "/v1/boxes/b1/add-items",
            json={"count": 2, "valid_from": "2026-01-02"},
            headers={"If-Match": '"1"', "Prefer": "respond-async, wait=20"},
        )
        assert answer.status_code == 201
        assert answer.headers["preference-applied"] == "wait"
        final = answer.json()
        assert final["status"] == "final"
        told = await http.get(answer.headers["location"])
        assert told.json() == final
        assert "immutable" in told.headers["cache-control"]
    assert b'"actor":"o:7"' in toy.ledger.entries[final["index"]]


async def test_waiting_in_vain_is_answered_with_202(toy, http):
    async with toy.life(ledger=False):
        answer = await http.post("/v1/boxes/b1/open", json=BOX, headers={"Prefer": "wait=1"})
        assert answer.status_code == 202
        assert (await http.get("/v1/events/box:b1/1")).json()["status"] == "pending"


async def test_a_receipt_is_verified_before_it_is_passed_on(toy, http):
    async with living(toy):
        await http.post("/v1/boxes/b1/open", json=BOX, headers={"Prefer": "wait=20"})
        answer = await http.get("/v1/events/box:b1/1/receipt")
        assert answer.status_code == 200
        verified = verify_receipt(answer.content, toy.world.network.policy())
        assert verified.content.subject == "box:b1"
        problem(await http.get("/v1/events/box:b2/1/receipt"), 404, "not-found")

        def corrupt(_request, response):
            return httpx2.Response(200, content=response.content[:-9] + b"AAAAAAA=\n")

        toy.ledger.answers = corrupt
        problem(await http.get("/v1/events/box:b1/1/receipt"), 503, "unavailable")


async def test_without_the_topic_nothing_is_accepted_and_readyz_says_why(http):
    answer = problem_retry(await http.post("/v1/boxes/b1/open", json=BOX))
    assert answer == "2"
    ready = await http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["topic"] is not None
    assert ready.json()["checks"]["database"] is None


def problem_retry(answer: httpx2.Response) -> str:
    problem(answer, 503, "unavailable")
    return answer.headers["retry-after"]


async def test_tokens(toy, http, token_key):
    expired = sign_token(token_key, actor="o:7", now_s=1_000, lifetime_s=60)
    async with living(toy):
        for header in ({"Authorization": ""}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {expired}"}):
            answer = await http.post("/v1/boxes/b1/open", json=BOX, headers=header)
            problem(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_versions_are_stated_and_checked(toy, http):
    change = {"count": 2, "valid_from": "2026-01-02"}
    async with living(toy):
        problem(await http.post("/v1/boxes/b1/add-items", json=change), 404, "not-found")
        await http.post("/v1/boxes/b1/open", json=BOX)
        problem(await http.post("/v1/boxes/b1/add-items", json=change), 428, "version-missing")
        stale = {"If-Match": '"2"'}
        problem(await http.post("/v1/boxes/b1/add-items", json=change, headers=stale), 412, "version-passed")
        refused = await http.post("/v1/boxes/b1/take-items", json=change, headers={"If-Match": '"1"'})
        assert problem(refused, 422, "refused")["code"] == "too-few"
        assert len(await load_history(toy.world.pool, "box:b1")) == 1


async def test_the_same_key_has_effect_once(toy, http):
    async with living(toy):
        headers = {"Idempotency-Key": "k-1"}
        first = await http.post("/v1/boxes/b1/open", json=BOX, headers=headers)
        again = await http.post("/v1/boxes/b1/open", json=BOX, headers=headers)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        other = await http.post("/v1/boxes/b1/open", json=BOX | {"label": "hats"}, headers=headers)
        problem(other, 422, "key-reused")
        many = await asyncio.gather(
            *(http.post("/v1/boxes/b2/open", json=BOX, headers={"Idempotency-Key": "k-2"}) for _ in range(8))
        )
        assert {a.status_code for a in many} <= {202, 409}
        assert [a.status_code for a in many].count(202) >= 1
    assert len(await load_history(toy.world.pool, "box:b2")) == 1


@pytest.mark.parametrize("command", ["open", "add-items"])
async def test_a_request_that_overtakes_itself_is_answered_as_before(toy, http, monkeypatch, command):
    """A second copy was looked for, not found, and finds the stream as the first copy leaves it."""
    body = BOX if command == "open" else {"count": 2, "valid_from": "2026-01-02"}
    headers = {"Idempotency-Key": "k-1"} | ({} if command == "open" else {"If-Match": '"1"'})
    load, overtaken = Desk.load, []

    async def load_after_the_first_copy(desk, subject):
        if not overtaken:
            overtaken.append(subject)
            overtaken.append(await http.post(f"/v1/boxes/b1/{command}", json=body, headers=headers))
        return await load(desk, subject)

    async with living(toy):
        if command != "open":
            await http.post("/v1/boxes/b1/open", json=BOX)
        monkeypatch.setattr(Desk, "load", load_after_the_first_copy)
        second = await http.post(f"/v1/boxes/b1/{command}", json=body, headers=headers)
        assert (second.status_code, second.json()) == (202, overtaken[1].json())


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b"{", 400, "#"),
        (json.dumps(BOX | {"extra": "secret-1"}).encode(), 422, "#/extra"),
        (json.dumps(BOX | {"label": "secret-2 !"}).encode(), 422, "#/label"),
        (json.dumps({"label": "a", "keeper": {"name": "secret-3!"}}).encode(), 422, "#/keeper/name"),
    ],
)
async def test_a_problem_says_where_and_never_what(http, body, status, pointer):
    answer = await http.post("/v1/boxes/b1/open", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer, status, "malformed" if status == 400 else "invalid")["errors"][0]["pointer"] == pointer
    assert "secret" not in answer.text


async def test_a_body_without_end_is_refused(http):
    async def endless():
        while True:
            yield b" " * 1_000

    answer = await http.post("/v1/boxes/b1/open", content=endless(), headers={"Content-Type": "application/json"})
    problem(answer, 413, "request-entity-too-large")


async def test_an_object_now_as_recorded_and_as_valid(toy, http):
    async with living(toy):
        await http.post("/v1/boxes/b1/open", json=BOX)
        for version, day in ((1, "2026-03-01"), (2, "2026-02-01")):
            change = {"count": version, "valid_from": day}
            await http.post("/v1/boxes/b1/add-items", json=change, headers={"If-Match": f'"{version}"'})
        now = await http.get("/v1/boxes/b1")
        assert (now.headers["etag"], now.json()["object"]) == ('"3"', {"label": "shoes", "content": 3})
        again = await http.get("/v1/boxes/b1", headers={"If-None-Match": '"3"'})
        assert (again.status_code, again.content) == (304, b"")
        history = (await http.get("/v1/boxes/b1/history")).json()["items"]
        recorded = await http.get("/v1/boxes/b1", params={"recorded_at": history[1]["event"]["time"]})
        assert recorded.json()["object"]["content"] >= 1
        valid = await http.get("/v1/boxes/b1", params={"valid_at": "2026-02-15"})
        assert valid.json()["object"]["content"] == 2
        before = {"recorded_at": "2020-01-01T00:00:00Z"}
        problem(await http.get("/v1/boxes/b1", params=before), 404, "not-found")
        problem(await http.get("/v1/boxes/b1", params={"valid_at": "2026-13-01"}), 400, "malformed")
        problem(await http.get("/v1/boxes/none"), 404, "not-found")


async def test_lists_and_histories_come_in_pages(toy, http):
    async with living(toy):
        for n in range(5):
            await http.post(f"/v1/boxes/b{n}/open", json=BOX)
        keys, path = [], "/v1/boxes?limit=2"
        while path:
            page = await http.get(path)
            keys += [item["subject"] for item in page.json()["items"]]
            link = page.headers.get("link")
            path = link and link.split(">")[0][1:]
        assert keys == [f"box:b{n}" for n in range(5)]
        problem(await http.get("/v1/boxes?cursor=AAAA"), 400, "malformed")
        change = {"count": 1, "valid_from": "2026-01-02"}
        for version in (1, 2):
            await http.post("/v1/boxes/b0/add-items", json=change, headers={"If-Match": f'"{version}"'})
        first = (await http.get("/v1/boxes/b0/history?limit=2")).json()
        rest = (await http.get(f"/v1/boxes/b0/history?limit=2&cursor={first['next']}")).json()
        assert [i["version"] for i in first["items"] + rest["items"]] == [1, 2, 3]
        assert rest["next"] is None


async def test_closed_fields_are_released_only_after_the_access_is_recorded(toy, http, token_key):
    asked = {"office": "notary 77", "why": "sale", "fields": ["phone"]}
    async with living(toy):
        await http.post("/v1/boxes/b1/open", json=BOX)
        public = (await http.get("/v1/boxes/b1/disclosures")).json()
        assert [(i["name"], public["access"]) for i in public["items"]] == [("name", None)]
        answer = await http.post("/v1/boxes/b1/accesses", json=asked)
        assert answer.headers["cache-control"] == "no-store"
        released = answer.json()
        assert [i["name"] for i in released["items"]] == ["phone"]
        subject, _, version = released["access"].partition("@")
        (event,) = await load_history(toy.world.pool, subject)
        assert b"notary" not in event.value
        kept = await load_disclosures(toy.world.pool, subject, up_to=int(version))
        assert {k.name for k in kept} == {"who", "office", "why", "fields"}
        weak = sign_token(token_key, actor="o:8", now_s=int(time.time()), lifetime_s=600)
        headers = {"Authorization": f"Bearer {weak}"}
        problem(await http.post("/v1/boxes/b1/accesses", json=asked, headers=headers), 403, "forbidden")
    # The relay is gone and with it the certainty that an access can be recorded: nothing leaves.
    problem(await http.post("/v1/boxes/b1/accesses", json=asked), 503, "unavailable")


async def test_final_blocks_are_told_from_where_one_left_off(toy, application):
    (port,) = free_ports(1)
    stopping = asyncio.Event()
    async with toy.life(), asyncio.TaskGroup() as group:
        group.create_task(serve(application, host="127.0.0.1", port=port, stopping=stopping, stop_timeout_s=1))
        for n in range(3):
            await toy.settled(await toy.open_box(f"b{n}"))
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            assert await first_heights(client, "-1", 3) == [0, 1, 2]
            assert await first_heights(client, "1", 1) == [2]
        stopping.set()


async def first_heights(client: httpx2.AsyncClient, after: str, count: int) -> list[int]:
    heights = []
    async with client.stream("GET", "/v1/finality/stream", headers={"Last-Event-ID": after}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                heights.append(int(line[4:]))
            if len(heights) == count:
                return heights
    raise AssertionError("the stream ended")


async def test_rejected_events_are_told_to_who_waits(toy, http):
    toy.ledger.fault = lambda record: "rule" if b"shoes" in record.value else None
    async with living(toy):
        answer = await http.post("/v1/boxes/b1/open", json=BOX, headers={"Prefer": "wait=20"})
        assert problem(answer, 409, "rejected")["code"] == "rule"
        assert (await http.get("/v1/events/box:b1/1")).json()["status"] == "rejected"
