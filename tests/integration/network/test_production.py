"""Kafka as it stands in production: TLS, rules for each member, three copies; one cluster for all tests here."""

import asyncio
import contextlib
import itertools
import json
import resource
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

from deploy.local.ports import LOOPBACK
from litopys.errors import LitopysError, Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.brokers import BrokersRefused, Profile, check_brokers
from litopys.kafka.election import Election
from litopys.kafka.follower import Follower
from litopys.kafka.identity import ask_identity
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing
from litopys.kafka.settings import admin_settings, connection_settings
from litopys.kafka.topics import create_topics, network_topics, sealers_group
from litopys.postgres.sector_verdicts import State
from litopys.service.patience import patiently
from litopys.sourcing.facts import Decided
from tests.support.certificates import Authority
from tests.support.live_network import LiveNetwork, until
from tests.support.sealer_processes import sealer_processes
from tests.support.secure_kafka import SecureKafka
from tests.support.simulated import Simulated
from tests.support.toy_sector.domain import RULES, BoxOpened
from tests.support.whole_network import WholeNetwork

pytestmark = [pytest.mark.anyio, pytest.mark.integration, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
NETWORK = Simulated().network()
BLOCKS, COSIGNATURES = f"{NETWORK.topics}.blocks", f"{NETWORK.topics}.cosignatures"
EVENTS = {sector: f"{NETWORK.topics}.events.{sector}" for sector in NETWORK.sector_names}
TOPICS = frozenset({*EVENTS.values(), BLOCKS, COSIGNATURES})
NOTHING: frozenset[str] = frozenset()
VALIDATORS = [f"validator-{one.name}" for one in NETWORK.validators]
# Written down here once more, from operations.md and not from the code: who may write what, and who may read what.
WRITE = {
    "sector-registers": {EVENTS["registers"]},
    "sector-energy": {EVENTS["energy"]},
    "sealer-a": {BLOCKS, COSIGNATURES},
    **dict.fromkeys(VALIDATORS, frozenset({COSIGNATURES})),
    **dict.fromkeys(("operator", "auditor", "somebody"), NOTHING),
}
READ = {
    "sector-registers": {EVENTS["registers"], BLOCKS, COSIGNATURES},
    "sector-energy": {EVENTS["energy"], BLOCKS, COSIGNATURES},
    **dict.fromkeys(("sealer-a", *VALIDATORS, "auditor"), TOPICS),
    **dict.fromkeys(("operator", "somebody"), NOTHING),
}


@pytest.fixture(scope="module")
def cluster(server_folder):
    """Three brokers, and on them a network whose topics and rules were made by the commands for that."""
    kafka = SecureKafka(server_folder / f"secure-{secrets.token_hex(3)}")
    try:
        kafka.start()
        file = kafka.folder / "network.json"
        file.write_bytes(Simulated().file())
        litopys(kafka, "admin", "permissions", file)
        litopys(kafka, "operator", "topics", file, "--replication=3")
        yield kafka
    finally:
        kafka.stop()


def litopys(kafka, principal, command, file, *more):
    """Say `litopys network …` with the certificate of a principal."""
    tls = kafka.address_of(principal).tls
    files = (
        f"--kafka-ca-file={tls.ca}",
        f"--kafka-certificate-file={tls.certificate}",
        f"--kafka-key-file={tls.key}",
    )
    where = (f"--network-file={file}", f"--bootstrap={kafka.bootstrap}", *files)
    done = subprocess.run(
        (sys.executable, "-m", "litopys.cli.main", "network", command, *where, *more),
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def may_write(kafka, topic) -> bool:
    async with Publisher(kafka, "writer") as publisher:
        try:
            await asyncio.wait_for(publisher.publish([Outgoing(topic, 0, b"x", ())]), 60)
        except Unavailable:
            return False
        return True


async def may_read(kafka, topic) -> bool:
    """Whether the first record of a topic, which has one, reaches a reader."""
    async with asyncio.timeout(60), Follower(kafka, "reader", {(topic, 0): 0}) as follower:
        try:
            while not await follower.read(0.5):
                pass
        except LitopysError as error:
            if "AUTHORIZATION_FAILED" not in str(error):
                raise
            return False
        return True


async def test_who_may_write_and_read_what(cluster):
    of = {principal: cluster.address_of(principal) for principal in WRITE}
    asked = [(principal, topic) for principal in of for topic in sorted(TOPICS)]
    few = asyncio.Semaphore(8)

    async def try_all(may):
        async def ask(principal, topic):
            async with few:
                return await may(of[principal], topic)

        return dict(zip(asked, await asyncio.gather(*(ask(*one) for one in asked)), strict=True))

    written = await try_all(may_write)
    assert [one for one, may in written.items() if may != (one[1] in WRITE[one[0]])] == []
    read = await try_all(may_read)
    assert [one for one, may in read.items() if may != (one[1] in READ[one[0]])] == []
    async with Follower(cluster.address, "count", {(topic, 0): 0 for topic in TOPICS}) as follower:
        there = {topic: end for (topic, _), (_, end) in (await follower.watermarks()).items()}
    assert there == {topic: sum(topic in may for may in WRITE.values()) for topic in TOPICS}, "no refused record got in"


async def test_each_may_ask_what_it_checks_at_start(cluster):
    topics = network_topics(NETWORK)
    for principal in READ.keys() - {"somebody"}:
        seen = {topic: topics[topic] for topic in READ[principal] or TOPICS}
        await check_brokers(cluster.address_of(principal), seen, profile=Profile.REPLICATED)
    with pytest.raises(Unavailable, match="or we may not see it"):
        await check_brokers(cluster.address_of("somebody"), topics, profile=Profile.REPLICATED)


async def test_sealers_alone_stand_for_election(cluster):
    def stand(principal):
        group = sealers_group(NETWORK.topics)
        return Election(
            cluster.address_of(principal), topic=BLOCKS, group=group, name=principal, session_timeout_ms=6_000
        )

    async with stand("validator-kyiv") as intruder, stand("sealer-a") as sealer:
        await until(lambda: asyncio.sleep(0, sealer.is_elected), what="that the sealer is elected")
        assert not intruder.is_elected


def test_nobody_has_a_transaction_and_who_is_not_listed_does_nothing(cluster):
    for principal in WRITE:
        producer = Producer(connection(cluster.address_of(principal)) | {"transactional.id": "t"})
        with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
            producer.init_transactions(20)
    for principal in WRITE.keys() - {"operator"}:
        admin = AdminClient(connection(cluster.address_of(principal)))
        with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
            admin.create_topics([NewTopic(f"{NETWORK.topics}.mine", 1, 1)])[f"{NETWORK.topics}.mine"].result(20)
    told = AdminClient(connection(cluster.address_of("somebody"))).list_topics(timeout=20)
    assert not told.topics


def connection(kafka):
    settings = connection_settings(kafka, "test")
    del settings["allow.auto.create.topics"]
    return settings | {"log_level": 0}


def test_without_a_certificate_of_ours_nobody_enters(cluster, tmp_path):
    own = cluster.address_of("sealer-a").tls
    strangers = Authority(tmp_path / "strangers").files("sealer-a")
    nobody = {"security.protocol": "ssl", "ssl.ca.location": str(own.ca)}
    forged = KafkaAddress(cluster.bootstrap, type(own)(own.ca, strangers.certificate, strangers.key))
    other = connection(KafkaAddress(cluster.bootstrap.replace(cluster.host, LOOPBACK), own))  # no name of a broker
    for settings in ({"bootstrap.servers": cluster.bootstrap}, nobody, connection(forged), other):
        client = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0} | settings)
        with pytest.raises(KafkaException):
            client.list_topics(timeout=2)


