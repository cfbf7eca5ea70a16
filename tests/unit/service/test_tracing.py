"""Traces: nothing without a collector, the caller's trace with one, and nothing a caller may say breaks anything."""

import subprocess
import sys

import httpx2
import pytest

from litopys.errors import Malformed
from litopys.service import tracing
from litopys.service.app import create_app
from tests.support.otlp_collector import collecting

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = GIVEN.split("-")[1]
STARTED = """
import sys
import services.sealer.main, services.validator.main
from litopys.service import process
bad = sorted(name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "google")))
assert not bad, bad
"""


@pytest.fixture
def collector(monkeypatch):
    """A collector to which this process sends, until the test ends."""
    monkeypatch.setattr(tracing, "_tracers", [])
    with collecting() as running:
        tracing.begin_tracing(running.url, service="sector", name="registers")
        yield running
        tracing.end_tracing()


def sent(collector):
    """The spans of the given trace; those of this process are sent first."""
    tracing._providers[0].force_flush()
    return collector.trace(TRACE_ID)


def test_without_a_collector_nothing_of_it_is_imported():
    subprocess.run([sys.executable, "-c", STARTED], check=True)


def test_without_a_collector_nothing_is_traced(monkeypatch):
    monkeypatch.setattr(tracing, "_tracers", [])
    tracing.begin_tracing("", service="sector", name="registers")
    with tracing.span("x", parent=GIVEN) as begun:
        assert begun is None
        assert tracing.current_traceparent() is None
    assert tracing.record_span("x", parent=GIVEN, lasted_s=1) is None
    with tracing.spans_of({("box:1", 1): GIVEN}) as contexts:
        assert contexts == {}


def test_a_collector_without_the_packages_is_told_in_words(monkeypatch):
    monkeypatch.setattr(tracing, "_tracers", [])
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(Malformed, match=r"litopys\[tracing\]"):
        tracing.begin_tracing("http://127.0.0.1:1", service="sector", name="registers")


def test_spans_stand_under_their_parents_with_their_times(collector):
    with tracing.span("command", parent=GIVEN, kind="SERVER"):
        inner = tracing.current_traceparent()
    with tracing.spans_of({("box:1", 1): inner}) as contexts:
        sent_with = contexts["box:1", 1]
    judged = tracing.record_span("judge", parent=sent_with, lasted_s=2.5, attributes={"litopys.block.height": 7})
    command, publish, judge = sorted(sent(collector), key=lambda one: ("command", "publish", "judge").index(one.name))
    assert command.parent_id == GIVEN.split("-")[2]
    assert publish.parent_id == command.span_id == inner.split("-")[2]
    assert judge.parent_id == publish.span_id == sent_with.split("-")[2]
    assert judge.span_id == judged.split("-")[2]
    assert judge.end_ns - judge.start_ns == 2_500_000_000
    assert judge.attributes["litopys.block.height"] == 7
    assert judge.by == "litopys-sector/registers"


def test_what_is_not_sampled_is_carried_no_further(collector):
    with tracing.span("command", parent=f"{GIVEN[:-2]}00"):
        assert tracing.current_traceparent() is None
    assert sent(collector) == []


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        (GIVEN, GIVEN),
        (GIVEN.encode(), GIVEN),
        (None, None),
        ("", None),
        (GIVEN.upper(), None),
        (GIVEN + "-x", None),
        ("01" + GIVEN[2:], None),
        (GIVEN.replace(TRACE_ID, "0" * 32), None),
        (b"\xff" * 55, None),
    ],
)
def test_a_trace_context_is_one_or_nothing(value, parsed):
    assert tracing.parse_traceparent(value) == parsed


@pytest.mark.anyio
async def test_a_request_is_named_after_its_route_and_never_after_its_path(collector):
    async def ready():
        return {}

    app = create_app(service="sector", name="toy", description="-", ready=ready)

    @app.get("/v1/boxes/{key}")
    async def box(key: str) -> str:
        if key == "broken":
            raise ValueError("Шевченко")
        return tracing.current_trace_id()

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://toy") as http:
        answer = await http.get("/v1/boxes/secret-key", headers={"traceparent": GIVEN})
        await http.get("/v1/boxes/broken", headers={"traceparent": GIVEN})
        await http.get("/healthz", headers={"traceparent": GIVEN})
    assert answer.json() == TRACE_ID
    good, broken = sent(collector)
    assert good.name == "GET /v1/boxes/{key}"
    assert (good.attributes["http.response.status_code"], broken.attributes["http.response.status_code"]) == (200, 500)
    assert all(b"secret-key" not in raw and "Шевченко".encode() not in raw for raw in collector.raw)
