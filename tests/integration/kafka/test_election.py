"""One of two at a time, and the other when it is gone."""

import pytest

from litopys.kafka.election import Election
from litopys.kafka.topics import create_topics
from tests.support.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


def candidate(kafka, topic, name):
    return Election(kafka, topic=topic, group=f"{topic}.group", name=name, session_timeout_ms=6_000)


async def holds(condition):
    async def asked():
        return condition()

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
        await holds(lambda: a.is_elected != b.is_elected)
        first, second = (a, b) if a.is_elected else (b, a)
        first.give_way()
        assert first.is_elected, "the group has given it the seat"
        kafka_server.kill()
        try:
            await holds(lambda: first._is_on_credit)
            assert first.is_elected
            assert not second.is_elected
            first.give_way()
            assert not first.is_elected
        finally:
            kafka_server.start()
        await holds(lambda: a.is_elected != b.is_elected)
