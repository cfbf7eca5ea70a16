"""What brokers and topics must be set to: whatever is otherwise is named with what it is and what it must be."""

import pytest

from litopys.kafka.brokers import Found, FoundTopic, Profile, find_faults
from litopys.kafka.topics import SETTINGS

TOPICS = {"l.blocks": 1, "l.events.a": 8}


def broker(**changes):
    sound = {
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "min.insync.replicas": "2",
        "offsets.topic.replication.factor": "3",
    }
    return sound | changes


def topic(partitions=1, copies=3, **changes):
    return FoundTopic(partitions, copies, SETTINGS | {"min.insync.replicas": "2"} | changes)


def found(*, blocks=None, **second):
    return Found({1: broker(), 2: broker(**second)}, {"l.blocks": blocks or topic(), "l.events.a": topic(8)})


def test_a_sound_cluster_has_no_faults():
    assert list(find_faults(found(), TOPICS, Profile.REPLICATED)) == []


BROKERS = [
    ("auto.create.topics.enable", "true", "broker 2: auto.create.topics.enable is true and must be false"),
    ("unclean.leader.election.enable", "true", "broker 2: unclean.leader.election.enable is true and must be false"),
    ("min.insync.replicas", "1", "broker 2: min.insync.replicas is 1 and must be at least 2"),
    ("offsets.topic.replication.factor", "1", "broker 2: offsets.topic.replication.factor is 1 and must be at least 3"),
    ("min.insync.replicas", None, "broker 2: min.insync.replicas is None and must be at least 2"),
]


@pytest.mark.parametrize(("setting", "value", "sentence"), BROKERS)
def test_a_broker_that_is_set_otherwise_is_named(setting, value, sentence):
    assert list(find_faults(found(**{setting: value}), TOPICS, Profile.REPLICATED)) == [sentence]


TOPIC = "topic l.blocks: "
WRONG = [
    (topic(2), "it has 2 partitions and must have 1, from its beginning"),
    (topic(copies=1), "its replication factor is 1 and must be at least 3"),
    (topic(**{"min.insync.replicas": "1"}), "min.insync.replicas is 1 and must be at least 2"),
    *((topic(**{name: "x"}), f"{name} is x and must be {value}") for name, value in SETTINGS.items()),
]


@pytest.mark.parametrize(("blocks", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_topic_that_is_set_otherwise_is_named(blocks, sentence):
    assert list(find_faults(found(blocks=blocks), TOPICS, Profile.REPLICATED)) == [TOPIC + sentence]


def test_a_single_broker_is_enough_for_a_development_and_nothing_else_is_let_pass():
    one = {"min.insync.replicas": "1"}
    cluster = Found(
        {1: broker(**one, **{"offsets.topic.replication.factor": "1"})},
        {name: topic(partitions, 1, **one) for name, partitions in TOPICS.items()},
    )
    assert list(find_faults(cluster, TOPICS, Profile.SINGLE)) == []
    assert len(list(find_faults(cluster, TOPICS, Profile.REPLICATED))) == 2 + 2 * 2
    cluster = Found({1: broker(**{"auto.create.topics.enable": "true"})}, {})
    assert len(list(find_faults(cluster, {}, Profile.SINGLE))) == 1
