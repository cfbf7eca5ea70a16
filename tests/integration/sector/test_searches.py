"""Searches over HTTP: by terms, by words, by persons; by closed fields only on record."""

import time
from pathlib import Path

import httpx2
import pytest

from litopys.errors import Unavailable
from litopys.event.cloudevents import parse_event
from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_reading import list_streams, load_disclosures, load_history
from litopys.service.app import create_app
from litopys.service.http.callers import caller_check
from litopys.service.http.lists import list_routes
from litopys.service.queries import Reading
from litopys.service.search.indexing import Indexing
from litopys.service.search.searching import Searching
from litopys.service.tokens import load_token_key, make_token_key, sign_token
from litopys.service.writing import Stream, Writer
from litopys.sourcing.facts import Decided
from tests.integration.sector.conftest import ORIGIN
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.sector import TOY, HandOver, OpenBox, seal_hand_over, seal_open

pytestmark = pytest.mark.anyio


class Boxes:
    """Boxes in a store, and a client of their lists."""

    def __init__(self, pool, writer: Writer, client: httpx2.AsyncClient) -> None:
        self.pool, self.writer, self.client = pool, writer, client
        self.streams: dict[str, Stream] = {}
        self.is_closed = False

    async def open(self, key: str, label: str = "shoes", **keeper: str) -> None:
        sealing = self.writer.sealing()
        command = seal_open(OpenBox.model_construct(label=label, keeper=_keeper(**keeper)), sealing)
        await self._change(f"box:{key}", Decided("box_opened", 1, command), sealing)

    async def hand_over(self, key: str, **keeper: str) -> None:
        sealing = self.writer.sealing()
        command = seal_hand_over(HandOver(keeper=_keeper(**keeper)), sealing)
        await self._change(f"box:{key}", Decided("handed_over", 1, command), sealing)

    async def fill(self, key: str) -> None:
        await self._change(f"box:{key}", Decided("items_added", 1, toy.ItemsAdded(1, "2026")), None)

    async def _change(self, subject: str, decided: Decided, sealing) -> None:
        before = self.streams.get(subject, Stream(subject, 0, None))
        change, self.streams[subject] = self.writer.change(before, [decided], actor="o:1", sealing=sealing)
        async with transaction(self.pool) as connection:
            await append(connection, [change])

    async def found(self, **asked: str) -> list[str]:
        answer = await self.client.get("/v1/boxes", params=asked)
        assert answer.status_code == 200, answer.text
        return _keys(answer)

    async def check_open(self) -> None:
        if self.is_closed:
            raise Unavailable("the store is catching up with its topic")


def _keeper(**keeper: str):
    return OpenBox.model_validate({"label": "a", "keeper": keeper}).keeper if keeper else None


def _keys(answer) -> list[str]:
    return [item["subject"].removeprefix("box:") for item in answer.json()["items"]]


