"""Workloads roll out over zones, and a network keeps its quorum while nodes are drained."""

import pytest

from tests.support.cluster import Refused, wait_for
from tests.support.manifests import COMPONENT, of_kind, overlay

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(900)]


def workloads(name):
    return [
        f"{one['kind'].lower()}/{one['metadata']['name']}"
        for one in of_kind(overlay(name), "Deployment", "StatefulSet")
    ]


def nodes(cluster):
    """Nodes that take any pod; the lab's real one does not."""
    return [one for one in cluster.get("nodes")["items"] if not one["spec"].get("taints")]


@pytest.fixture
def running(cluster, applied):
    """The overlay `prod`, rolled out: only where nodes are fake is there an image to run."""
    if not all(node["metadata"].get("annotations", {}).get("kwok.x-k8s.io/node") for node in nodes(cluster)):
        pytest.skip(
            "nodes of this cluster are real: workloads without their image, servers and keys would not roll out"
        )
    namespace = applied("prod")
    cluster.roll_out(workloads("prod"), namespace=namespace)
    return namespace


@pytest.mark.parametrize("name", ["dev", "validator-only"])
def test_the_workloads_roll_out(cluster, applied, running, name):
    cluster.roll_out(workloads(name), namespace=applied(name))


def test_each_kind_is_spread_over_zones(cluster, running):
    zone_of = {
        one["metadata"]["name"]: one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in nodes(cluster)
    }
    zones = {}
    for pod in cluster.get("pods", namespace=running)["items"]:
        zones.setdefault(pod["metadata"]["labels"][COMPONENT], []).append(zone_of[pod["spec"]["nodeName"]])
    assert len(set(zones["validator-check"])) == 3
    assert len(set(zones["sealer"])) == 2
    assert max(zones["validator-check"].count(zone) for zone in zone_of.values()) == 2


@pytest.fixture
def nowhere_to_go(cluster, running):
    """No node takes a pod: who is evicted stays away."""
    names = [one["metadata"]["name"] for one in nodes(cluster)]
    cluster.run("cordon", *names)
    yield
    cluster.run("uncordon", *names)
    cluster.roll_out(workloads("prod"), namespace=running)


def pods_of(cluster, namespace, component):
    return sorted(cluster.names("pods", "-l", f"{COMPONENT}={component}", namespace=namespace))


def budget(cluster, namespace, name):
    return cluster.get("poddisruptionbudget", name, namespace=namespace)["status"]


@pytest.mark.parametrize(("component", "name"), [("validator-check", "validators"), ("sealer", "sealers")])
def test_a_second_eviction_is_refused(cluster, running, nowhere_to_go, component, name):
    wait_for(lambda: budget(cluster, running, name)["disruptionsAllowed"] == 1, what=f"the budget {name}")
    first, second, *_ = pods_of(cluster, running, component)
    cluster.evict(first, namespace=running)
    with pytest.raises(Refused, match="disruption budget"):
        cluster.evict(second, namespace=running)
    wait_for(
        lambda: budget(cluster, running, name)["currentHealthy"] == budget(cluster, running, name)["expectedPods"] - 1,
        what="one away",
    )
    with pytest.raises(Refused, match="disruption budget"):
        cluster.evict(second, namespace=running)


def test_without_the_budget_it_would_not_be(cluster, running, nowhere_to_go):
    """What the test above sees is the budget's doing: with a larger one the same eviction is let through."""
    wait_for(lambda: budget(cluster, running, "validators")["disruptionsAllowed"] == 1, what="the budget")
    change = ("patch", "poddisruptionbudget", "validators", "--type=merge", "-p")
    cluster.run("-n", running, *change, '{"spec": {"maxUnavailable": 2}}')
    try:
        wait_for(lambda: budget(cluster, running, "validators")["disruptionsAllowed"] == 2, what="the larger budget")
        for pod in pods_of(cluster, running, "validator-check")[:2]:
            cluster.evict(pod, namespace=running)
    finally:
        cluster.run("-n", running, *change, '{"spec": {"maxUnavailable": 1}}')


def test_a_restart_one_after_another_keeps_the_quorum(cluster, running):
    """Each is a StatefulSet of its own: who restarts them waits for each, as the runbook says."""
    for workload in (one for one in workloads("prod") if one.endswith("-check")):
        cluster.run("-n", running, "rollout", "restart", workload)
        cluster.roll_out([workload], namespace=running, timeout_s=120)
        pods = pods_of(cluster, running, "validator-check")
        assert len(pods) == 4
        wait_for(lambda: budget(cluster, running, "validators")["currentHealthy"] == 4, what="all four")
