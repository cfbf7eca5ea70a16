"""docs/metrics.md and the code say the same of every metric, and names and labels keep to the rules."""

import re

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from litopys.cli import audit_metrics
from litopys.service import metrics
from tests.house.tree import ROOT
from tests.support.metric_list import DOCUMENT, PROCESSES, documented_metrics

LABELS = {"sector", "outcome", "reason", "validator"}
UNITS = {"seconds", "bytes", "events", "blocks", "records", "pieces", "connections", "state"}


def defined() -> dict[str, tuple[str, frozenset[str]]]:
    """Every metric of the code: its name as it is scraped, its type and its labels."""
    found = {}
    for value in vars(metrics).values():
        if isinstance(value, MetricWrapperBase):
            registry = CollectorRegistry()
            registry.register(value)
            (family,) = registry.collect() if not value._labelnames else [value.describe()[0]]
            suffix = {"counter": "_total", "info": "_info"}.get(value._type, "")
            labels = frozenset(value._labelnames) or frozenset({"version"} if value._type == "info" else ())
            found[family.name + suffix] = ("gauge" if value._type == "info" else value._type, labels)
    return found | {name: ("gauge", frozenset({"validator"})) for name in audit_metrics.NAMES}


def differences(text: str | None = None) -> list[str]:
    listed, code = documented_metrics(text), defined()
    told = {name: (one.kind, one.labels) for name, one in listed.items()}
    return sorted(
        f"{name}: {told.get(name)} in the list, {code.get(name)} in the code"
        for name in {*told, *code}
        if told.get(name) != code.get(name)
    )


def test_the_list_says_what_the_code_says():
    assert not differences()


@pytest.mark.parametrize(
    ("is_said", "instead"),
    [
        ("| `litopys_leader_state` |", "| `litopys_leading_state` |"),
        ("| `litopys_halted_state` | gauge |", "| `litopys_halted_state` | counter |"),
        (
            "| `litopys_unfinal_age_seconds` | gauge | seconds | `sector` |",
            "| `litopys_unfinal_age_seconds` | gauge | seconds | |",
        ),
    ],
)
def test_a_list_that_says_otherwise_is_refused(is_said, instead):
    text = DOCUMENT.read_text()
    assert text.count(is_said) == 1
    assert differences(text.replace(is_said, instead))


def test_names_end_with_their_unit_and_labels_are_few():
    for name, (kind, labels) in defined().items():
        assert labels <= LABELS or name == "litopys_build_info", name
        if kind == "gauge" and name != "litopys_build_info":
            assert name.rsplit("_", 1)[1] in UNITS, name
        assert re.fullmatch(r"litopys(_[a-z]+)+", name), name


def test_every_row_says_who_sets_it_and_what_it_means():
    for name, one in documented_metrics().items():
        assert one.processes <= PROCESSES, name
        assert one.unit, name
        assert len(one.meaning) > 15, name


def test_every_metric_is_set_somewhere():
    """A metric that nothing sets is a promise that nobody keeps."""
    files = (path for top in ("shared", "services") for path in (ROOT / top).rglob("*.py"))
    used = {word for path in files for word in re.findall(r"\bmetrics\.([A-Z_]+)", path.read_text())}
    own = {name for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase) and name[0] != "_"}
    assert own == used
