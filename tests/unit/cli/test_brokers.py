"""`litopys network permissions` and `topics`, as far as they go without a Kafka."""

import json
from dataclasses import asdict

import pytest

from litopys.kafka.permissions import permissions
from tests.support.simulated import Simulated


@pytest.fixture
def network_file(tmp_path):
    path = tmp_path / "network.json"
    path.write_bytes(Simulated().file())
    return path


def test_the_rules_are_printed_for_programs(run, network_file):
    ran = run("network", "permissions", "--network-file", network_file, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["permissions"] == [asdict(rule) for rule in permissions(Simulated().network())]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--bootstrap"),
        (["--bootstrap=k:1", "--kafka-ca-file=ca.crt"], "the own certificate and the own key is not named"),
    ],
)
def test_rules_are_brought_to_a_kafka_that_is_named_whole(run, network_file, arguments, said):
    ran = run("network", "permissions", "--network-file", network_file, *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_kafka_that_is_away_says_nothing_for_certain(run, network_file, monkeypatch):
    monkeypatch.setattr("litopys.kafka.topics.TIMEOUT_S", 0.2)
    ran = run("network", "topics", "--network-file", network_file, "--bootstrap=127.0.0.1:1")
    assert ran.code == 3
    assert "127.0.0.1:1" in ran.err
