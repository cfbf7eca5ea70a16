"""Each overlay is what Kubernetes and the operators take, by their own schemas; and planted mistakes are not."""

import pytest

from tests.support.manifest_schemas import complaints_of_kubernetes, complaints_of_operators
from tests.support.manifests import OVERLAYS, find, is_of_operators, overlay


def test_the_overlays_are_there():
    assert OVERLAYS == ["dev", "lab", "prod", "validator-only"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_kubernetes_takes_its_own_kinds(name):
    assert complaints_of_kubernetes(overlay(name)) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_operators_take_theirs(name):
    assert complaints_of_operators(overlay(name)) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_everything_is_in_the_namespace_of_the_overlay_once(name):
    manifests = overlay(name)
    (namespace,) = [one["metadata"]["name"] for one in manifests if one["kind"] == "Namespace"]
    others = [one for one in manifests if one["kind"] != "Namespace"]
    assert {one["metadata"].get("namespace") for one in others} == {namespace}
    named = [(one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in manifests]
    assert len(named) == len(set(named))
    assert not [place for place in named if "member" in place[2].split("-")], "a template's name was left"


PLANTED = {
    "a probe's name": ("Deployment", "registers-http", lambda one: box(one).update(livenessprobe={})),
    "a number as text": ("StatefulSet", "sealer-a", lambda one: one["spec"].update(replicas="one")),
    "no selector": ("Service", "validator-kyiv-check", lambda one: one["spec"].update(port=8080)),
    "a budget's field": ("PodDisruptionBudget", "validators", lambda one: one["spec"].update(maxUnavailble=1)),
    "a policy's direction": ("NetworkPolicy", "dns", lambda one: one["spec"].update(policyTypes="Egress")),
    "a listener's name": ("Kafka", "litopys", lambda one: one["spec"]["kafka"].update(listners=[])),
    "an operation": ("KafkaUser", "auditor", lambda one: acl(one).update(operations=["Peek"])),
    "a topic's copies": ("KafkaTopic", "blocks", lambda one: one["spec"].update(replicas="3")),
    "a pool without roles": ("KafkaNodePool", "brokers", lambda one: one["spec"].pop("roles")),
    "an old version": ("KafkaNodePool", "brokers", lambda one: one.update(apiVersion="kafka.strimzi.io/v1beta2")),
    "a cluster without instances": ("Cluster", "sectors", lambda one: one["spec"].pop("instances")),
    "a parameter that is no text": ("Cluster", "sectors", lambda one: parameters(one).update(max_connections=400)),
    "a role's rights": ("DatabaseRole", "sector-energy-owner", lambda one: one["spec"].update(superuser="no")),
    "a backup without plan": ("ScheduledBackup", "sectors", lambda one: one["spec"].pop("schedule")),
    "a store without place": (
        "ObjectStore",
        "backups",
        lambda one: one["spec"]["configuration"].pop("destinationPath"),
    ),
    "a certificate for nothing": ("Certificate", "public", lambda one: one["spec"].pop("issuerRef")),
    "a monitor of nobody": ("ServiceMonitor", "litopys", lambda one: one["spec"].pop("selector")),
}


def box(manifest):
    return manifest["spec"]["template"]["spec"]["containers"][0]


def acl(manifest):
    return manifest["spec"]["authorization"]["acls"][0]


def parameters(manifest):
    return manifest["spec"]["postgresql"]["parameters"]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_mistake_is_refused(planted):
    kind, name, spoil = PLANTED[planted]
    spoilt = find(overlay("prod"), kind, name)
    spoil(spoilt)
    said = complaints_of_operators([spoilt]) if is_of_operators(spoilt) else complaints_of_kubernetes([spoilt])
    assert said, f"{planted} was not seen"
