"""The topics of a network: their names, their settings, and how they are made."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Future

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.cimpl import NewTopic

from litopys.errors import Halted, Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.settings import MAX_MESSAGE_BYTES, admin_settings
from litopys.ledger.network import Network

TIMEOUT_S = 30.0
# What a topic of ours must say of itself. Compression is undone by the broker so that its size limit is that of what
# readers unpack: else a small record that unpacks to 150 MB would stop every reader at its offset for ever.
SETTINGS = {
    "cleanup.policy": "delete",
    "compression.type": "uncompressed",
    "max.message.bytes": str(MAX_MESSAGE_BYTES),
    "message.timestamp.type": "LogAppendTime",
    "retention.bytes": "-1",
    "retention.ms": "-1",
    "unclean.leader.election.enable": "false",
}


class TopicRefused(Halted):
    """A topic of that name stands there with other partitions or settings than the network needs."""


def events_topic(prefix: str, sector: str) -> str:
    """Answer the name of a sector's topic."""
    return f"{prefix}.events.{sector}"


def blocks_topic(prefix: str) -> str:
    """Answer the name of the topic of sealed blocks."""
    return f"{prefix}.blocks"


def cosignatures_topic(prefix: str) -> str:
    """Answer the name of the topic of cosignatures."""
    return f"{prefix}.cosignatures"


def sealers_group(prefix: str) -> str:
    """Answer the name of the consumer group that elects the one sealer who proposes."""
    return f"{prefix}.sealers"


def network_topics(network: Network) -> dict[str, int]:
    """Answer the number of partitions of every topic of the network, by topic name."""
    events = {events_topic(network.topics, sector.name): sector.partitions for sector in network.sectors}
    return {**events, blocks_topic(network.topics): 1, cosignatures_topic(network.topics): 1}


async def create_topics(kafka: KafkaAddress, topics: Mapping[str, int], *, replication: int = 1) -> list[str]:
    """Create what is missing of `topics` (name → partitions) and check what is there. Answers the names created.

    Raises Unavailable; TopicRefused where a topic is there with other partitions or settings.
    """
    return await asyncio.to_thread(_create, kafka, topics, replication)


def _create(kafka: KafkaAddress, topics: Mapping[str, int], replication: int) -> list[str]:
    admin = AdminClient(admin_settings(kafka, "litopys-topics"))
    try:
        there = admin.list_topics(timeout=TIMEOUT_S).topics
        missing = [name for name in topics if name not in there]
        if missing:
            new = [NewTopic(name, topics[name], replication, config=SETTINGS) for name in missing]
            for made in admin.create_topics(new, operation_timeout=TIMEOUT_S).values():
                _tolerate_existing(made)
        _check_once_visible(admin, topics)
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap}: {error}") from error
    except TimeoutError as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} does not answer in time") from error
    return missing


def _tolerate_existing(made: "Future[None]") -> None:
    """Somebody else may create the same topics at the same moment: then they are checked like any others."""
    try:
        made.result(TIMEOUT_S)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def _check_once_visible(admin: AdminClient, topics: Mapping[str, int]) -> None:
    """Check; what was just made is not yet known to every broker, so it is asked for again for a while."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            _check(admin, topics)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _check(admin: AdminClient, topics: Mapping[str, int]) -> None:
    there = admin.list_topics(timeout=TIMEOUT_S).topics
    for name, partitions in topics.items():
        if name not in there:
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART, name))
        found = len(there[name].partitions)
        if found != partitions:
            raise TopicRefused(f"topic {name} has {found} partitions, not {partitions}")
    described = admin.describe_configs([ConfigResource("topic", name) for name in topics])
    for resource, answer in described.items():
        values = {setting: entry.value for setting, entry in answer.result(TIMEOUT_S).items()}
        different = {name: values.get(name) for name, value in SETTINGS.items() if values.get(name) != value}
        if different:
            raise TopicRefused(f"topic {resource.name} is set otherwise: {different}")
