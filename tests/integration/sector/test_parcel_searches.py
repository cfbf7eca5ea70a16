"""Land parcels are found by what officers ask for: settlement, purpose, words, holder; the holder on record only."""

import time
from pathlib import Path

import httpx2
import pytest

from litopys.event.cloudevents import parse_event
from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.service.app import create_app
from litopys.service.http.callers import caller_check
from litopys.service.http.lists import list_routes
from litopys.service.queries import Reading
from litopys.service.search.indexing import Indexing
from litopys.service.search.searching import Searching
from litopys.service.tokens import load_token_key, make_token_key, sign_token
from litopys.service.writing import Stream, Writer
from litopys.sourcing.commands import Approve
from litopys.sourcing.context import Context
from services.registers.domain import DOMAINS
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.decide import DECIDER
from services.registers.domain.land_parcel.state import Details
from services.registers.persons import PlainPerson, seal_person
from services.registers.sector import SECTOR
from tests.integration.sector.conftest import ORIGIN
from tests.support.driving import CONTRACT

pytestmark = pytest.mark.anyio
SEARCHES = "/v1/land-parcels/searches"
WHY = {"office": "нотаріус", "why": "спадкова справа"}


class Cadastre:
    """Parcels in a store, changed by one officer and approved by another."""

    def __init__(self, pool) -> None:
        self.pool = pool
        indexing = Indexing(SECTOR.searches, b"k" * 32)
        self.writer = Writer(origin=ORIGIN, sector="registers", partitions=2, domain=DOMAINS[1], indexing=indexing)
        self.streams: dict[str, Stream] = {}

    async def record(self, number: str, *owners: tuple[str, ...], **details: str) -> None:
        said = {"address": None, "category": None, "purpose_code": None, "purpose": None, "use": None}
        said |= {"ownership": "private", **details}
        sealing = self.writer.sealing()
        command = c.RecordParcel(
            as_of="2021-11-03",
            area_m2=34800,
            details=Details(**said),
            boundary=None,
            basis=CONTRACT,
            owners=_owning(owners, sealing),
            owned_since="2015" if owners else None,
        )
        await self._do(number, command, sealing)

    async def transfer(self, number: str, *owners: tuple[str, ...]) -> None:
        sealing = self.writer.sealing()
        owning = _owning(owners, sealing)
        command = c.TransferTitle(owners=owning, ground="sale", valid_from="2026-03-01", basis=CONTRACT)
        await self._do(number, command, sealing)

    async def approve(self, number: str) -> None:
        proposal = self.streams[number].version
        await self._do(number, Approve(proposal=proposal), self.writer.sealing(), actor="person:two@office")

    async def _do(self, number: str, command: object, sealing, actor: str = "person:one@office") -> None:
        stream = self.streams.get(number, Stream(f"land_parcel:{number}", 0, None))
        context = Context(
            subject=stream.subject, version=stream.version, actor=actor, time="2026-11-23T10:00:00.000Z",
            facts={} if stream.version == 0 else await self._facts(stream),
        )  # fmt: skip
        decided = DECIDER.decide(command, stream.state, context)
        change, self.streams[number] = self.writer.change(stream, decided, actor=actor, sealing=sealing)
        async with transaction(self.pool) as connection:
            await append(connection, [change])

    async def _facts(self, stream: Stream):
        history = await Reading(self.pool, self.writer).history(stream.subject, after=0, limit=100)
        return {stored.version: self.writer.domain.fact(parse_event(stored.value)) for stored, _ in history}


def _owning(owners, sealing) -> tuple[c.Owning, ...]:
    def person(name: str):
        code = "".join(str(ord(letter) % 10) for letter in name)[:10].ljust(10, "3")
        return seal_person(sealing, PlainPerson(kind="natural", name=name, code=code, document=None, address=None))

    return tuple(c.Owning(share=f"1/{len(owners)}", persons=tuple(map(person, names))) for names in owners)


