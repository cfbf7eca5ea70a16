"""One of two at a time, and the other when it is gone."""

import asyncio

import pytest
from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient

from litopys.kafka.election import Election
from litopys.kafka.settings import admin_settings
from litopys.kafka.topics import create_topics
from tests.support.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


def candidate(kafka, topic, name):
    return Election(kafka, topic=topic, group=f"{topic}.group", name=name, session_timeout_ms=6_000)


async def holds(condition):
    async def asked():
        return condition()

    await until(asked)


async def both_stand(kafka, topic):
    """Return once the group has both and knows who does what: one who has not joined yet can lose nothing."""
    admin, group = AdminClient(admin_settings(kafka, "look")), f"{topic}.group"

    async def asked():
        found = await asyncio.to_thread(lambda: admin.describe_consumer_groups([group])[group].result(10))
        return found.state == ConsumerGroupState.STABLE and len(found.members) == 2

    await until(asked)


async def test_one_is_elected_and_its_leaving_elects_the_other(kafka, topics_prefix):
    topic = f"{topics_prefix}.blocks"
    await create_topics(kafka, {topic: 1})
    async with candidate(kafka, topic, "a") as a:
        await holds(lambda: a.is_elected)
        async with candidate(kafka, topic, "b") as b:
            await holds(lambda: a.is_elected != b.is_elected)
            first, second = (a, b) if a.is_elected else (b, a)
            await first.__aexit__(None, None, None)
            assert not first.is_elected
            await holds(lambda: second.is_elected)


async def test_a_dead_broker_leaves_the_seat_on_credit_until_another_acts(kafka, kafka_server, topics_prefix):
    topic = f"{topics_prefix}.blocks"
    await create_topics(kafka, {topic: 1})
    async with candidate(kafka, topic, "a") as a, candidate(kafka, topic, "b") as b:
        await both_stand(kafka, topic)
        await holds(lambda: a.is_elected != b.is_elected)
        first, second = (a, b) if a.is_elected else (b, a)
        first.give_way()
        assert first.is_elected, "the group has given it the seat"
        kafka_server.kill()
        try:
            await holds(lambda: first._is_on_credit and second._is_on_credit)
            assert first.is_elected
            assert not second.is_elected
            first.give_way()
            assert not first.is_elected
        finally:
            kafka_server.start()
        await holds(lambda: a.is_elected != b.is_elected)
