"""Every panel of every dashboard has something to show of a running network, by a real Prometheus' account.

Prometheus answers a misspelt name with nothing, and `or vector(0)` makes a 0 of that. So beside every expression each
of its selectors is asked for alone: it must find series, or be of those that are empty in health (`SILENT`).
"""

import time

import pytest

from deploy.grafana.__main__ import FOLDER
from deploy.local.debian import ProgramMissing
from deploy.local.layout import url
from deploy.local.ports import LOOPBACK
from deploy.local.prometheus import Prometheus, QueryRefused, Target
from litopys.cli.http import get_json
from services.catalogue import sector_names
from tests.e2e.conftest import registrars_of
from tests.support.dashboards import Asked, asked_by_marks, asked_by_panels, load_dashboards, selectors

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FILLED = {"__rate_interval": "10s", "__range": "1m", "sector": "registers"}
RULES = sorted((FOLDER.parents[1] / "prometheus" / "rules").glob("*.yml"))
# What must have no series while all is well; the names are compared with the documents in tests/unit/deploy.
SILENT = {"ALERTS", "litopys_events_rejected_total", "litopys_blocks_dropped_total"}
PATIENCE_S = 60


def targets_of(network):
    def target(port, job, name):
        return Target(f"{LOOPBACK}:{port}", job, name)

    ports = network.ports
    return [
        *(target(port, "litopys-validator-check", name) for name, port in ports.check.items()),
        *(target(port, "litopys-validator-serve", name) for name, port in ports.serve.items()),
        *(target(port, "litopys-sealer", name) for name, port in ports.sealers.items()),
        *(target(port, "litopys-sector", name) for name, port in ports.sectors.items()),
    ]


@pytest.fixture(scope="module")
def prometheus(network, server_folder):
    """A Prometheus that watches the network under the project's own rules."""
    server = Prometheus(server_folder / "prometheus", rules=RULES)
    try:
        server.start(targets_of(network))
    except ProgramMissing as missing:
        pytest.skip(str(missing))
    try:
        server.wait_scraped(targets_of(network))
        yield server
    finally:
        server.stop()


def answers(prometheus, expression):
    """Values that a panel can draw: of a quotient of nothing (NaN) there is nothing to see."""
    return [sample.value for sample in prometheus.query(expression) if sample.value == sample.value]


def lacking(prometheus, asked: Asked):
    """Say what an expression lacks, None where it has all."""
    expression = asked.filled(FILLED)
    try:
        if not answers(prometheus, expression):
            return f"{asked.dashboard}, {asked.panel}: no data for {expression}"
        for selector in selectors(expression):
            found = prometheus.query(str(selector))
            if not found and selector.name not in SILENT:
                return f"{asked.dashboard}, {asked.panel}: nothing is {selector}"
    except QueryRefused as refused:
        return f"{asked.dashboard}, {asked.panel}: {refused}"
    return None


def still_lacking(prometheus, network, every):
    """Ask until all have data or patience ends: rates need two scrapes, and rules one evaluation after those."""
    deadline = time.monotonic() + PATIENCE_S
    found = [text for asked in every if (text := lacking(prometheus, asked))]
    while found and time.monotonic() < deadline:
        for port in network.ports.serve.values():
            get_json(f"{url(port)}/api/v1/blocks", {"limit": 1}, timeout_s=5)
        time.sleep(0.5)
        found = [text for asked in every if (text := lacking(prometheus, asked))]
    return found


def test_every_panel_has_data_while_the_network_works(network, prometheus):
    every = [asked for dashboard in load_dashboards().values() for asked in asked_by_panels(dashboard)]
    assert len(every) > 90
    with registrars_of(network).recording("7700000077:00:001:"):
        assert not still_lacking(prometheus, network, every)


def test_marks_are_understood(prometheus):
    for dashboard in load_dashboards().values():
        for asked in asked_by_marks(dashboard):
            assert all(prometheus.query(str(one)) for one in selectors(asked.expr)), asked
            prometheus.query(asked.expr)


def test_each_sector_can_be_chosen(prometheus):
    (variable,) = [one for one in load_dashboards()["litopys-sector"]["templating"]["list"] if one["name"] == "sector"]
    metric = variable["query"].removeprefix("label_values(").partition(",")[0]
    assert {sample.labels["sector"] for sample in prometheus.query(metric)} == set(sector_names())


@pytest.mark.parametrize(
    "expression",
    [
        "max(litopys_finel_events)",
        "max(litopys_finel_events) or vector(0)",
        'sum(up{job="litopys-validators"}) or vector(0)',
        "sum(up",
        "0 / (sum(up) * 0)",
    ],
)
def test_a_panel_that_asks_for_what_is_not_there_is_refused(prometheus, expression):
    assert lacking(prometheus, Asked("planted", "panel", expression)) is not None
