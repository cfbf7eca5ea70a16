"""Pods are what the code that they start needs: its settings, files, ports, probes; and planted mistakes are seen."""

import pytest

from tests.support.manifest_pods import complaints_of_pods
from tests.support.manifest_references import complaints_of_references
from tests.support.manifests import OVERLAYS, find, overlay, pods


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_container_is_told_what_its_process_understands(name):
    assert complaints_of_pods(overlay(name)) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_whatever_is_referred_to_is_there(name):
    assert complaints_of_references(overlay(name), name) == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_no_key_is_in_two_kinds_of_pods(name):
    holders = {}
    for _, template in pods(overlay(name)):
        for volume in template["spec"].get("volumes", []):
            for source in volume.get("projected", {}).get("sources", [volume]):
                secret = source.get("secret", {}).get("name") or source.get("secret", {}).get("secretName", "")
                if secret.startswith("key-"):
                    labels = template["metadata"]["labels"]
                    holders.setdefault(secret, set()).add(
                        (labels["app.kubernetes.io/component"], labels["app.kubernetes.io/instance"])
                    )
    assert all(len(found) == 1 for secret, found in holders.items() if secret != "key-log"), holders
    assert {component for component, _ in holders.get("key-log", set())} <= {"sealer"}


def box(manifest):
    return manifest["spec"]["template"]["spec"]["containers"][0]


def tell(manifest, name, value):
    entries = [entry for entry in box(manifest)["env"] if entry["name"] != name]
    box(manifest)["env"] = [*entries, {"name": name, "value": value}]


def rename_volume_secret(manifest, volume, secret):
    (found,) = [one for one in manifest["spec"]["template"]["spec"]["volumes"] if one["name"] == volume]
    found["secret"]["secretName"] = secret


def label(manifest):
    return manifest["spec"]["template"]["metadata"]["labels"]


PLANTED = {
    "a misspelt variable": (
        "Deployment",
        "registers-http",
        lambda one: tell(one, "LITOPYS_TOKENKEY", "/tmp/x"),
        "no setting",
    ),
    "a value out of range": (
        "StatefulSet",
        "sealer-a",
        lambda one: tell(one, "LITOPYS_SEAL_INTERVAL_MS", "0"),
        "SEAL_INTERVAL_MS",
    ),
    "a role that is none": (
        "Deployment",
        "validator-kyiv",
        lambda one: tell(one, "LITOPYS_ROLE", "read"),
        "LITOPYS_ROLE",
    ),
    "another's name": (
        "Deployment",
        "energy-relay",
        lambda one: tell(one, "LITOPYS_NAME", "registers"),
        "its label says energy",
    ),
    "a module that is none": (
        "StatefulSet",
        "sealer-b",
        lambda one: box(one).update(args=["services.sealers"]),
        "starts nothing",
    ),
    "a port": (
        "StatefulSet",
        "validator-lviv-check",
        lambda one: tell(one, "LITOPYS_PORT", "8081"),
        "it listens at 8081",
    ),
    "a probe's path": (
        "Deployment",
        "registers-http",
        lambda one: box(one)["livenessProbe"]["httpGet"].update(path="/readyz"),
        "livenessProbe",
    ),
    "no time to end": (
        "Deployment",
        "registers-http",
        lambda one: one["spec"]["template"]["spec"].update(terminationGracePeriodSeconds=20),
        "killed before",
    ),
    "a key of another": (
        "StatefulSet",
        "validator-kyiv-check",
        lambda one: rename_volume_secret(one, "keys", "key-validator-lviv"),
        "mounted from nowhere",
    ),
    "a file that is not mounted": (
        "StatefulSet",
        "sealer-a",
        lambda one: tell(one, "LITOPYS_LOG_KEY_FILE", "/etc/litopys/key/log.key"),
        "mounted from nowhere",
    ),
    "an option that is none": (
        "Job",
        "bootstrap",
        lambda one: box(one)["args"].append("--sealers=c"),
        "no option --sealers",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_mistake_in_a_pod_is_seen(planted):
    kind, name, spoil, words = PLANTED[planted]
    manifests = overlay("dev")
    spoil(find(manifests, kind, name))
    assert any(words in said for said in complaints_of_pods(manifests)), complaints_of_pods(manifests)


LOST = {
    "a label": ("Deployment", "energy-http", lambda one: label(one).update({"app.kubernetes.io/instance": "energie"})),
    "a service": ("StatefulSet", "sealer-a", lambda one: one["spec"].update(serviceName="sealers")),
    "a certificate's secret": ("Ingress", "validator-kyiv", lambda one: one["spec"]["tls"][0].update(secretName="tls")),
    "a scaled deployment": (
        "HorizontalPodAutoscaler",
        "energy-http",
        lambda one: one["spec"]["scaleTargetRef"].update(name="energy"),
    ),
    "a database's cluster": ("Database", "sector-energy", lambda one: one["spec"]["cluster"].update(name="sector")),
    "a role's certificate": (
        "DatabaseRole",
        "sector-energy-owner",
        lambda one: one["spec"]["clientCertificate"].update(enabled=False),
    ),
    "a principal": ("KafkaUser", "sealer-b", lambda one: one["metadata"].update(name="sealer-c")),
    "a budget": (
        "PodDisruptionBudget",
        "validators",
        lambda one: one["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/component": "validator"}),
    ),
    "a store": ("ObjectStore", "backups", lambda one: one["metadata"].update(name="backup")),
}


@pytest.mark.parametrize("lost", LOST)
def test_what_is_lost_is_missed(lost):
    kind, name, spoil = LOST[lost]
    manifests = overlay("prod")
    spoil(find(manifests, kind, name))
    assert complaints_of_references(manifests, "prod")
