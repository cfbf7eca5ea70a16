"""What must stop a validator, loudly and for good; and what must not."""

import pytest
from confluent_kafka.admin import AdminClient

from litopys.kafka.topics import blocks_topic, create_topics, network_topics
from tests.support.live_network import LiveNetwork, own_votes, until
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio


async def one_block(live, kyiv):
    await live.publish("thing:1")
    await live.seal()
    await kyiv.reached(height=0)


async def test_a_topic_that_was_made_again(live, kyiv):
    await one_block(live, kyiv)
    await kyiv.pause()
    admin = AdminClient({"bootstrap.servers": live.bootstrap})
    topic = blocks_topic(live.network.topics)
    admin.delete_topics([topic])[topic].result(10)

    async def is_gone():
        return topic not in admin.list_topics(timeout=10).topics

    await until(is_gone, what="the deletion")
    await create_topics(live.kafka, network_topics(live.network))
    kyiv.resume()
    assert "made again" in await kyiv.halted()


async def test_a_database_that_knows_another_cluster(live, kyiv):
    await one_block(live, kyiv)
    await kyiv.pause()
    await kyiv.pool.execute("update identity set cluster_id = 'another'")
    kyiv.resume()
    assert "cluster" in await kyiv.halted()


@pytest.mark.parametrize("column", ["origin = 'other.example/net'", "network_digest = '\\x00'", "validator = 'lviv'"])
async def test_a_database_that_is_not_ours(live, kyiv, column):
    await one_block(live, kyiv)
    await kyiv.pause()
    await kyiv.pool.execute(f"update identity set {column}")
    kyiv.resume()
    assert "WrongDatabase" in await kyiv.halted()


async def test_kafka_that_ends_before_our_position(live, kyiv):
    await one_block(live, kyiv)
    await kyiv.pause()
    await kyiv.pool.execute("update position set next_offset = next_offset + 5 where topic like '%blocks'")
    kyiv.resume()
    assert "RecordsLost" in await kyiv.halted()


async def test_a_rule_that_exhausts_the_machine_is_no_verdict(live, kyiv):
    await live.publish("thing:1", data={"refuse": "memory"})
    await live.seal()
    assert "exhausted" in await kyiv.halted()
    assert await own_votes(kyiv.pool) == []


async def test_a_second_process_on_one_database_waits(live, kyiv, tmp_path):
    await one_block(live, kyiv)
    async with live.validator("kyiv", kyiv.database, tmp_path) as second:

        async def waits():
            return second.standing.fault and "another process writes" in second.standing.fault

        await until(waits, what="that the second waits")
        await kyiv.pause()
        await live.publish("thing:1", 2)
        await live.seal()
        await second.reached(height=1)
    assert await own_votes(kyiv.pool) == [(2, 0), (4, 1)]


async def test_rules_that_this_build_lacks_are_waited_for(kafka, topics_prefix, database, tmp_path):
    from litopys.errors import Unavailable  # noqa: PLC0415
    from tests.support.live_network import CountingDomain  # noqa: PLC0415

    known = []

    def load_domain(sector, rules):
        if not known:
            raise Unavailable(f"this build lacks rules {rules} of {sector}")
        return CountingDomain()

    async with (
        LiveNetwork.start(kafka, topics_prefix, simulated=Simulated()) as live,
        live.validator("kyiv", database, tmp_path, load_domain=load_domain) as kyiv,
    ):
        await live.publish("thing:1")
        await live.seal()

        async def waits():
            return kyiv.standing.fault and "lacks rules" in kyiv.standing.fault

        await until(waits, what="that it says what it lacks")
        known.append("newer build")
        await kyiv.reached(height=0)
