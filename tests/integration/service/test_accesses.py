"""Closed fields leave only on record and only to who is granted each; and a person is told who looked."""

import pytest

from litopys.event.cloudevents import parse_event
from litopys.event.disclosures import digest, find_digests, parse_disclosure
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_disclosures, load_history
from litopys.postgres.sector_verdicts import State
from litopys.steps import Step
from tests.support.cutting import ENDINGS, CutOff, Killed, moments, name_of
from tests.support.databases import tampering
from tests.support.toy_http import COURT, ToyHttp, read_only

pytestmark = pytest.mark.anyio

PHONE = "380441234567"
ASKED = {"office": "notary 77", "why": "sale", "fields": ["phone"]}


@pytest.fixture
async def http(toy) -> ToyHttp:
    return await ToyHttp.over(toy)


async def recorded(toy) -> list[str]:
    rows = await toy.world.pool.fetch("select subject from stream where subject like 'toy_access:%'")
    return [row["subject"] for row in rows]


async def sealed(toy, access: str) -> dict[str, object]:
    """What an access event has sealed, by name."""
    rows = await load_disclosures(toy.world.pool, access.partition("@")[0], up_to=1)
    return {one.name: parse_disclosure(one.disclosure).value for one in rows}


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        (["disclose"], 200),
        (["disclose:box"], 200),
        (["disclose:box.phone"], 200),
        (["disclose:box:b1"], 200),
        (["disclose:box:b1#phone"], 200),
        ([], 403),
        (["disclose:box.name", "disclose:crate", "disclose:box:b2", "disclose:box:b2#phone"], 403),
    ],
)
async def test_each_closed_field_is_granted_by_the_token(toy, http, scopes, status):
    who = http.as_("o:7", *scopes)
    async with toy.life():
        await who.open_box("b1")
        answer = await who.post("boxes/b1/accesses", ASKED | {"fields": ["phone", "name"]})
        assert answer.status_code == status
        assert len(await recorded(toy)) == (1 if status == 200 else 0)
        assert (PHONE in answer.text) is False
        if status == 200:
            assert {i["name"] for i in answer.json()["items"]} == {"phone", "name"}


async def test_what_was_asked_is_recorded_and_by_whom_is_not_told(toy, http):
    who = http.as_("o:7", "disclose")
    async with toy.life():
        await who.open_box("b1", phone=None)
        answer = await who.done("boxes/b1/accesses", ASKED)
        assert answer["items"] == [], "nobody has a phone, and that is known now: it is on record"
        said = await sealed(toy, answer["access"])
        assert said == {"who": "o:7", "office": "notary 77", "why": "sale", "fields": ["phone"]}
        (event,) = await load_history(toy.world.pool, answer["access"].partition("@")[0])
        for secret in (b"o:7", b"notary", b"sale", b"phone"):
            assert secret not in event.value


async def test_a_field_that_does_not_exist_is_refused_before_anything_is_recorded(toy, http):
    who = http.as_("o:7", "disclose")
    async with toy.life():
        await who.open_box("b1")
        answer = await who.post("boxes/b1/accesses", ASKED | {"fields": ["phone", "fone"]})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-field")
        assert (await who.post("boxes/none/accesses", ASKED)).status_code == 404
        assert await recorded(toy) == []


async def test_what_cannot_be_recorded_is_not_released(toy, http):
    who = http.as_("o:7", "disclose", "supervise", code=PHONE)
    requests = [("accesses", ASKED), ("who-looked", {}), ("access-log", {"office": "o", "why": "w"})]
    async with toy.life():
        await who.open_box("b1")
        async with read_only(toy.world):
            for path, body in requests:
                answer = await who.post(f"boxes/b1/{path}", body)
                assert answer.status_code == 503, path
                assert "items" not in answer.json()
    for path, body in requests:
        answer = await who.post(f"boxes/b1/{path}", body)
        assert answer.status_code == 503, "no relay has caught up with the topic"
    assert (await who.get("boxes/b1/disclosures")).status_code == 503
    assert await recorded(toy) == []


