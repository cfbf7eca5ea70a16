"""The prometheus-operator is told of every process, under the labels by which alerts and dashboards know it."""

import json
import re

import pytest
import yaml

from deploy.k8s.monitoring import DASHBOARDS, DEPLOY, RULES, made_files
from tests.support.manifest_references import selects
from tests.support.manifests import COMPONENT, MEMBER, find, of_kind, overlay, pods

JOBS = {
    "sealer": "litopys-sealer",
    "validator-check": "litopys-validator-check",
    "validator-serve": "litopys-validator-serve",
    "sector-http": "litopys-sector",
    "sector-relay": "litopys-sector",
}
WATCHED = ("prod", "validator-only")


def relabelled(rules, labels, *, role):
    """What Prometheus makes of a target's labels by these rules (their defaults: replace, $1, the whole value)."""
    made = {}
    for rule in rules:
        prefix = f"__meta_kubernetes_{role}_label_"
        plain = {prefix + re.sub(r"[^a-zA-Z0-9_]", "_", name): value for name, value in labels.items()}
        value = ";".join(plain.get(one, "") for one in rule.get("sourceLabels", []))
        if found := re.fullmatch(rule.get("regex", "(.*)"), value):
            made[rule["targetLabel"]] = found.expand(rule.get("replacement", "$1").replace("$", "\\"))
    return made


def labels_of(manifests, template):
    """The labels `job` and `name` of each way in which a pod is scraped."""
    labels = template["metadata"]["labels"]
    for monitor in of_kind(manifests, "PodMonitor"):
        if selects(monitor["spec"]["selector"], labels):
            (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
            yield relabelled(endpoint["relabelings"], labels, role="pod")
    for service in of_kind(manifests, "Service"):
        if selects({"matchLabels": service["spec"]["selector"]}, labels):
            for monitor in of_kind(manifests, "ServiceMonitor"):
                if selects(monitor["spec"]["selector"], service["metadata"]["labels"]):
                    (endpoint,) = monitor["spec"]["endpoints"]
                    yield relabelled(endpoint["relabelings"], service["metadata"]["labels"], role="service")


@pytest.mark.parametrize("name", WATCHED)
def test_every_process_is_scraped_once_under_its_labels(name):
    manifests = overlay(name)
    for workload, template in pods(manifests):
        labels = template["metadata"]["labels"]
        wanted = {"job": JOBS[labels[COMPONENT]], "name": labels[MEMBER]}
        assert list(labels_of(manifests, template)) == [wanted], workload["metadata"]["name"]


def test_a_process_that_is_not_scraped_is_missed():
    manifests = overlay("prod")
    find(manifests, "PodMonitor", "litopys-relays")["spec"]["selector"]["matchLabels"][COMPONENT] = "relay"
    assert any(not list(labels_of(manifests, template)) for _, template in pods(manifests))


def test_what_is_made_is_current():
    if not (DEPLOY / RULES).exists():
        pytest.skip("deploy/prometheus/rules is not in this tree yet")
    written = {
        place: (DEPLOY / place).read_text(encoding="utf-8") for place in made_files() if (DEPLOY / place).exists()
    }
    assert written == made_files(), "run `python -m deploy.k8s.monitoring`"


def test_the_rules_are_those_of_prometheus():
    sources = sorted((DEPLOY / RULES).glob("*.yml"))
    if not sources:
        pytest.skip("deploy/prometheus/rules is not in this tree yet")
    objects = {one["metadata"]["name"]: one["spec"] for one in of_kind(overlay("prod"), "PrometheusRule")}
    assert objects == {f"litopys-{path.stem}": yaml.safe_load(path.read_text(encoding="utf-8")) for path in sources}


def test_each_dashboard_is_a_labelled_config_map():
    sources = sorted((DEPLOY / DASHBOARDS).glob("*.json"))
    if not sources:
        pytest.skip("deploy/grafana/dashboards is not in this tree yet")
    shown = [
        one for one in of_kind(overlay("prod"), "ConfigMap") if "grafana_dashboard" in one["metadata"].get("labels", {})
    ]
    held = {name: json.loads(text) for one in shown for name, text in one["data"].items()}
    wanted = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sources}
    assert held == wanted, "run `python -m deploy.k8s.monitoring`"
