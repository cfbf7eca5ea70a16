"""What a process does until its brokers are as it needs them: it waits for what is away, and refuses what is wrong."""

from types import SimpleNamespace

import pytest

from litopys.errors import Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.brokers import BrokersRefused, Profile
from litopys.service import brokers

pytestmark = pytest.mark.anyio

SETTINGS = SimpleNamespace(kafka=KafkaAddress("k:1"), kafka_profile=Profile.SINGLE)


async def waited(monkeypatch, *outcomes):
    """What is told while the brokers answer like this, one answer after another."""
    answers, told = iter(outcomes), []

    async def check(kafka, topics, *, profile):
        assert (kafka, topics, profile) == (SETTINGS.kafka, {"t": 1}, Profile.SINGLE)
        if (answer := next(answers)) is not None:
            raise answer

    monkeypatch.setattr(brokers, "check_brokers", check)
    try:
        await brokers.wait_for_brokers(SETTINGS, {"t": 1}, tell=told.append)
    finally:
        assert next(answers, "all") == "all"
    return told


async def test_what_is_away_is_waited_for_and_told(monkeypatch):
    assert await waited(monkeypatch, Unavailable("no answer"), Unavailable("no topic"), None) == [
        "no answer",
        "no topic",
    ]


async def test_what_is_set_wrongly_is_not_waited_for(monkeypatch):
    with pytest.raises(BrokersRefused, match="min"):
        await waited(monkeypatch, Unavailable("no answer"), BrokersRefused("min.insync.replicas is 1"))
