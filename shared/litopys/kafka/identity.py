"""Which cluster and which topics these are: ids that change when somebody makes a topic again under its old name."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._topic import TopicDescription

from litopys.errors import Halted, Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.settings import admin_settings

TIMEOUT_S = 5.0


class ClusterChanged(Halted):
    """The cluster, or a topic on it, is another one than the one that we have read so far."""


@dataclass(frozen=True, slots=True)
class ClusterIdentity:
    """A cluster's id, and the ids of some of its topics by name. Readers pin both beside their positions."""

    cluster_id: str
    topic_ids: Mapping[str, str]

    def check_same(self, found: "ClusterIdentity") -> None:
        """Raise ClusterChanged unless `found` is our cluster with our topics; more topics are no matter."""
        if found.cluster_id != self.cluster_id:
            raise ClusterChanged(f"cluster {found.cluster_id} stands where {self.cluster_id} was")
        for topic, topic_id in self.topic_ids.items():
            if found.topic_ids.get(topic) != topic_id:
                raise ClusterChanged(f"topic {topic} is {found.topic_ids.get(topic)}, not {topic_id} any more")


async def read_identity(kafka: KafkaAddress, topics: Collection[str]) -> ClusterIdentity:
    """Ask Kafka for its id and those of `topics`. Raises Unavailable; ClusterChanged if one of them is not there."""
    admin = AdminClient(admin_settings(kafka, "litopys-identity"))
    return await asyncio.to_thread(ask_identity, admin, topics)


def ask_identity(admin: AdminClient, topics: Collection[str]) -> ClusterIdentity:
    """Do what `read_identity` does over a client at hand, blocking; for threads."""
    try:
        # Not `describe_cluster`: librdkafka aborts the process when a broker answers it that it knows of no brokers, as
        # one does that was fenced for a moment (2.16, an assertion on `rko_result`).
        cluster_id: Any = admin.list_topics(min(topics), timeout=TIMEOUT_S).cluster_id  # typed as None
        described = admin.describe_topics(TopicCollection(list(topics)), request_timeout=TIMEOUT_S)
        found = {name: _topic_id(name, answer.result(TIMEOUT_S)) for name, answer in described.items()}
    except KafkaException as error:
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise ClusterChanged(f"a topic is gone: {error}") from error
        raise Unavailable(f"Kafka does not tell its identity: {error}") from error
    except TimeoutError as error:
        raise Unavailable("Kafka does not tell its identity in time") from error
    if cluster_id is None:
        raise Unavailable("Kafka does not tell the id of its cluster")
    return ClusterIdentity(cluster_id, found)


def _topic_id(name: str, description: TopicDescription) -> str:
    if description.topic_id is None:
        raise ClusterChanged(f"topic {name} has no id")
    return str(description.topic_id)