@pytest.fixture
async def cadastre(pool):
    return Cadastre(pool)


@pytest.fixture
async def client(cadastre, tmp_path: Path):
    private, _ = make_token_key()
    (tmp_path / "tokens.jwk").write_text(private)
    key = load_token_key(tmp_path / "tokens.jwk")

    async def open_() -> None:
        """Everything is always open here."""

    async def ready() -> dict[str, None]:
        return {}

    app = create_app(service="sector", name="registers", description="Registers", ready=ready)
    reading = Reading(cadastre.pool, cadastre.writer)
    app.include_router(list_routes(SECTOR, Searching(reading, SECTOR.frame, open_), caller_check(key)))
    token = sign_token(key, actor="o:7", now_s=int(time.time()), lifetime_s=600, scopes=("disclose",))
    transport = httpx2.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://registers", headers=headers) as client:
        yield client


async def found(client, **asked: str) -> list[str]:
    answer = await client.get("/v1/land-parcels", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["subject"].removeprefix("land_parcel:") for item in answer.json()["items"]]


async def held_by(client, **asked: object) -> list[str]:
    answer = await client.post(SEARCHES, json={"field": "name", **WHY, **asked})
    assert answer.status_code == 200, answer.text
    return [item["subject"].removeprefix("land_parcel:") for item in answer.json()["items"]]


A, B, C = "5322081200:00:001:0001", "5322081200:00:002:0002", "3220881300:04:001:0012"


async def test_parcels_are_found_by_settlement_purpose_ownership_and_words(cadastre, client):
    field = "Для ведення товарного сільськогосподарського виробництва"
    await cadastre.record(A, purpose_code="01.01", purpose=field, address="Полтавська область, с. Вільне, поле №3")
    await cadastre.record(B, purpose_code="02.01", purpose="Для будівництва житла", address="с. Вільне, вул. Лісова, 4")
    await cadastre.record(C, purpose_code="01.01", purpose=field, ownership="communal")
    assert await found(client, settlement="5322081200") == [A, B]
    assert await found(client, settlement="5322081200", purpose="01.01") == [A]
    assert await found(client, purpose="01.01") == [C, A]
    assert await found(client, ownership="communal", status="live") == [C]
    assert await found(client, text="сільськогосподарське виробництво") == [C, A]
    assert await found(client, text="товарне виробництво вільному") == [A]
    assert await found(client, text="вільне лісову 4") == [B]
    assert await found(client, status="ended") == []
    refused = await client.get("/v1/land-parcels", params={"settlement": "Вільне"})
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "settlement")
    unknown = await client.get("/v1/land-parcels", params={"name": "Коваль Олена"})
    assert unknown.status_code == 422


async def test_a_holder_is_found_while_holding_and_joint_holders_with_the_first_of_them(cadastre, client):
    await cadastre.record(A, ("Коваль Олена", "Коваль Петро"), ("Мельник Ірина",))
    await cadastre.record(B, ("Коваль Олена",))
    assert await held_by(client, value="Олена Коваль") == [A, B]
    assert await held_by(client, value="коваль петро") == [A]
    assert await held_by(client, value="Коваль") == []
    await cadastre.transfer(A, ("Бондар Марко", "Бондар Яна"))
    assert await held_by(client, value="Бондар Яна") == []
    await cadastre.approve(A)
    assert await held_by(client, value="Бондар Яна") == [A]
    assert await held_by(client, value="Бондар Марко") == [A]
    for gone in ("Коваль Петро", "Мельник Ірина"):
        assert await held_by(client, value=gone) == []
        assert await held_by(client, value=gone, former=True) == [A]
    assert await held_by(client, value="Коваль Олена") == [B]


async def test_a_code_that_stands_for_none_finds_nobody(client):
    answer = await client.post(SEARCHES, json={"field": "code", "value": "0000000000", **WHY})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:litopys:problem:malformed")
