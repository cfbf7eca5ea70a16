"""No process writes a personal field to its log, whatever a caller sends: nor to its metrics, nor into a trace."""

import json
import secrets
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest

from deploy.local.layout import url
from tests.e2e.conftest import litopys

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NAME, CODE, PASSPORT, TOWN = "Знаківський Остап Маркович", "3184710696", "паспорт ЯЩ 700119", "Місто Знакове 7"
KEY = "3220881300:04:001:7100"
PARCELS = "/v1/land-parcels"
PERSON = {"kind": "natural", "name": NAME, "code": CODE, "address": TOWN, "document": PASSPORT}
MARKS = (NAME, CODE, PASSPORT, TOWN)
ISSUED = {"kind": "contract", "document": "договір 1482", "issued": "2026-03-02"}


def written(mark):
    """The ways in which a mark may stand in a log."""
    return {mark, json.dumps(mark)[1:-1], quote(mark), repr(mark.encode())[2:-1], mark.encode().hex()}


class Caller:
    def __init__(self, network):
        key = f"--key={network.layout.token_signing_file}"
        self.token = litopys("keys", "token", "registrar-17", key).stdout.strip()
        self.url = url(network.ports.sectors["registers"])
        self.reader = url(network.ports.serve["kyiv"])

    def send(self, path, body=None, *, base=None, token=None, **headers):
        """Send whatever; answers the status and, of an answer that is one, the document."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body, ensure_ascii=False).encode()
        given = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.token}", **headers}
        request = urllib.request.Request(f"{base or self.url}{path}", raw, given)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")


@pytest.fixture
def caller(network):
    return Caller(network)


def transfer(person):
    return {
        "owners": [{"share": "1/1", "persons": [person]}],
        "ground": "sale",
        "basis": ISSUED,
        "valid_from": "2026-03-02",
    }


def holding(person):
    return {"area_m2": 100, "as_of": "2026-03-01", "owner": person, NAME: CODE}


def mistakes(caller):
    """Requests that are refused, with personal data where it belongs and where it does not; answers their statuses."""
    path = f"{PARCELS}/{KEY}/transfer-title"
    match = {"If-Match": '"1"'}
    bodies = [
        *(
            transfer({**PERSON, "code": f"{CODE}x"}),
            transfer({**PERSON, NAME: CODE}),
            transfer({**PERSON, "kind": NAME}),
        ),
        *(transfer({**PERSON, "name": [NAME, CODE]}), transfer({**PERSON, "name": NAME * 400}), holding(PERSON), NAME),
        *(json.dumps(transfer(PERSON)).encode()[:-9], f'{{"owners": {NAME}'.encode(), b"\xff" + NAME.encode()),
        {**transfer(PERSON), "valid_from": NAME},
        {**transfer(PERSON), "basis": {**ISSUED, "kind": NAME}},
    ]
    answers = [caller.send(path, body, **match) for body in bodies]
    answers.append(caller.send(path, transfer(PERSON)))
    answers.append(caller.send(path, transfer(PERSON), **{"If-Match": quote(NAME)}))
    answers.append(caller.send(path, transfer(PERSON), **{"If-Match": '"999"'}))
    answers.append(caller.send(path, transfer(PERSON), **match, Prefer=f"wait={CODE}"))
    answers.append(caller.send(path, transfer(PERSON), token=CODE))
    answers.append(caller.send(path, transfer(PERSON), token=f"{caller.token[:-20]}{CODE}"))
    answers.append(caller.send(f"{PARCELS}/{quote(NAME)}/transfer-title", transfer(PERSON), **match))
    answers.append(caller.send(f"/v1/{quote(NAME)}/{CODE}", transfer(PERSON)))
    answers.append(caller.send(f"{PARCELS}?cursor={quote(NAME)}&name={CODE}"))
    answers.append(caller.send(f"{PARCELS}/searches", {"field": "code", "value": CODE, "office": TOWN, "why": NAME}))
    announced = {"Content-Length": str(3 << 20)}  # refused before it is sent, so this much of it is enough
    answers.append(caller.send(path, NAME.encode(), **match, **announced))
    answers.append(caller.send(f"/api/v1/streams/{quote(NAME)}", base=caller.reader))
    answers.append(caller.send("/api/v1/events/by-address", {"addresses": [f"{NAME}@1", CODE]}, base=caller.reader))
    return [found for found, _ in answers]


def good_deeds(caller):
    """A title of a person is recorded, and goes to another: both take effect. Answers how the second was called."""
    recorded = {
        "as_of": "2026-03-01",
        "area_m2": 34800,
        "details": {"purpose_code": "01.01", "ownership": "private"},
        "owners": [{"share": "1/1", "persons": [PERSON]}],
        "owned_since": "2020-01-01",
        "basis": {"kind": "application", "document": "заява 1", "issued": "2026-02-28"},
    }
    assert caller.send(f"{PARCELS}/{KEY}/record", recorded, Prefer="wait=60")[0] == 201
    version = caller.send(f"{PARCELS}/{KEY}")[1]["version"]
    trace_id = secrets.token_hex(16)
    traced = {"If-Match": f'"{version}"', "traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
    assert caller.send(f"{PARCELS}/{KEY}/transfer-title", transfer(PERSON), **traced)[0] == 202
    return trace_id


def logs(network):
    return {file.name: file.read_text(errors="replace") for file in network.layout.processes.glob("*.log")}


def found_in(texts):
    forms = {form for mark in MARKS for form in written(mark)}
    return sorted((where, form) for where, text in texts.items() for form in forms if form in text)


def test_nothing_personal_is_logged_counted_or_traced(network, caller, collector):
    trace_id = good_deeds(caller)
    statuses = mistakes(caller)
    assert set(statuses) >= {400, 401, 404, 413, 422}, statuses
    texts = logs(network)
    assert len(texts) >= 10
    ports = (*network.ports.sectors.values(), *network.ports.serve.values(), *network.ports.check.values())
    for port in ports:
        with urllib.request.urlopen(f"{url(port)}/metrics", timeout=10) as answer:
            texts[f"metrics of {port}"] = answer.read().decode()
    texts["traces"] = "\n".join(raw.decode(errors="replace") for raw in collector.raw)
    assert not found_in(texts)
    assert trace_id in texts["registers.log"]  # the acknowledgement of what was traced


def test_the_search_finds_what_it_looks_for():
    for mark in MARKS:
        for form in written(mark):
            assert found_in({"x": f"… {form} …"})