async def test_a_dead_broker_that_kafka_names_as_its_controller_is_not_knocked_at_without_a_pause(cluster):
    """Each of twenty questions goes to whom Kafka names, and for some seconds it names one of three at random."""
    admin = AdminClient(admin_settings(cluster.address, "look"))
    known = ask_identity(admin, TOPICS)
    cluster.kill(1)
    try:
        before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw, time.monotonic()
        for _ in range(20):
            with contextlib.suppress(Unavailable):
                await asyncio.to_thread(ask_identity, admin, TOPICS)
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before
        assert switches < 5_000 * (1 + time.monotonic() - begin), "some 100,000 a second where it is"
        assert await patiently(lambda: asyncio.to_thread(ask_identity, admin, TOPICS)) == known
    finally:
        await asyncio.to_thread(cluster.start)


OPENED = Decided("box_opened", 1, BoxOpened("hats", None, "sha-256", None))


async def test_one_of_three_brokers_dies_under_load_and_nothing_is_lost_or_doubled(
    cluster, topics_prefix, databases, tmp_path
):
    async with WholeNetwork.start(
        cluster.address, topics_prefix, databases, tmp_path, domains={"toy": {1: RULES}}, secure=cluster
    ) as whole:
        toy = whole.services["toy"]

        is_enough = asyncio.Event()

        async def clerk(number):
            for count in itertools.count():
                await toy.acknowledge(f"box:c{number}n{count}", OPENED)
                await asyncio.sleep(0.05)
                if is_enough.is_set():
                    return

        async def more_than(count):
            return len(toy.acknowledged) > count

        clerks = [asyncio.create_task(clerk(number)) for number in range(4)]
        await until(lambda: more_than(50), what="some load")
        assert (await toy.settled(toy.acknowledged[0])).state is State.FINAL
        leader = _leader(cluster, f"{topics_prefix}.blocks")
        cluster.kill(leader)
        killed_at, before = time.monotonic(), len(toy.acknowledged)
        await until(lambda: more_than(before + 100), what="acknowledgements without it")
        late = await toy.settled(await toy.acknowledge("box:after", OPENED))
        assert late.state is State.FINAL, "final again on two of three"
        assert time.monotonic() - killed_at < 60
        is_enough.set()
        await asyncio.gather(*clerks)
        await asyncio.to_thread(cluster.start)
        statuses = [await toy.settled(address) for address in toy.acknowledged]
        assert {status.state for status in statuses} == {State.FINAL}
        assert len({status.index for status in statuses}) == len(toy.acknowledged)
        await _all_hold_it_once(whole, topics_prefix, len(toy.acknowledged))


