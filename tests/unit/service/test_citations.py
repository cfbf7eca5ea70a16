"""What cited events are said to be: own ones by the store, others by validators, and what has to be proved."""

import httpx2
import pytest

from litopys.errors import Unavailable
from litopys.postgres.sector_changes import Address
from litopys.service.citations import Citations
from litopys.service.validators import MOST_ADDRESSES, Standing, Validators
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

NETWORK = Simulated().network()
FILLED = "ua.gov.litopys.toy.box.items_added.v1"
VOIDED = "ua.gov.litopys.toy.box.voided.v1"


class Store:
    """Answers the queries for the status of one address and of many."""

    def __init__(self, **known):
        self.known = known

    async def fetch(self, _query, subjects, versions):
        found = [(subjects, versions)] if isinstance(subjects, str) else zip(subjects, versions, strict=True)
        return [
            {"subject": s, "version": v, "height": None, **self.known[s.partition(":")[2]]}
            for s, v in found
            if s.partition(":")[2] in self.known
        ]


def known(*, reason=None, index=None, sealed=False):
    return {"reason": reason, "index": index, "sealed": sealed}


class Elsewhere:
    def __init__(self, standings, proved=()):
        self.told = standings
        self.proved = proved
        self.asked = []

    async def standings(self, addresses):
        self.asked.append(list(addresses))
        return {address: self.told[address] for address in addresses if address in self.told}

    async def is_voided(self, address, index):
        if self.proved is None:
            raise Unavailable("nobody answers")
        return (address, index) in self.proved


async def test_own_events_are_looked_up_in_the_store_and_all_others_asked_for_at_once():
    store = Store(final=known(index=3), sealed=known(sealed=True), new=known(), gone=known(reason="rule"))
    elsewhere = Elsewhere({Address("box:b1", 2): Standing(7, FILLED)})
    names = [f"toy:{name}@1" for name in ("final", "sealed", "new", "gone")] + ["box:b1@2", "box:b2@1", "box:b1@2"]
    found = await Citations(store, elsewhere).look(names)
    assert found.missing == {"toy:sealed@1", "toy:new@1", "box:b2@1"}
    assert found.refused == {"toy:gone@1"}
    assert elsewhere.asked == [[Address("box:b1", 2), Address("box:b2", 1)]]
    assert await Citations(store, elsewhere).not_final(names) == found.missing | found.refused


async def test_nobody_is_asked_about_own_events():
    elsewhere = Elsewhere({})
    assert await Citations(Store(final=known(index=3)), elsewhere).not_final(["toy:final@1"]) == set()
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("proved", "refused"), [([(Address("box:b1", 2), 7)], True), ([(Address("box:b1", 2), 8)], False), (None, False)]
)
async def test_that_a_cited_event_was_refused_for_good_is_believed_with_proof_only(proved, refused):
    elsewhere = Elsewhere({Address("box:b1", 2): Standing(7, VOIDED)}, proved)
    found = await Citations(Store(), elsewhere).look(["box:b1@2"])
    assert (found.refused, found.missing) == ((({"box:b1@2"}, set())) if refused else (set(), {"box:b1@2"}))


def standing(address, status="final", index=7, kind=FILLED):
    return {"address": address, "status": status, "index": index, "type": kind}


class Peers:
    """Validators over fake HTTP: by host, what each says of an address."""

    def __init__(self, **says):
        self.says = says
        self.asked = []

    def validators(self):
        return Validators(NETWORK, httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer)))

    def _answer(self, request):
        host = request.url.host.partition(".")[0]
        asked = httpx2.Response(200, content=request.content).json()["addresses"]
        self.asked.append((host, len(asked)))
        if host not in self.says:
            return httpx2.Response(503)
        answer = self.says[host](asked)
        return answer if isinstance(answer, httpx2.Response) else httpx2.Response(200, json={"standings": answer})


def everything(asked):
    return [standing(address) for address in asked]


def nothing(asked):
    return [standing(address, "pending", None, None) for address in asked]


ADDRESSES = [Address(f"box:b{number}", 1) for number in range(MOST_ADDRESSES + 10)]


async def test_many_are_asked_for_with_one_request():
    peers = Peers(kyiv=everything)
    found = await peers.validators().standings(ADDRESSES)
    assert set(found) == set(ADDRESSES)
    assert peers.asked == [("kyiv", MOST_ADDRESSES), ("kyiv", 10)]


async def test_one_that_lags_holds_nobody_back():
    peers = Peers(kyiv=nothing, odesa=lambda asked: [*everything(asked[:1]), *nothing(asked[1:])], dnipro=nothing)
    assert await peers.validators().standings(ADDRESSES[:3]) == {ADDRESSES[0]: Standing(7, FILLED)}
    assert peers.asked == [("kyiv", 3), ("lviv", 3), ("odesa", 3), ("dnipro", 2)]


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: everything(asked[::-1]),
        lambda asked: everything(asked[1:]),
        lambda asked: [standing(address, "final", None, None) for address in asked],
        lambda asked: [standing(address, "sealed") for address in asked],
        lambda _asked: httpx2.Response(200, content=b"[]"),
        lambda _asked: httpx2.Response(200, content=b"\xff"),
        lambda _asked: httpx2.Response(404),
    ],
)
async def test_whatever_is_answered_wrongly_says_nothing(answer):
    assert await Peers(kyiv=answer, lviv=answer).validators().standings(ADDRESSES[:2]) == {}


@pytest.mark.parametrize(("kind", "is_voided"), [(VOIDED, True), (FILLED, False), ("x.voided", False), ("", False)])
def test_which_types_say_that_nothing_is_there(kind, is_voided):
    assert Standing(1, kind).is_said_voided is is_voided
