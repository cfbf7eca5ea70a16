"""Who may do what on Kafka, by the one list of it."""

import pytest

from litopys.kafka.permissions import CLUSTER_NAME, Operation, Pattern, Resource, permissions
from litopys.kafka.topics import network_topics
from tests.support.simulated import Simulated

NETWORK = Simulated().network()
RULES = permissions(NETWORK)
PREFIX = NETWORK.topics
BLOCKS, COSIGNATURES = f"{PREFIX}.blocks", f"{PREFIX}.cosignatures"


def who(operation, resource, name):
    return {
        rule.principal for rule in RULES if (rule.operation, rule.resource, rule.name) == (operation, resource, name)
    }


def test_a_sector_alone_writes_its_own_topic():
    for sector in NETWORK.sector_names:
        assert who(Operation.WRITE, Resource.TOPIC, f"{PREFIX}.events.{sector}") == {f"sector-{sector}"}


def test_sealers_alone_write_blocks_and_only_they_and_validators_cosignatures():
    sealers = {f"sealer-{sealer.name}" for sealer in NETWORK.sealers}
    assert who(Operation.WRITE, Resource.TOPIC, BLOCKS) == sealers
    validators = {f"validator-{one.name}" for one in NETWORK.validators}
    assert who(Operation.WRITE, Resource.TOPIC, COSIGNATURES) == sealers | validators


def test_a_sector_reads_its_own_events_and_no_others():
    for sector in NETWORK.sector_names:
        read = {
            rule.name for rule in RULES if rule.principal == f"sector-{sector}" and rule.operation is Operation.READ
        }
        assert read == {f"{PREFIX}.events.{sector}", BLOCKS, COSIGNATURES}


def test_sealers_alone_join_their_group():
    assert who(Operation.READ, Resource.GROUP, f"{PREFIX}.sealers") == {f"sealer-{s.name}" for s in NETWORK.sealers}
    joined = {rule.name for rule in RULES if rule.resource is Resource.GROUP and rule.operation is Operation.READ}
    assert joined == {f"{PREFIX}.sealers"}


@pytest.mark.parametrize("reader", ["auditor", "operator"])
def test_who_looks_after_a_network_writes_nothing(reader):
    allowed = {rule.operation for rule in RULES if rule.principal == reader}
    assert Operation.WRITE not in allowed
    assert (Operation.READ in allowed) == (reader == "auditor")


def test_nobody_may_have_a_transaction_or_change_the_cluster():
    assert {rule.resource for rule in RULES} == {Resource.CLUSTER, Resource.GROUP, Resource.TOPIC}
    on_cluster = {(rule.name, rule.operation) for rule in RULES if rule.resource is Resource.CLUSTER}
    assert on_cluster == {(CLUSTER_NAME, Operation.DESCRIBE_CONFIGS)}


def test_rules_name_what_is_there_once_and_as_it_stands():
    assert len(set(RULES)) == len(RULES)
    assert {rule.pattern for rule in RULES} == {Pattern.LITERAL}
    assert {rule.name for rule in RULES if rule.resource is Resource.TOPIC} == set(network_topics(NETWORK))
    created = {rule.name for rule in RULES if rule.operation is Operation.CREATE}
    assert created == set(network_topics(NETWORK))
    assert {rule.principal for rule in RULES if rule.operation is Operation.CREATE} == {"operator"}
