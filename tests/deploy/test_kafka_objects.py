"""Topics and rights on Kafka are those of the code, for the very network that an overlay's bootstrap would make."""

import importlib

import pytest

from deploy.docker.bootstrap import draw
from litopys.kafka.topics import SETTINGS, network_topics
from litopys.ledger.network_file import parse_network
from services.catalogue import sector_names
from tests.support.manifests import find, of_kind, overlay

WITH_KAFKA = ("dev", "prod")


@pytest.fixture(scope="module")
def network():
    arguments = find(overlay("dev"), "Job", "bootstrap")["spec"]["template"]["spec"]["containers"][0]["args"][1:]
    files = draw([*arguments, *(f"--sector={name}" for name in sector_names())])
    return parse_network(files["network.json"])


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", WITH_KAFKA)
def test_each_topic_is_there_as_the_code_demands(name, network):
    found = {one["spec"]["topicName"]: one["spec"] for one in of_kind(overlay(name), "KafkaTopic")}
    assert {topic: spec["partitions"] for topic, spec in found.items()} == network_topics(network)
    copies, in_sync = (3, "2") if name == "prod" else (1, "1")
    for topic, spec in found.items():
        config = {setting: as_text(value) for setting, value in spec["config"].items()}
        assert config == SETTINGS | {"min.insync.replicas": in_sync}, topic
        assert spec["replicas"] == copies, topic


def test_the_brokers_are_set_for_a_network_that_may_lose_one():
    manifests = overlay("prod")
    pools = {one["metadata"]["name"]: one["spec"] for one in of_kind(manifests, "KafkaNodePool")}
    assert {name: (one["roles"], one["replicas"]) for name, one in pools.items()} == {
        "brokers": (["broker"], 3),
        "controllers": (["controller"], 3),
    }
    config = find(manifests, "Kafka", "litopys")["spec"]["kafka"]["config"]
    assert config["min.insync.replicas"] == 2
    assert config["default.replication.factor"] == 3
    assert config["auto.create.topics.enable"] is False
    assert config["unclean.leader.election.enable"] is False
    listeners = find(manifests, "Kafka", "litopys")["spec"]["kafka"]["listeners"]
    assert all(one["tls"] and one["authentication"] == {"type": "tls"} for one in listeners)


def granted(manifests, network):
    """What the objects allow, as the code writes it; a prefix means every topic of the network that begins so."""
    topics = network_topics(network)
    for user in of_kind(manifests, "KafkaUser"):
        assert user["spec"]["authentication"] == {"type": "tls"}
        for acl in user["spec"]["authorization"]["acls"]:
            resource = acl["resource"]
            name = resource.get("name", "kafka-cluster")
            is_prefix = resource.get("patternType") == "prefix"
            names = [topic for topic in topics if topic.startswith(name)] if is_prefix else [name]
            for operation in acl["operations"]:
                snake = "".join(f"_{letter}" if letter.isupper() else letter for letter in operation).strip("_").upper()
                yield from ((user["metadata"]["name"], resource["type"].upper(), one, snake) for one in names)


def rights(network):
    """The one source of all rights, in the same form."""
    try:
        source = importlib.import_module("litopys.kafka.permissions")
    except ModuleNotFoundError:
        pytest.skip("litopys.kafka.permissions is not in this tree yet")
    return {
        (one.principal.replace("_", "-"), str(one.resource), one.name, str(one.operation))
        for one in source.permissions(network)
    }


@pytest.mark.parametrize("name", WITH_KAFKA)
def test_each_principal_may_do_what_the_code_says_and_no_more(name, network):
    assert set(granted(overlay(name), network)) == rights(network)


@pytest.mark.parametrize("operation", ["Write", "Create", "All"])
def test_a_right_too_many_is_seen(operation, network):
    manifests = overlay("prod")
    find(manifests, "KafkaUser", "sector-energy")["spec"]["authorization"]["acls"][1]["operations"].append(operation)
    assert set(granted(manifests, network)) != rights(network)