async def test_a_person_is_told_who_looked(toy, http):
    officer, person, stranger = http.as_("o:7", "disclose"), http.as_("c:1", code=PHONE), http.as_("c:2", code="1")
    async with toy.life():
        await officer.open_box("b1")
        first = (await officer.done("boxes/b1/accesses", ASKED))["access"]
        second = (await officer.done("boxes/b1/accesses", ASKED | {"why": "gift", "fields": ["name"]}))["access"]
        told = await person.done("boxes/b1/who-looked", {})
        assert [item["access"] for item in told["items"]] == [first, second]
        told = await person.done("boxes/b1/who-looked", {})
        values = [{n: parse_disclosure(d).value for n, d in i["disclosures"].items()} for i in told["items"]]
        assert values[0] == {"who": "o:7", "office": "notary 77", "why": "sale", "fields": ["phone"]}
        assert (values[1]["why"], values[1]["fields"]) == ("gift", ["name"])
        assert (values[2]["who"], values[2]["fields"]) == ("c:1", ["accesses"])
        # Each is a proof: its digest stands in the event that is on the ledger.
        (event,) = await load_history(toy.world.pool, first.partition("@")[0])
        digests = find_digests(parse_event(event.value).data)
        assert {digest(one) for one in told["items"][0]["disclosures"].values()} == digests
        assert (await stranger.post("boxes/b1/who-looked", {})).status_code == 403
        assert (await officer.post("boxes/b1/who-looked", {})).status_code == 403
        assert len(await recorded(toy)) == 4, "who is refused leaves no record of a look that never was"


async def test_a_closed_disclosure_shows_who_one_is_and_an_open_one_does_not(toy, http):
    officer, bearer = http.as_("o:7", "disclose"), http.as_("c:1")
    async with toy.life():
        await officer.open_box("b1")
        await officer.open_box("b2")
        items = (await officer.done("boxes/b1/accesses", ASKED | {"fields": ["name", "phone"]}))["items"]
        closed, open_ = (next(i["disclosure"] for i in items if i["name"] == name) for name in ("phone", "name"))
        told = await bearer.done("boxes/b1/who-looked", {"disclosure": closed})
        assert len(told["items"]) == 1
        assert (await bearer.post("boxes/b1/who-looked", {"disclosure": open_})).status_code == 403
        assert (await bearer.post("boxes/b2/who-looked", {"disclosure": closed})).status_code == 403
        assert (await bearer.post("boxes/b1/who-looked", {"disclosure": closed[:-2]})).status_code == 400


async def test_a_person_is_not_told_of_looks_at_others(toy, http):
    """An access to a field that this person never had in the object is nobody's business but the others'."""
    officer, person = http.as_("o:7", "disclose"), http.as_("c:1", code=PHONE)
    async with toy.life():
        await officer.open_box("b1")
        async with tampering(toy.world.dsn) as connection:
            await connection.execute("delete from disclosure where subject = 'box:b1' and name = 'name'")
        await officer.done("boxes/b1/accesses", ASKED | {"fields": ["name"]})
        seen = (await officer.done("boxes/b1/accesses", ASKED))["access"]
        told = await person.done("boxes/b1/who-looked", {})
        assert [item["access"] for item in told["items"]] == [seen]


async def test_who_supervises_is_told_all_in_pages(toy, http):
    officer, supervisor = http.as_("o:7", "disclose"), http.as_("s:1", "supervise:box")
    async with toy.life():
        await officer.open_box("b1")
        expected = [(await officer.done("boxes/b1/accesses", ASKED))["access"] for _ in range(3)]
        body = {"office": "ombudsman", "why": "complaint 12"}
        pages, path = [], "boxes/b1/access-log?limit=1"
        while path:
            pages.append(await supervisor.done(path, body))
            path = pages[-1]["next"] and f"boxes/b1/access-log?limit=1&cursor={pages[-1]['next']}"
        assert [item["access"] for page in pages for item in page["items"]] == expected
        assert (await sealed(toy, pages[0]["access"]))["why"] == "complaint 12"
        assert len(await recorded(toy)) == len(expected) + len(pages), "each page is on record"
        assert (await officer.post("boxes/b1/access-log", body)).status_code == 403
        assert (await supervisor.post("boxes/b1/access-log", {})).status_code == 422


