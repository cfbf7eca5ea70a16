"""Who may do what on a network's Kafka: the one source of its access rules, derived from what our processes do.

A sector writes its own topic and nothing else, and reads it and what tells it of verdicts. Sealers alone write blocks;
validators and sealers write cosignatures. Nobody has a TransactionalId: there are no transactions. An idempotent
producer needs no right beside that to write its topic (KIP-679).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from litopys.kafka.settings import NO_GROUP
from litopys.kafka.topics import blocks_topic, cosignatures_topic, events_topic, network_topics, sealers_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from litopys.ledger.network import Network

OPERATOR = "operator"
"""Makes the topics; reads and writes none of them."""
AUDITOR = "auditor"
"""Reads every topic."""


class Operation(StrEnum):
    """What is allowed, by the name that Kafka gives it."""

    CREATE = "CREATE"
    DESCRIBE = "DESCRIBE"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"
    READ = "READ"
    WRITE = "WRITE"


class Resource(StrEnum):
    """On what."""

    CLUSTER = "CLUSTER"
    GROUP = "GROUP"
    TOPIC = "TOPIC"


class Pattern(StrEnum):
    """How the resource's name is meant: always as it stands."""

    LITERAL = "LITERAL"


CLUSTER_NAME = "kafka-cluster"
"""What Kafka calls the one resource of its kind."""


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One rule: from any host, `principal` (the common name of a certificate) may do `operation`."""

    principal: str
    resource: Resource
    name: str
    operation: Operation
    pattern: Pattern = Pattern.LITERAL


def sector_principal(name: str) -> str:
    """Answer how Kafka knows a sector: an operator's user of that name can have no underscore."""
    return f"sector-{name.replace('_', '-')}"


def permissions(network: Network) -> list[Permission]:
    """Return all rules of a network, in order of principals. Whatever is not in them is to be refused."""
    every = sorted(network_topics(network))
    blocks, cosignatures = blocks_topic(network.topics), cosignatures_topic(network.topics)
    rules: list[Permission] = []
    for sector in network.sectors:
        own = events_topic(network.topics, sector.name)
        rules += _process(sector_principal(sector.name), reads=(own, blocks, cosignatures), writes=(own,))
    for name in sorted({sealer.name for sealer in network.sealers}):
        rules += _process(f"sealer-{name}", reads=every, writes=(blocks, cosignatures))
        group = sealers_group(network.topics)
        rules.append(Permission(f"sealer-{name}", Resource.GROUP, group, Operation.READ))
    for validator in network.validators:
        rules += _process(f"validator-{validator.name}", reads=every, writes=(cosignatures,))
    rules += _process(AUDITOR, reads=every, writes=())
    rules += _checks(OPERATOR, every)
    rules += [Permission(OPERATOR, Resource.TOPIC, topic, Operation.CREATE) for topic in every]
    rules += [Permission(OPERATOR, Resource.TOPIC, topic, Operation.DESCRIBE) for topic in every]
    return sorted(set(rules))


def _process(principal: str, *, reads: Iterable[str], writes: Iterable[str]) -> Iterator[Permission]:
    """Reading includes asking for ids and offsets. A reader joins no group, and asks who coordinates it."""
    reads = tuple(reads)
    yield from _checks(principal, reads)
    yield from (Permission(principal, Resource.TOPIC, topic, Operation.READ) for topic in reads)
    yield from (Permission(principal, Resource.TOPIC, topic, Operation.WRITE) for topic in writes)
    yield Permission(principal, Resource.GROUP, NO_GROUP, Operation.DESCRIBE)


def _checks(principal: str, topics: Iterable[str]) -> Iterator[Permission]:
    """What the check of the brokers at start asks (`litopys.kafka.brokers`)."""
    yield Permission(principal, Resource.CLUSTER, CLUSTER_NAME, Operation.DESCRIBE_CONFIGS)
    yield from (Permission(principal, Resource.TOPIC, topic, Operation.DESCRIBE_CONFIGS) for topic in topics)