async def _all_hold_it_once(whole, prefix, count):
    """Each event stands once on the topic and once on the ledger of each validator, under the same root."""
    events = {(f"{prefix}.events.toy", partition): 0 for partition in range(whole.network.partitions("toy"))}
    async with Follower(whole.live.kafka, "look", events) as follower:
        ends = {partition: end for partition, (_, end) in (await patiently(follower.watermarks)).items()}
        values = []
        while follower.positions != ends:
            values += [record.value for record in await patiently(lambda: follower.read(1))]
    assert len(values) == len(set(values)) == count
    height = await whole.final_height()
    assert len({(await validator.reached(height=height)).root for validator in whole.validators.values()}) == 1
    for validator in whole.validators.values():
        assert await validator.pool.fetchval("select sum(version) from stream") == count
        assert await validator.pool.fetchval("select count(*) from rejection") == 0


def _leader(cluster, topic) -> int:
    return AdminClient(connection(cluster.address)).list_topics(topic).topics[topic].partitions[0].leader - 1


def alter(cluster, kind, name, **settings):
    """Set what may be set while a cluster runs; None takes it back."""
    entries = [
        ConfigEntry(
            setting.replace("_", "."),
            value,
            incremental_operation=AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET,
        )
        for setting, value in settings.items()
    ]
    resource = ConfigResource(kind, name, incremental_configs=entries)
    admin = AdminClient(connection(cluster.address))
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(20)


WRONG = [
    ("topic", BLOCKS, {"min_insync_replicas": "1"}, f"topic {BLOCKS}: min.insync.replicas is 1 and must be at least 2"),
    ("topic", BLOCKS, {"retention_ms": "1000"}, f"topic {BLOCKS}: retention.ms is 1000 and must be -1"),
    ("broker", "1", {"unclean_leader_election_enable": "true"}, "broker 1: unclean.leader.election.enable is true"),
]


@pytest.mark.parametrize(("kind", "name", "settings", "words"), WRONG, ids=[words for *_, words in WRONG])
async def test_a_wrong_setting_of_the_live_brokers_is_named(cluster, kind, name, settings, words):
    alter(cluster, kind, name, **settings)
    try:

        async def is_refused():
            return words in await refusal(cluster)

        await until(is_refused, what=words)
    finally:
        alter(cluster, kind, name, **dict.fromkeys(settings))

    async def is_sound():
        return not await refusal(cluster)

    await until(is_sound, what="that all is as it was")


async def refusal(cluster) -> str:
    """What a sealer would be told at its start; it waits while a broker that was killed comes back."""

    async def check():
        await check_brokers(cluster.address_of("sealer-a"), network_topics(NETWORK), profile=Profile.REPLICATED)

    try:
        await patiently(check)
    except BrokersRefused as error:
        return str(error)
    return ""


async def test_a_topic_with_too_few_copies_stops_a_process(cluster, topics_prefix, tmp_path):
    """A sealer of its own: it ends, and says in its log what to change."""
    async with LiveNetwork.start(cluster.address, topics_prefix, replication=2) as live:
        (tmp_path / "network.json").write_bytes(live.file)
        with sealer_processes(live, tmp_path) as start:
            tls = cluster.address.tls
            process = start(
                "a",
                LITOPYS_KAFKA_PROFILE="replicated",
                LITOPYS_KAFKA_CA_FILE=str(tls.ca),
                LITOPYS_KAFKA_CERTIFICATE_FILE=str(tls.certificate),
                LITOPYS_KAFKA_KEY_FILE=str(tls.key),
            )
            await until(lambda: asyncio.sleep(0.1, process.pid() is None), what="that it ends", timeout_s=60)
            [last] = [line for line in process.log.read_text().splitlines() if '"stopped"' in line]
    [reason] = json.loads(last)["reasons"]
    assert reason.startswith("BrokersRefused: Kafka at ")
    assert f"topic {topics_prefix}.blocks: its replication factor is 2 and must be at least 3" in reason


async def test_topics_are_made_with_the_copies_that_were_asked_for(cluster):
    assert await create_topics(cluster.address_of("operator"), network_topics(NETWORK), replication=3) == []
