"""A network changes over to other rules at one height, while events flow and members come and go."""

import asyncio
import itertools
from contextlib import asynccontextmanager

import pytest

from litopys.audit.database import audit_database
from litopys.audit.fetching import LedgerFiles
from litopys.audit.outside import OutsideAudit
from litopys.cli import http
from litopys.errors import RuleViolated
from litopys.postgres.sector_reading import load_history
from litopys.postgres.sector_verdicts import State, load_statuses
from litopys.service.queries import Reading
from litopys.sourcing.facts import Decided
from tests.support.live_network import until
from tests.support.toy_sector.domain import RULES, BoxOpened, ItemsAdded, ItemsTaken
from tests.support.toy_sector.later import DOMAINS, BoxEmptied
from tests.support.toy_sector.sector import TOY
from tests.support.whole_network import MARGIN_BLOCKS, WholeNetwork, loading

pytestmark = [pytest.mark.anyio, pytest.mark.integration, pytest.mark.timeout(300)]

FIRST = 40
OPENED = Decided("box_opened", 1, BoxOpened("shoes", None, "sha-256", None))
EMPTIED = Decided("box_emptied", 1, BoxEmptied("2026"))
BEFORE = {"toy": {1: RULES}}


def add(count):
    return Decided("items_added", 1, ItemsAdded(count, "2026"))


def take(count):
    return Decided("items_taken", 1, ItemsTaken(count, "2026"))


async def keep_busy(service, clerk, closing):
    """One clerk's day: boxes are opened, filled and used, one after another, until the office closes.

    A clerk waits for each event to be settled, so that a slow machine is given no more than it can do. So all clerks
    may go in step; each uses its boxes longer than the one before, that they never all change them at one height. The
    last one's first box outlasts the changeover: it takes more events than there are blocks until then.
    """
    day = (OPENED, add(60), add(40), *(take(7), add(7)) * (1 + 4 * clerk))
    for number in itertools.count():
        subject = f"box:c{clerk}-{number}"
        for decided in day:
            if closing.is_set():
                return
            await service.settled(await service.acknowledge(subject, decided))


@asynccontextmanager
async def office(service, clerks):
    """Clerks at work, until the block ends, however it ends."""
    closing = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(clerks):
            group.create_task(keep_busy(service, number, closing))
        try:
            yield
        finally:
            closing.set()


async def final_at(whole, height, *names):
    await until(lambda: _reached(whole, height, names), what=f"final height {height}", timeout_s=90)


async def _reached(whole, height, names):
    return await whole.final_height(*names) >= height


async def check_nothing_is_lost(toy):
    """Whatever was acknowledged is final at its address, and nothing else is there."""
    await toy.settled(toy.acknowledged[-1])
    for start in range(0, len(toy.acknowledged), 500):
        for address in toy.acknowledged[start : start + 500]:
            status = await toy.settled(address)
            assert status.state is State.FINAL, status
    assert await toy.pool.fetchval("select count(*) from event") == len(toy.acknowledged)
    assert await toy.pool.fetchval("select count(*) from rejected_event") == 0


async def check_all_hold_the_same(whole):
    heads = {name: await whole.blocks(name) for name in whole.validators}
    common = min(len(blocks) for blocks in heads.values())
    assert common > FIRST
    assert len({tuple(blocks[:common]) for blocks in heads.values()}) == 1


async def audited(whole, name):
    validator, load = whole.validators[name], loading({"toy": DOMAINS})
    report = await audit_database(validator.database, whole.network, load_rules=load, validator=name)
    assert not report.has_failed, report.findings
    base = next(one.url for one in whole.network.validators if one.name == name)
    files = LedgerFiles(lambda path: http.get(base + path))
    outside = OutsideAudit(files, policy=whole.network.policy(), network=whole.network, load_rules=load)
    report = await asyncio.to_thread(outside.run)
    assert not report.has_failed, report.findings
    assert not report.not_checked
    assert report.counts["blocks"] > FIRST


async def test_a_network_changes_over_without_a_stop(kafka, topics_prefix, databases, tmp_path):
    async with WholeNetwork.start(
        kafka,
        topics_prefix,
        databases,
        tmp_path,
        domains={"toy": DOMAINS},
        amended=lambda simulated, network: [simulated.amendment(network, FIRST, toy=2)],
        older_builds={"dnipro": BEFORE},
    ) as whole:
        toy = whole.services["toy"]
        await toy.acknowledge("box:full", OPENED, add(150))
        await toy.acknowledge("box:known", OPENED, add(5))
        with pytest.raises(RuleViolated, match="not-in-force"):
            await toy.acknowledge("box:known", EMPTIED)
        async with office(toy, clerks=8):
            await final_at(whole, FIRST - MARGIN_BLOCKS - 8)
            await whole.validators["kyiv"].pause()
            await until(lambda: _waits(whole.validators["dnipro"]), what="dnipro waits", timeout_s=90)
            assert (await whole.blocks("dnipro"))[-1][0] == FIRST - 1, "it went on without the rules"
            whole.validators["kyiv"].resume()
            await final_at(whole, FIRST + 10, "kyiv", "lviv", "odesa")
            await check_new_rules(toy)
            await whole.rebuilt("dnipro", {"toy": DOMAINS})
            await final_at(whole, FIRST + 10, "dnipro")
        await check_nothing_is_lost(toy)
        await check_both_sides(whole, toy)
        await check_all_hold_the_same(whole)
        await audited(whole, "kyiv")
        await audited(whole, "dnipro")


async def _waits(validator):
    return "lacks rules 2" in (validator.standing.fault or "")


async def check_new_rules(toy):
    with pytest.raises(RuleViolated, match="no-room"):
        await toy.acknowledge("box:full", add(1))
    await toy.acknowledge("box:full", take(100))
    await toy.acknowledge("box:full", add(100))
    await toy.acknowledge("box:known", EMPTIED)
    with pytest.raises(RuleViolated, match="no-room"):
        await toy.acknowledge("box:known", add(101))
    stream = await toy.stream("box:full")
    assert (stream.state.content, stream.state.room) == (150, 150)


async def check_both_sides(whole, toy):
    """Events of the test lie on both sides of the height, and histories are read over it."""
    statuses = await load_statuses(toy.pool, toy.acknowledged)
    heights = {(one.subject, one.version): one.height for one in statuses}
    assert heights["box:full", 2] < FIRST <= heights["box:full", 3]
    crossing = {s for (s, v), h in heights.items() if h < FIRST and (heights.get((s, v + 1)) or -1) >= FIRST}
    assert crossing - {"box:full", "box:known"}, "no stream was written on both sides"
    history = await load_history(toy.pool, "box:full")
    assert len(history) == 4
    reading = Reading(toy.pool, toy.world.writer)
    seen = await reading.at(TOY.aggregate("box"), "box:full", recorded_at="9999-01-01T00:00:00Z", valid_at=None)
    assert seen.content["content"] == 150
