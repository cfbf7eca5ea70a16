"""Whether the brokers are set as the ledger needs them: asked of the live cluster at the start of every process.

Settings by which records could be lost, or topics come to be that nobody made, must not be found out by losing them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource

from litopys.errors import Malformed, Unavailable
from litopys.kafka.settings import admin_settings
from litopys.kafka.topics import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from litopys.kafka.address import KafkaAddress

TIMEOUT_S = 10.0
_FALSE = ("auto.create.topics.enable", "unclean.leader.election.enable")
_REFUSALS = frozenset({KafkaError.CLUSTER_AUTHORIZATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED})


class Profile(StrEnum):
    """What a cluster is for: one that may lose a broker, or a development's single one."""

    REPLICATED = "replicated"
    SINGLE = "single"

    @property
    def copies(self) -> int:
        """How many brokers at least must keep each record."""
        return 3 if self is Profile.REPLICATED else 1

    @property
    def in_sync(self) -> int:
        """How many brokers at least must have a record before it counts as written."""
        return 2 if self is Profile.REPLICATED else 1


class BrokersRefused(Malformed):
    """Kafka is set otherwise than the ledger needs: the message says what to change."""


class FoundTopic(NamedTuple):
    """A topic as the cluster has it: its partitions, the least number of copies among them, its effective settings."""

    partitions: int
    copies: int
    settings: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What the cluster says of itself: the settings of each living broker by its id, and the topics that were asked."""

    brokers: Mapping[int, Mapping[str, str | None]]
    topics: Mapping[str, FoundTopic]


async def check_brokers(kafka: KafkaAddress, topics: Mapping[str, int], *, profile: Profile) -> None:
    """Check the living brokers and `topics` (name → partitions).

    Raises BrokersRefused, whose words say what is to be changed; Unavailable where Kafka does not answer, does not have
    a topic yet, or does not let us ask.
    """
    found = await asyncio.to_thread(_ask, kafka, topics)
    if faults := list(find_faults(found, topics, profile)):
        raise BrokersRefused(f"Kafka at {kafka.bootstrap} is not set as the ledger needs it: {'; '.join(faults)}")


def find_faults(found: Found, topics: Mapping[str, int], profile: Profile) -> Iterator[str]:
    """Yield a sentence for whatever must be changed: which setting, what it is, what it must be."""
    for broker, settings in sorted(found.brokers.items()):
        where = f"broker {broker}"
        for name in _FALSE:
            if settings.get(name) != "false":
                yield f"{where}: {name} is {settings.get(name)} and must be false"
        yield from _too_few(where, settings, "min.insync.replicas", profile.in_sync)
        yield from _too_few(where, settings, "offsets.topic.replication.factor", profile.copies)
    for name, topic in sorted(found.topics.items()):
        where = f"topic {name}"
        if topic.partitions != topics[name]:
            yield f"{where}: it has {topic.partitions} partitions and must have {topics[name]}, from its beginning"
        if topic.copies < profile.copies:
            yield f"{where}: its replication factor is {topic.copies} and must be at least {profile.copies}"
        yield from _too_few(where, topic.settings, "min.insync.replicas", profile.in_sync)
        for setting, needed in SETTINGS.items():
            if (value := topic.settings.get(setting)) != needed:
                yield f"{where}: {setting} is {value} and must be {needed}"


def _too_few(where: str, settings: Mapping[str, str | None], name: str, least: int) -> Iterator[str]:
    value = settings.get(name)
    if value is None or not value.isdecimal() or int(value) < least:
        yield f"{where}: {name} is {value} and must be at least {least}"


def _ask(kafka: KafkaAddress, topics: Mapping[str, int]) -> Found:
    try:
        admin = AdminClient(admin_settings(kafka, "litopys-brokers"))
    except KafkaException as error:  # files of TLS that are none, or a key of another certificate
        raise Malformed(f"no client of Kafka can be made of these settings: {error}") from error
    try:
        return _find(admin, topics)
    except KafkaException as error:
        if error.args[0].code() in _REFUSALS:
            raise Unavailable(f"Kafka does not let us ask: `litopys network permissions` would ({error})") from error
        raise Unavailable(f"Kafka at {kafka.bootstrap} does not tell its settings: {error}") from error
    except TimeoutError as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} does not tell its settings in time") from error


def _find(admin: AdminClient, topics: Mapping[str, int]) -> Found:
    cluster = admin.list_topics(timeout=TIMEOUT_S)
    missing = sorted(name for name in topics if name not in cluster.topics or cluster.topics[name].error is not None)
    if missing:
        told = f"{', '.join(missing)}: no such topic, or we may not see it"
        raise Unavailable(f"{told} (`litopys network topics` makes them, `litopys network permissions` lets us in)")
    # One request each: a broker tells of itself alone.
    brokers = {broker: _settings(admin, "broker", str(broker)) for broker in cluster.brokers}
    found = {}
    for name in topics:
        partitions = cluster.topics[name].partitions.values()
        copies = min((len(one.replicas) for one in partitions), default=0)
        found[name] = FoundTopic(len(partitions), copies, _settings(admin, "topic", name))
    return Found(brokers, found)


def _settings(admin: AdminClient, kind: str, name: str) -> dict[str, str | None]:
    [answer] = admin.describe_configs([ConfigResource(kind, name)], request_timeout=TIMEOUT_S).values()
    return {setting: entry.value for setting, entry in answer.result(TIMEOUT_S).items()}
