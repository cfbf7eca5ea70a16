"""Every process killed as by a power failure, under load, at instants chosen for being the worst; then all is audited.

The network is of real processes. One is killed by its own hand at a durable step (`tests.support.killed_at`), the
servers from outside; whatever died is started again, and once all is at rest an auditor that believes nobody looks at
every topic and every database.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer

from deploy.local.layout import Plan
from deploy.local.ports import wait_until
from litopys.cli.http import get_json
from litopys.steps import Moment, Step
from tests.e2e.conftest import registrars_of
from tests.support.auditor.chain import Reader
from tests.support.auditor.evidence import Claims, Evidence
from tests.support.auditor.finality import silence_after
from tests.support.auditor.promises import audit
from tests.support.auditor.reading import read_at_rest, read_evidence, whereabouts_of
from tests.support.auditor.signed import event_of
from tests.support.backups import back_up, restore
from tests.support.cutting import name_of
from tests.support.killable import KillableNetwork
from tests.support.killed_at import Orders
from tests.support.load import Acknowledged

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FINAL_AGAIN_S = 60
AT_LEAST = 12
PREFIX = "land_parcel:77"


class Kills:
    """The network under load, what its clients were told, and what is left when all is at rest."""

    def __init__(self, network: KillableNetwork) -> None:
        self.network = network
        self.claims = Claims(prefixes=(PREFIX,))
        self._rounds = iter(range(100))
        self.registrars = registrars_of(network)
        self.where = whereabouts_of(network)

    @contextmanager
    def load(self) -> Iterator[None]:
        """Commands all the time; the block begins when some are acknowledged and ends when more are."""
        done: list[Acknowledged] = []
        try:
            with self.registrars.recording(f"77{next(self._rounds):08}:00:001:") as done:
                self._more(done)
                yield
                self._more(done)
        finally:
            self.claims.acknowledged += done

    def final_height(self) -> int:
        """How far a validator says that all is final."""
        base = self.network.network().validators[0].url
        return int(get_json(f"{base}/api/v1/blocks", {"limit": 1})["blocks"][0]["height"])

    def _more(self, done: list) -> None:
        before = len(done)
        wait_until(lambda: len(done) >= before + AT_LEAST, what="acknowledgements", timeout_s=FINAL_AGAIN_S)

    def at_rest(self) -> Evidence:
        """All evidence, once nothing is under way any more."""
        return read_at_rest(self.where, FINAL_AGAIN_S)

    def audited(self) -> Evidence:
        """All evidence at rest; all promises hold."""
        evidence = self.at_rest()
        assert audit(evidence, self.claims) == []
        return evidence

    def check(self, killed_at: float) -> tuple[float, float]:
        """All promises hold; returns the seconds from the kill to the next final block, and the longest without one."""
        to_next, longest = silence_after(Reader(self.audited()), killed_at)
        assert longest < FINAL_AGAIN_S
        return to_next, longest


@pytest.fixture(scope="module")
def kills(server_folder) -> Iterator[Kills]:
    network = KillableNetwork(server_folder / "kills", Plan(sectors=("registers",), is_brief=True))
    try:
        network.up()
        put_nonsense(network)
        yield Kills(network)
    finally:
        network.down()


def put_nonsense(network):
    """Records that no sector signed: refused with a reason, by all alike."""
    producer = Producer({"bootstrap.servers": network.kafka.bootstrap})
    for value in (b"not an event", None):
        producer.produce("litopys.events.registers", value, partition=0)
    assert producer.flush(30) == 0


@pytest.fixture
def measured(record_property):
    """Keeps what was measured with the test's report."""

    def keep(to_next: float, longest: float) -> None:
        record_property("seconds_to_next_final_block", round(to_next, 2))
        record_property("longest_seconds_without_final_block", round(longest, 2))
        print(f"next final block after {to_next:.2f} s, longest time without one {longest:.2f} s")

    return keep


VALIDATORS = [f"validator-{name}-check" for name in Plan().validators]
INSTANTS = [
    ("registers", Moment(Step.ACKNOWLEDGED, is_done=True)),
    ("registers-relay", Moment(Step.SIGNED, is_done=False)),
    *(
        ("registers-relay", Moment(step, is_done))
        for step in (Step.PUBLISHED, Step.READ_BACK)
        for is_done in (False, True)
    ),
    *(("sealer", Moment(Step.SEALED, is_done)) for is_done in (False, True)),
    *((name, Moment(Step.BLOCK, is_done)) for name in VALIDATORS for is_done in (False, True)),
]


@pytest.mark.parametrize(
    ("victim", "moment"), INSTANTS, ids=[f"{victim}-{name_of(moment)}" for victim, moment in INSTANTS]
)
def test_killed_at_an_instant(kills, measured, victim, moment):
    with kills.load():
        killed_at = kills.network.order(victim, Orders(moment, after=2))
        kills.network.up()
    measured(*kills.check(killed_at))


@pytest.mark.parametrize("server", ["kafka", "postgres"])
def test_a_server_killed(kills, measured, server):
    with kills.load():
        killed_at = time.time()
        kills.network.process(server).kill()
        kills.network.up()
    measured(*kills.check(killed_at))


def test_a_sealer_that_slept_wakes_with_a_block_of_its_own(kills, measured):
    """It is halted right before it publishes; the other is elected and goes on; then both propose one height."""
    before = passed_over(kills.at_rest())
    with kills.load():
        halted_at = kills.network.order("sealer", Orders(Moment(Step.SEALED, is_done=False), 2, signal.SIGSTOP))
        height = kills.final_height() + 2
        wait_until(lambda: kills.final_height() > height, what="blocks of the other", timeout_s=FINAL_AGAIN_S)
        for name in kills.network.plan.sealers:
            kills.network.process(f"sealer-{name}").signal(signal.SIGCONT)
    measured(*kills.check(halted_at))
    assert passed_over(kills.at_rest()) > before, "two blocks of one height were on the topic"


def passed_over(evidence):
    """How many records of the blocks topic do not count."""
    return len(evidence.blocks) - len(Reader(evidence).chain)


def test_a_sectors_database_restored_from_a_backup(kills, measured):
    """What its topic has is taken in; what was acknowledged since and never published is gone with the database."""
    network = kills.network
    with kills.load():
        ended(network)
        backup = back_up(network, "sector_registers")
        network.up()
    with kills.load():
        pass
    kills.audited()
    with kills.load():
        network.order("registers-relay", Orders(Moment(Step.PUBLISHED, is_done=True), after=2))
    ended(network)
    published = addresses_on_topic(read_evidence(kills.where))
    kills.claims.lost = set(kills.claims.acknowledged) - published
    assert len(kills.claims.lost) >= AT_LEAST, "nobody published what was acknowledged last"

    restored_at = time.time()
    restore(network, "sector_registers", backup)
    network.up()
    assert kills.audited().sectors["registers"].events.keys().isdisjoint(kills.claims.lost)

    for subject, version in sorted(kills.claims.lost):
        key = subject.partition(":")[2]
        again = kills.registrars.record(key) if version == 1 else kills.registrars.value(key)
        assert again == (subject, version), "said again, it stands where it would have stood"
    kills.claims.lost = set()
    measured(*kills.check(restored_at))


def ended(network):
    for name in ("registers", "registers-relay"):
        network.process(name).kill()


def addresses_on_topic(evidence):
    events = [event_of(record.value) for records in evidence.events.values() for record in records]
    return {(event["subject"], event["streamversion"]) for event in events if event}
