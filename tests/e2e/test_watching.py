"""What the running network tells of itself: one command's trace over all processes, and every metric that is listed."""

import re
import secrets
import urllib.request
from contextlib import suppress

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.layout import url
from deploy.local.ports import wait_until
from tests.e2e.conftest import is_settled, registrars_of
from tests.support.load import BODY
from tests.support.metric_list import documented_metrics

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

WAIT_S = 60
STAGES = {"follow", "admit", "tree", "gate", "store", "cosign"}
# What is above 0 somewhere in a network that has worked; the rest is told as well, and may be 0 where nothing is wrong.
MOVED = re.compile(
    r"litopys_(commands|events_accepted|event_finality|events_published|relay|block_events|seal|check|stage"
    r"|chain_height|final_height|leader|log_signatures|cosignatures|key_left|database"
    r"|kafka_(sent|received|connects|round_trip)|ready|build)_"
)


def steps(spans):
    return {(one.name, one.by.split("/")[0], one.by.split("/")[1]) for one in spans}


def wanted_steps(network):
    validators = {
        (step, "litopys-validator-check", name) for name in network.ports.check for step in ("judge", "cosign")
    }
    own = {("POST /v1/land-parcels/{key}/record", "litopys-sector", "registers")}
    return validators | own | {(step, "litopys-sector", "registers") for step in ("publish", "final")}


def test_one_command_is_one_trace_over_all_processes(network, collector):
    trace_id, parent = secrets.token_hex(16), secrets.token_hex(8)
    registrars = registrars_of(network)
    told = {"traceparent": f"00-{trace_id}-{parent}-01", "Prefer": f"wait={WAIT_S}"}
    done = registrars.post("/v1/land-parcels/3220881300:04:001:7001/record", BODY, **told)
    assert done["status"] == "final"
    registrars.post("/v1/land-parcels/3220881300:04:001:7002/record", BODY, Prefer=f"wait={WAIT_S}")
    wanted = wanted_steps(network)
    wait_until(lambda: wanted <= steps(collector.trace(trace_id)), what="all spans of the command", timeout_s=WAIT_S)
    spans = collector.trace(trace_id)
    assert {one.name for one in spans} == {name for name, *_ in wanted} | {"seal"}
    by_id = {one.span_id: one for one in spans}
    above = {one.name: by_id[one.parent_id].name if one.parent_id in by_id else one.parent_id for one in spans}
    command = next(name for name in above if name.startswith("POST"))
    assert above == {
        command: parent,
        "publish": command,
        "final": command,
        "seal": "publish",
        "judge": "publish",
        "cosign": "judge",
    }
    heights = {
        one.attributes["litopys.block.height"] for one in spans if one.name in {"seal", "judge", "cosign", "final"}
    }
    assert heights == {done["height"]}
    assert all(one.start_ns <= one.end_ns for one in spans)


@pytest.mark.anyio
async def test_a_trace_is_forgotten_when_its_event_is_final_and_no_entry_has_it(network):
    connection = await asyncpg.connect(network.dsn("sector_registers"))
    try:
        assert await connection.fetchval("select count(*) from event_trace") == 0
    finally:
        await connection.close()
    ledger = await asyncpg.connect(network.dsn("validator_kyiv"))
    try:
        assert await ledger.fetchval("select count(*) from entry where position('traceparent'::bytea in body) > 0") == 0
    finally:
        await ledger.close()


def scraped(port):
    with urllib.request.urlopen(f"{url(port)}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return [sample for family in families for sample in family.samples]


def test_every_process_tells_what_the_list_says_it_sets(network):
    wait_until(lambda: is_settled(network), what="every block to be final", timeout_s=WAIT_S)
    ports = network.ports
    processes = {
        "sector": [ports.sectors["registers"]],
        "relay": [ports.sectors["registers"]],
        "sealer": list(ports.sealers.values()),
        "check": list(ports.check.values()),
        "serve": list(ports.serve.values()),
    }

    def lacking():
        samples = {kind: [one for port in found for one in scraped(port)] for kind, found in processes.items()}
        return sorted(
            (name, kind)
            for name, metric in documented_metrics().items()
            for kind in (processes.keys() if metric.processes == {"all"} else metric.processes & processes.keys())
            if not is_told(name, metric, samples[kind])
        )

    with suppress(TimeoutError):
        wait_until(lambda: not lacking(), what="librdkafka's statistics, every 5 s", timeout_s=30, pause_s=0.5)
    assert not lacking()
    stages = {
        one.labels["outcome"]
        for one in scraped(ports.check["kyiv"])
        if one.name == "litopys_stage_seconds_count" and one.value
    }
    assert stages == STAGES


def is_told(name, metric, samples):
    """Whether a process has the metric, with the labels of the list; and above 0, if the network's work moves it."""
    own = [one for one in samples if one.name in {name, f"{name}_count"}]
    if any(set(one.labels) != metric.labels for one in own):
        return False
    return any(one.value > 0 for one in own) if MOVED.match(name) else bool(own or metric.labels)
