"""Kafka's settings as its image makes them of Compose's environment: by the same program, which is in the jars."""

import os
import subprocess

import pytest

from deploy.local.jars import jars_folder
from deploy.local.kafka import LOG4J
from tests.support.composed import composed, environment

pytestmark = pytest.mark.integration


def made(service, folder, **changes):
    """The server.properties that the image would start a broker with; CalledProcessError where Kafka refuses them."""
    for name in ("defaults", "mounted", "final"):
        (folder / name).mkdir(parents=True)
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (folder / "defaults" / name).touch()
    told = {
        **environment(service),
        "KAFKA_LOG_DIRS": str(folder / "data"),
        "CLUSTER_ID": "ComposeComposeComposeA",
        **changes,
    }
    options = [
        f"--default-configs-dir={folder / 'defaults'}",
        f"--mounted-configs-dir={folder / 'mounted'}",
        f"--final-configs-dir={folder / 'final'}",
    ]
    java = ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={LOG4J}"]
    command = [*java, "-cp", f"{jars_folder()}/*", "kafka.docker.KafkaDockerWrapper", "setup", *options]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **told}, text=True)
    lines = (folder / "final" / "server.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_three_brokers_keep_what_one_of_them_loses(tmp_path):
    service = composed("ha")["services"]["kafka-2"]
    settings = made(service, tmp_path)
    assert (tmp_path / "data" / "meta.properties").exists(), "Kafka took them, and formatted its folder"
    assert settings["node.id"] == "2"
    assert settings["controller.quorum.voters"] == "1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093"
    assert settings["advertised.listeners"] == "PLAINTEXT://kafka-2:9092"
    assert (settings["default.replication.factor"], settings["min.insync.replicas"]) == ("3", "2")
    assert settings["offsets.topic.replication.factor"] == "3"
    assert settings["auto.create.topics.enable"] == settings["unclean.leader.election.enable"] == "false"
    assert settings["log.retention.ms"] == "-1"
    assert settings["message.max.bytes"] == "1048576"
    known = {variable.removeprefix("KAFKA_").replace("_", ".").lower() for variable in environment(service)}
    assert known - settings.keys() <= {"heap.opts"}, "every variable became a setting"


def test_kafka_refuses_what_is_planted(tmp_path):
    service = composed()["services"]["kafka-1"]
    with pytest.raises(subprocess.CalledProcessError):
        made(service, tmp_path, KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLERS")