async def test_an_access_of_which_the_disclosures_are_lost_is_told_all_the_same(toy, http):
    officer, person = http.as_("o:7", "disclose"), http.as_("c:1", code=PHONE)
    async with toy.life():
        await officer.open_box("b1")
        access = (await officer.done("boxes/b1/accesses", ASKED))["access"]
        await toy.settled(Address(access.partition("@")[0], 1))
        async with tampering(toy.world.dsn) as connection:
            await connection.execute("delete from disclosure where subject like 'toy_access:%'")
        told = await person.done("boxes/b1/who-looked", {})
        assert [(i["access"], i["disclosures"]) for i in told["items"][:1]] == [(access, {})]


async def test_a_person_who_is_erased_is_told_by_a_disclosure_but_not_by_a_code(toy, http):
    one, two = http.as_("o:1", "erase", "disclose"), http.as_("o:2", "erase")
    person, bearer = http.as_("c:1", code=PHONE), http.as_("c:1")
    async with toy.life():
        keeper = await one.open_box("b1")
        (item,) = (await one.done("boxes/b1/accesses", ASKED))["items"]
        key = await one.ask("erasures", {"subject": "box:b1", "person": keeper}, up_to=1, basis=COURT)
        await one.done(f"erasures/{key}/erase", {}, version=1)
        await two.done(f"erasures/{key}/approve", {"proposal": 2}, version=2)
        assert (await person.post("boxes/b1/who-looked", {})).status_code == 403
        told = await bearer.done("boxes/b1/who-looked", {"disclosure": item["disclosure"]})
        assert len(told["items"]) == 1


LOOKS = {
    "a field": ("boxes/b1/accesses", ASKED),
    "who looked": ("boxes/b1/who-looked", {}),
    "all looks": ("boxes/b1/access-log", {"office": "o", "why": "w"}),
    "a search": ("boxes/searches", {"office": "o", "why": "w", "field": "phone", "value": PHONE}),
}


@ENDINGS
@pytest.mark.parametrize("moment", moments([Step.ON_RECORD]), ids=name_of)
@pytest.mark.parametrize("look", LOOKS)
async def test_nothing_is_shown_where_the_record_of_it_is_cut_off(toy, look, moment, error):
    """Lost, it leaves no record; taken with its reply lost, it is on record though nobody saw anything."""
    path, body = LOOKS[look]
    cut_off = CutOff(moment, times=2, error=error)
    http = await ToyHttp.over(toy, cut_off)
    who = http.as_("o:7", "disclose", "supervise", code=PHONE)
    async with toy.life():
        await who.open_box("b1")
        for times in (1, 2):
            await shows_nothing(who, path, body, error)
            assert len(await recorded(toy)) == (times if moment.is_done else 0)
        answer = await who.done(path, body)
        assert answer["items"] or look != "a field"
        accesses = await recorded(toy)
        assert len(accesses) == (3 if moment.is_done else 1)
        assert answer["access"].partition("@")[0] in accesses
        for access in accesses:
            assert (await sealed(toy, access))["who"] == "o:7"
            assert (await toy.settled(Address(access, 1))).state is State.FINAL
    assert cut_off.left == 0


async def shows_nothing(who, path, body, error):
    """Ask for what is cut off: a process that lives says so, one that is killed says nothing."""
    if error is Killed:
        with pytest.raises(BaseException) as ended:
            await who.post(path, body)
        leaves = [ended.value]
        while isinstance(leaves[0], BaseExceptionGroup):
            leaves = leaves[0].exceptions
        assert isinstance(leaves[0], Killed)
        return
    answer = await who.post(path, body)
    assert answer.status_code == 503
    assert answer.json().keys() <= {"type", "title", "status", "detail", "code", "instance"}
