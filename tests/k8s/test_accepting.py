"""What an API server takes of us, and what it does not."""

import copy

import pytest

from tests.support.cluster import Refused
from tests.support.manifests import OVERLAYS, find, of_kind, overlay

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(600)]


def generations(cluster, namespace, manifests):
    """The generation of each object that has one: it grows with every change of what is wanted."""
    kinds = sorted({f"{one['kind']}.{one['apiVersion'].replace('/', '.', 1)}" for one in manifests})
    found = {}
    for kind in kinds:
        plain = kind.removesuffix(".v1") if kind.count(".") == 1 else _by_group(kind)
        for one in cluster.get(plain, namespace=namespace)["items"]:
            found[plain, one["metadata"]["name"]] = one["metadata"].get("generation")
    return found


def _by_group(kind):
    """`Deployment.apps.v1` as kubectl names it: kind, version, group."""
    name, *group, version = kind.split(".")
    return ".".join([name, version, *group])


@pytest.mark.parametrize("name", OVERLAYS)
def test_it_is_taken_and_stays_as_it_is_when_applied_again(cluster, applied, name):
    namespace = applied(name)
    manifests = [one for one in overlay(name) if one["kind"] != "Namespace"]
    before = generations(cluster, namespace, manifests)
    assert len(before) >= len(manifests)
    cluster.apply(manifests)
    after = generations(cluster, namespace, manifests)
    assert {place: after.get(place) for place in before} == before


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "stranger"},
    "spec": {
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "stranger",
                "image": "litopys",
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ],
    },
}
UNSAFE = {
    "privileged": lambda spec: spec["containers"][0]["securityContext"].update(
        privileged=True, allowPrivilegeEscalation=True
    ),
    "on the node's network": lambda spec: spec.update(hostNetwork=True),
    "with the node's files": lambda spec: spec.update(volumes=[{"name": "root", "hostPath": {"path": "/"}}]),
    "as root": lambda spec: spec["securityContext"].update(runAsUser=0, runAsNonRoot=False),
    "with all system calls": lambda spec: spec["securityContext"].update(seccompProfile={"type": "Unconfined"}),
    "with a right of root's": lambda spec: spec["containers"][0]["securityContext"].update(
        capabilities={"drop": ["ALL"], "add": ["NET_RAW"]}
    ),
}


def stranger(namespace, spoil=None):
    pod = copy.deepcopy(POD)
    pod["metadata"]["namespace"] = namespace
    if spoil:
        spoil(pod["spec"])
    return pod


@pytest.mark.parametrize("name", ["dev", "prod", "validator-only"])
def test_a_restricted_pod_may_come(cluster, applied, name):
    cluster.apply([stranger(applied(name))], "--dry-run=server")


@pytest.mark.parametrize("how", UNSAFE)
def test_an_unsafe_pod_is_refused(cluster, applied, how):
    with pytest.raises(Refused, match="violates PodSecurity"):
        cluster.apply([stranger(applied("prod"), UNSAFE[how])], "--dry-run=server")


def pod_of(manifest):
    return manifest["spec"]["template"]["spec"]


PLANTED = {
    "an unknown field": ("Deployment", "registers-http", lambda one: pod_of(one).update(grace=3), "unknown field"),
    "a probe of a port that is none": (
        "Deployment",
        "registers-http",
        lambda one: pod_of(one)["containers"][0]["livenessProbe"]["httpGet"].update(port=70_000),
        "65535",
    ),
    "a mount without volume": (
        "StatefulSet",
        "sealer-a",
        lambda one: pod_of(one)["volumes"].pop(),
        "volumeMounts",
    ),
    "other pods than it selects": (
        "Deployment",
        "energy-relay",
        lambda one: one["spec"]["template"]["metadata"]["labels"].update({"app.kubernetes.io/instance": "other"}),
        "selector",
    ),
    "a selector that changes": (
        "StatefulSet",
        "validator-kyiv-check",
        lambda one: one["spec"].update(serviceName="other"),
        "Forbidden",
    ),
    "a budget of two minds": (
        "PodDisruptionBudget",
        "validators",
        lambda one: one["spec"].update(minAvailable=3),
        "minAvailable and maxUnavailable cannot be both set",
    ),
    "a policy of no direction": (
        "NetworkPolicy",
        "dns",
        lambda one: one["spec"].update(policyTypes=["Sideways"]),
        "policyTypes",
    ),
    "an autoscaler without end": (
        "HorizontalPodAutoscaler",
        "energy-http",
        lambda one: one["spec"].update(maxReplicas=1),
        "maxReplicas",
    ),
    "a listener without name": (
        "Kafka",
        "litopys",
        lambda one: one["spec"]["kafka"]["listeners"][0].pop("name"),
        "listeners",
    ),
    "an operation of no kind": (
        "KafkaUser",
        "auditor",
        lambda one: one["spec"]["authorization"]["acls"][0].update(operations=["Peek"]),
        "Unsupported value",
    ),
    "a pool without roles": ("KafkaNodePool", "brokers", lambda one: one["spec"].update(roles=["zookeeper"]), "roles"),
    "a role that may not be": (
        "DatabaseRole",
        "sector-energy-reader",
        lambda one: one["spec"].update(login=False),
        "requires the role to have login",
    ),
    "a role that is renamed": (
        "DatabaseRole",
        "sector-energy-owner",
        lambda one: one["spec"].update(name="postgres"),
        "immutable|reserved",
    ),
    "a database that moves": (
        "Database",
        "sector-energy",
        lambda one: one["spec"].update(name="registers"),
        "immutable",
    ),
    "a certificate of nobody": ("Certificate", "public", lambda one: one["spec"].pop("issuerRef"), "issuerRef"),
    "a rule without expression": (
        "PrometheusRule",
        "litopys-integrity",
        lambda one: one["spec"]["groups"][0]["rules"][0].pop("expr"),
        "expr",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_mistake_is_refused(cluster, applied, planted):
    kind, name, spoil, words = PLANTED[planted]
    applied("prod")
    spoilt = find(of_kind(overlay("prod"), kind), kind, name)
    spoil(spoilt)
    with pytest.raises(Refused, match=words):
        cluster.apply([spoilt], "--dry-run=server")
