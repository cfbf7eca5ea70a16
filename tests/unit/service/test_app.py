import httpx2
import pytest
from prometheus_client import REGISTRY
from pydantic import BaseModel

from litopys.errors import Halted, Unavailable
from litopys.service.app import create_app

pytestmark = pytest.mark.anyio


class Body(BaseModel):
    number: int


@pytest.fixture
def missing() -> dict:
    return {"database": None}


@pytest.fixture
def app(missing):
    async def ready():
        return missing

    app = create_app(service="sector", name="toy", description="-", ready=ready, max_body_bytes=1_000)

    @app.post("/echo")
    async def echo(body: Body) -> Body:
        return body

    @app.get("/broken/{kind}")
    async def broken(kind: str) -> None:
        raise {"defect": ValueError("secret"), "halted": Halted("gap"), "away": Unavailable("away")}[kind]

    return app


@pytest.fixture
async def http(app):
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://toy") as client:
        yield client


async def test_operations(http, missing):
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    assert (await http.get("/version")).json()["name"] == "toy"
    assert "litopys_build_info" in (await http.get("/metrics")).text
    assert (await http.get("/readyz")).json() == {"ready": True, "checks": {"database": None}}
    missing["database"] = "away"
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/broken/defect", 500, "failed"),
        ("/broken/halted", 500, "halted"),
        ("/broken/away", 503, "unavailable"),
        ("/nowhere", 404, "not-found"),
        ("/echo", 405, "method-not-allowed"),
    ],
)
async def test_every_error_is_a_problem(http, path, status, slug):
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:litopys:problem:{slug}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "secret" not in answer.text


async def test_a_body_is_limited_whether_it_states_its_length_or_not(http):
    async def pieces():
        for _ in range(20):
            yield b" " * 100

    stated = await http.post("/echo", content=b" " * 2_000)
    unstated = await http.post("/echo", content=pieces(), headers={"content-type": "application/json"})
    assert [stated.status_code, unstated.status_code] == [413, 413]
    assert (await http.post("/echo", json={"number": 7})).json() == {"number": 7}


async def test_a_scrape_asks_what_readyz_would_say(http, missing):
    missing["database"] = "away"
    assert "litopys_ready_state 0.0" in (await http.get("/metrics")).text
    missing["database"] = None
    assert "litopys_ready_state 1.0" in (await http.get("/metrics")).text


async def test_probes_are_no_requests(http, missing):
    def counted():
        return [REGISTRY.get_sample_value("litopys_http_requests_total", {"outcome": c}) or 0 for c in ("2xx", "5xx")]

    before, missing["database"] = counted(), "away"
    for path in ("/healthz", "/readyz", "/metrics"):
        await http.get(path)
    assert counted() == before
    await http.get("/version")
    assert counted() == [before[0] + 1, before[1]]
