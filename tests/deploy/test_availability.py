"""How many of each there are, where, and what may go at once: a quorum stays, and no acknowledgement is lost."""

import sys
from functools import partial

import pytest

from deploy.docker.bootstrap import draw
from litopys.ledger.network_file import parse_network
from services.catalogue import sector_names
from tests.support.manifest_references import selects
from tests.support.manifests import COMPONENT, OVERLAYS, find, of_kind, overlay, pods

WHOLE = [name for name in OVERLAYS if name != "validator-only"]
SAFE_TO_SCALE = {"sector-http"}


@pytest.mark.parametrize("name", OVERLAYS)
def test_who_signs_with_a_key_is_never_there_twice(name):
    signing = {"sealer", "validator-check"}
    for workload, template in pods(overlay(name)):
        if template["metadata"]["labels"][COMPONENT] in signing:
            assert (workload["kind"], workload["spec"]["replicas"]) == ("StatefulSet", 1), workload["metadata"]["name"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_only_what_is_safe_is_scaled(name):
    manifests = overlay(name)
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in of_kind(manifests, "HorizontalPodAutoscaler")}
    for workload, template in pods(manifests):
        component = template["metadata"]["labels"][COMPONENT]
        assert (workload["metadata"]["name"] in scaled) <= (component in SAFE_TO_SCALE)
        # Where an autoscaler has the number, the manifest must not: it would be set back with each apply.
        assert not (workload["metadata"]["name"] in scaled and "replicas" in workload["spec"])
    if name == "prod":
        assert scaled == {f"{sector.replace('_', '-')}-http" for sector in sector_names()}


@pytest.fixture(scope="module")
def network():
    """The network that the bootstrap of `dev` would draw."""
    arguments = find(overlay("dev"), "Job", "bootstrap")["spec"]["template"]["spec"]["containers"][0]["args"][1:]
    return parse_network(draw([*arguments, "--sector=registers"])["network.json"])


@pytest.mark.parametrize("name", WHOLE)
def test_the_budget_of_validators_keeps_the_quorum(name, network):
    manifests = overlay(name)
    budget = find(manifests, "PodDisruptionBudget", "validators")["spec"]
    checking = [
        template for _, template in pods(manifests) if selects(budget["selector"], template["metadata"]["labels"])
    ]
    assert {template["metadata"]["labels"][COMPONENT] for template in checking} == {"validator-check"}
    assert len(checking) == len(network.validators)
    assert len(checking) - budget["maxUnavailable"] >= network.quorum


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_process_has_a_budget(name):
    manifests = overlay(name)
    budgets = [one["spec"]["selector"] for one in of_kind(manifests, "PodDisruptionBudget")]
    for workload, template in pods(manifests):
        if workload["kind"] != "Job":
            held = [one for one in budgets if selects(one, template["metadata"]["labels"])]
            assert len(held) == 1, workload["metadata"]["name"]


def test_in_production_a_zone_may_be_lost():
    manifests = overlay("prod")
    for workload, template in pods(manifests):
        (spread,) = template["spec"]["topologySpreadConstraints"]
        assert (spread["topologyKey"], spread["maxSkew"]) == ("topology.kubernetes.io/zone", 1)
        assert spread["whenUnsatisfiable"] == "DoNotSchedule", workload["metadata"]["name"]
        assert selects(spread["labelSelector"], template["metadata"]["labels"])
    sectors = find(manifests, "Cluster", "sectors")["spec"]
    assert sectors["instances"] == 3
    assert sectors["postgresql"]["synchronous"] == {"method": "any", "number": 1, "dataDurability": "required"}


@pytest.mark.parametrize("name", ["dev", "prod", "validator-only"])
def test_every_database_keeps_what_it_said_it_keeps(name):
    clusters = of_kind(overlay(name), "Cluster")
    assert clusters
    for one in clusters:
        spec = one["spec"]
        assert spec["postgresql"]["parameters"]["synchronous_commit"] == "on"
        assert spec["bootstrap"]["initdb"]["dataChecksums"] is True
        assert spec["postgresql"]["pg_hba"] == ["hostssl all all all cert"]
        assert not spec["enableSuperuserAccess"]


@pytest.mark.parametrize("name", ["prod", "validator-only"])
def test_every_database_is_backed_up(name):
    manifests = overlay(name)
    planned = {one["spec"]["cluster"]["name"] for one in of_kind(manifests, "ScheduledBackup")}
    for one in of_kind(manifests, "Cluster"):
        assert one["metadata"]["name"] in planned
        (plugin,) = one["spec"]["plugins"]
        assert plugin["isWALArchiver"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_namespace_is_restricted_but_where_that_cannot_be(name):
    (namespace,) = of_kind(overlay(name), "Namespace")
    wanted = "privileged" if name == "lab" else "restricted"  # the node's network is what the lab is about
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == wanted


def spec(manifests, kind, name):
    return find(manifests, kind, name)["spec"]


def quorum(name, network):
    test_the_budget_of_validators_keeps_the_quorum(name, network)


SPOILT = {
    "a second sealer under one name": (
        test_who_signs_with_a_key_is_never_there_twice,
        lambda given: spec(given, "StatefulSet", "sealer-a").update(replicas=2),
    ),
    "a core that an autoscaler has": (
        test_only_what_is_safe_is_scaled,
        lambda given: spec(given, "HorizontalPodAutoscaler", "energy-http")["scaleTargetRef"].update(
            name="validator-kyiv-check"
        ),
    ),
    "two validators at once": (
        quorum,
        lambda given: spec(given, "PodDisruptionBudget", "validators").update(maxUnavailable=2),
    ),
    "a budget of nobody": (
        test_every_process_has_a_budget,
        lambda given: spec(given, "PodDisruptionBudget", "sealers")["selector"]["matchLabels"].update(x="y"),
    ),
    "zones that do not matter": (
        lambda _: test_in_production_a_zone_may_be_lost(),
        lambda given: spec(given, "StatefulSet", "sealer-a")["template"]["spec"]["topologySpreadConstraints"][0].update(
            whenUnsatisfiable="ScheduleAnyway"
        ),
    ),
    "one copy of what was acknowledged": (
        lambda _: test_in_production_a_zone_may_be_lost(),
        lambda given: spec(given, "Cluster", "sectors")["postgresql"]["synchronous"].update(number=0),
    ),
    "acknowledged before it is on disk": (
        test_every_database_keeps_what_it_said_it_keeps,
        lambda given: spec(given, "Cluster", "validator-kyiv")["postgresql"]["parameters"].update(
            synchronous_commit="off"
        ),
    ),
    "a database without a plan": (
        test_every_database_is_backed_up,
        lambda given: given.remove(of_kind(given, "ScheduledBackup")[0]),
    ),
    "a lax namespace": (
        test_the_namespace_is_restricted_but_where_that_cannot_be,
        lambda given: of_kind(given, "Namespace")[0]["metadata"]["labels"].update(
            {"pod-security.kubernetes.io/enforce": "baseline"}
        ),
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_was_spoilt_is_noticed(what, monkeypatch, network):
    check, spoil = SPOILT[what]
    manifests = overlay("prod")
    spoil(manifests)
    monkeypatch.setattr(sys.modules[__name__], "overlay", lambda _: manifests)
    if check is quorum:
        check = partial(check, network=network)
    with pytest.raises(AssertionError):
        check("prod")