def problem(answer, status: int, slug: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:litopys:problem:{slug}"
    return answer.json()


@pytest.fixture
def token_key(tmp_path: Path):
    private, _ = make_token_key()
    (tmp_path / "tokens.jwk").write_text(private)
    return load_token_key(tmp_path / "tokens.jwk")


def token(key, *scopes: str) -> dict[str, str]:
    signed = sign_token(key, actor="o:7", now_s=int(time.time()), lifetime_s=600, scopes=scopes)
    return {"Authorization": f"Bearer {signed}"}


@pytest.fixture
async def boxes(pool, token_key):
    writer = Writer(
        origin=ORIGIN, sector="toy", partitions=2, domain=toy.RULES, indexing=Indexing(TOY.searches, b"k" * 32)
    )

    async def check_open() -> None:
        await boxes.check_open()

    async def ready() -> dict[str, None]:
        return {}

    app = create_app(service="sector", name="toy", description="Boxes", ready=ready)
    searching = Searching(Reading(pool, writer), TOY.frame, check_open)
    app.include_router(list_routes(TOY, searching, caller_check(token_key)))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as client:
        boxes = Boxes(pool, writer, client)
        yield boxes


async def test_terms_and_words_are_joined_by_and(boxes):
    await boxes.open("b1", "Взуття зимове")
    await boxes.open("b2", "Взуття літнє")
    await boxes.open("b3", "Капелюхи літні")
    await boxes.fill("b2")
    assert await boxes.found() == ["b1", "b2", "b3"]
    assert await boxes.found(label="Взуття літнє") == ["b2"]
    assert await boxes.found(label="взуття літнє") == []
    assert await boxes.found(text="літнім") == ["b2", "b3"]
    assert await boxes.found(text="літнього ВЗУТТЯ") == ["b2"]
    assert await boxes.found(text="літ", filled="no") == ["b3"]
    assert await boxes.found(filled="yes") == ["b2"]
    assert await boxes.found(text="літнє", label="Взуття зимове") == []


async def test_what_fits_comes_in_pages_that_keep_the_question(boxes):
    for n in range(5):
        await boxes.open(f"b{n}", "взуття", name="Оля")
        await boxes.open(f"c{n}", "капелюхи", name="Оля")
    for first in (
        "/v1/boxes?text=взуттю&limit=2",
        "/v1/boxes?label=взуття&filled=no&limit=2",
        "/v1/boxes?filled=no&limit=2",
        "/v1/boxes?name=Оля&text=взуття&former=true&limit=2",
    ):
        found, pages, path = [], 0, first
        while path:
            page = await boxes.client.get(path)
            found += _keys(page)
            pages += 1
            link = page.headers.get("link")
            path = link and link.split(">")[0][1:]
        assert found == sorted(found)
        assert [key for key in found if key.startswith("b")] == [f"b{n}" for n in range(5)]
        assert pages >= 3


async def test_a_person_is_found_while_it_counts_and_as_a_former_one_when_asked(boxes):
    await boxes.open("b1", name="Оля Коваль", phone="123")
    await boxes.open("b2", name="Роман Коваль", phone="456")
    await boxes.hand_over("b1", name="Петро Коваль", phone="789")
    assert await boxes.found(name="КОВАЛЬ Петро") == ["b1"]
    assert await boxes.found(name="Коваль") == []
    assert await boxes.found(name="Оля Коваль") == []
    assert await boxes.found(name="Оля Коваль", former="true") == ["b1"]
    assert await boxes.found(name="Оля Коваль", former="true", label="hats") == []


@pytest.mark.parametrize(
    ("asked", "status", "slug", "parameter"),
    [
        ({"lable": "shoes"}, 422, "invalid", "lable"),
        ({"phone": "123"}, 422, "invalid", "phone"),
        ({"filled": "half"}, 422, "invalid", "filled"),
        ({"label": ""}, 422, "invalid", "label"),
        ({"text": "x" * 301}, 422, "invalid", "text"),
        ({"former": "perhaps"}, 422, "invalid", "former"),
        ({"text": " — «»"}, 400, "malformed", None),
        ({"name": "'"}, 400, "malformed", None),
        ({"cursor": "AAAA"}, 400, "malformed", None),
    ],
)
async def test_what_cannot_be_asked_is_refused(boxes, asked, status, slug, parameter):
    body = problem(await boxes.client.get("/v1/boxes", params=asked), status, slug)
    if parameter is not None:
        assert body["errors"][0]["parameter"] == parameter


async def test_a_closed_field_finds_nobody_before_the_search_is_on_record(boxes, token_key):
    await boxes.open("b1", name="Оля", phone="380000000123")
    await boxes.hand_over("b1", name="Петро", phone="380000000789")
    asked = {"field": "phone", "value": "380000000789", "office": "нотаріус 77", "why": "спадкова справа"}
    path, may = "/v1/boxes/searches", token(token_key, "disclose")
    problem(await boxes.client.post(path, json=asked), 401, "unauthenticated")
    problem(await boxes.client.post(path, json=asked, headers=token(token_key)), 403, "forbidden")
    problem(await boxes.client.post(path, json=asked | {"field": "label"}, headers=may), 422, "invalid")
    problem(await boxes.client.post(path, json=asked | {"value": "-"}, headers=may), 400, "malformed")
    boxes.is_closed = True
    problem(await boxes.client.post(path, json=asked, headers=may), 503, "unavailable")
    assert await list_streams(boxes.pool, "toy_access", after="", limit=10) == []
    boxes.is_closed = False
    answer = await boxes.client.post(path, json=asked, headers=may)
    assert (answer.status_code, _keys(answer)) == (200, ["b1"])
    assert answer.headers["cache-control"] == "no-store"
    access, _, version = answer.json()["access"].partition("@")
    (stored,) = await load_history(boxes.pool, access)
    event = parse_event(stored.value)
    assert (version, event.type.rsplit(".", 3)[1:]) == ("1", ["toy_access", "searched", "v1"])
    assert event.data["aggregate"] == "box"
    assert len(event.data["_sd"]) == 5
    kept = await load_disclosures(boxes.pool, access, up_to=1)
    assert {one.name for one in kept} == {"who", "office", "why", "field", "value"}
    assert not any(one.is_open for one in kept)
    for secret in ("380000000789", "phone", "спадкова", "нотаріус"):
        assert secret.encode() not in stored.value
    former = asked | {"value": "380000000123"}
    assert _keys(await boxes.client.post(path, json=former, headers=may)) == []
    assert _keys(await boxes.client.post(path, json=former | {"former": True}, headers=may)) == ["b1"]
    assert len(await list_streams(boxes.pool, "toy_access", after="", limit=10)) == 3


async def test_the_openapi_document_tells_what_can_be_asked(boxes):
    document = (await boxes.client.get("/openapi.json")).json()
    parameters = {p["name"]: p for p in document["paths"]["/v1/boxes"]["get"]["parameters"]}
    assert set(parameters) == {"label", "filled", "text", "name", "former", "cursor", "limit"}
    search = TOY.aggregate("box").search
    for name, finds in search.terms.items():
        assert parameters[name]["description"] == finds
    assert parameters["name"]["description"] == search.person_fields["name"]
    assert all(p["in"] == "query" and p.get("description") for p in parameters.values())
