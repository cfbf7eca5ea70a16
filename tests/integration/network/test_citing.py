"""Two sectors of one network: events of one cite events of the other, whether these become final or are refused."""

import dataclasses

import pytest

from litopys.errors import RuleViolated
from litopys.event.cloudevents import parse_event
from litopys.event.streams import Citation
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_history
from litopys.postgres.sector_verdicts import State
from litopys.sourcing.domains import Domain, domain
from litopys.sourcing.facts import Decided
from tests.support.simulated import VALIDATORS
from tests.support.toy_sector.domain import BOX, RULES, BoxOpened, ItemsAdded
from tests.support.whole_network import WholeNetwork

pytestmark = [pytest.mark.anyio, pytest.mark.integration, pytest.mark.timeout(300)]

UNLUCKY = 13
CRATES: Domain = domain("crates", 1, [dataclasses.replace(BOX, name="crate")])


def evolve_superstitiously(state, fact):
    """What the toy's service does not know: the ledger refuses an unlucky number."""
    if getattr(fact.data, "count", None) == UNLUCKY:
        raise RuleViolated("unlucky", "thirteen")
    return BOX.evolve(state, fact)


STRICT = dataclasses.replace(
    RULES, aggregates=RULES.aggregates | {"box": dataclasses.replace(BOX, evolve=evolve_superstitiously)}
)
AT_VALIDATORS = {"toy": {1: STRICT}, "crates": {1: CRATES}}
AT_SERVICES = {"toy": {1: RULES}, "crates": {1: CRATES}}


def opened(*cites):
    return Decided("box_opened", 1, BoxOpened("hats", None, "sha-256", None), tuple(Citation(*one) for one in cites))


def add(count):
    return Decided("items_added", 1, ItemsAdded(count, "2026", None))


@pytest.fixture
async def whole(kafka, topics_prefix, databases, tmp_path):
    async with WholeNetwork.start(
        kafka,
        topics_prefix,
        databases,
        tmp_path,
        domains=AT_SERVICES,
        older_builds=dict.fromkeys(VALIDATORS, AT_VALIDATORS),
    ) as running:
        yield running


async def test_what_another_sector_has_cited_is_final_before(whole):
    toy, crates = whole.services["toy"], whole.services["crates"]
    cited = [await toy.acknowledge(f"box:b{number}", opened(), add(1)) for number in range(300)]
    citing = []
    for start in range(0, 300, 60):
        streams = [(address.subject, address.version) for address in cited[start : start + 60]]
        citing.append(await crates.acknowledge(f"crate:c{start}", opened(*streams), add(2)))
    for address in citing:
        assert (await crates.settled(address)).state is State.FINAL
    first = await crates.settled(Address("crate:c0", 1))
    assert first.index > max([(await toy.settled(address)).index for address in cited[:60]])
    assert await crates.pool.fetchval("select count(*) from rejection") == 0, "it was published too early"


async def test_who_cites_what_was_refused_for_good_is_told(whole):
    toy, crates = whole.services["toy"], whole.services["crates"]
    await toy.acknowledge("box:b1", opened())
    refused = await toy.acknowledge("box:b1", add(UNLUCKY))
    own = await toy.acknowledge("box:b2", opened(refused))
    await crates.acknowledge("crate:c1", opened())
    citing = await crates.acknowledge("crate:c2", opened(("box:b1", 1)))
    lost = await crates.acknowledge("crate:c2", add(2)._replace(cites=(Citation(*refused),)))
    later = await crates.acknowledge("crate:c2", add(3))
    assert (await toy.settled(refused)).reason == "rule"
    assert [(s.state, s.reason) for s in [await toy.settled(own)]] == [(State.REJECTED, "citation")]
    statuses = [await crates.settled(address) for address in (citing, lost, later)]
    assert [(s.state, s.reason) for s in statuses] == [
        (State.FINAL, None),
        (State.REJECTED, "citation"),
        (State.REJECTED, "stream-version"),
    ]
    after = await crates.acknowledge("crate:c2", add(5))
    assert (await crates.settled(after)).state is State.FINAL
    history = await load_history(crates.pool, "crate:c2")
    assert [parse_event(one.value).name for one in history] == ["box_opened", "voided", "voided", "items_added"]
