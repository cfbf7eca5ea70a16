"""A second fault while a validator recovers from the first, and a life of faults whose clock jumps as well."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from types import SimpleNamespace

import pytest

from litopys.kafka.topics import cosignatures_topic
from litopys.note.cosignatures import parse_cosignature_time
from litopys.steps import Moment, Step
from services.validator import core
from tests.support.cutting import InMidst
from tests.support.live_network import on_topic, own_votes, until

pytestmark = pytest.mark.anyio

OTHERS = ("odesa", "dnipro", "log")
HOUR_S = 3_600
ALL_TABLES = (
    "identity, topic, position, block, entry, tile, stream, rejection, vote, cosignature, log_signature,"
    " final_checkpoint, evidence"
)


async def final_blocks(live, kyiv, heights):
    for height in heights:
        await live.publish("thing:1", height + 1)
        await live.seal()
        await kyiv.finalise(height=height, names=OTHERS)
        await kyiv.final(height=height)


async def lines_of(kyiv) -> dict[int, str]:
    return {row["size"]: row["line"] for row in await kyiv.pool.fetch("select size, line from vote")}


async def published_lines(live) -> list[str]:
    notes = await on_topic(live, cosignatures_topic(live.network.topics))
    return [note.decode().split("\n\n")[1].strip() for note in notes if b"/validator/kyiv " in note]


async def test_the_broker_dies_while_an_emptied_validator_looks_for_its_votes(live, kyiv, kafka_server):
    await final_blocks(live, kyiv, range(3))
    before = await lines_of(kyiv)
    await kyiv.pause()
    await kyiv.pool.execute(f"truncate {ALL_TABLES}")
    second = InMidst(Moment(Step.VOTES_FOUND, is_done=False), kafka_server.kill)
    kyiv.equipment = dataclasses.replace(kyiv.equipment, passing=second)
    kyiv.resume()

    async def has_died():
        return second.is_done

    await until(has_died, what="the second fault")
    await asyncio.to_thread(kafka_server.start)
    await final_blocks(live, kyiv, range(3, 5))
    after = await lines_of(kyiv)
    assert {size: after[size] for size in before} == before, "nothing was signed anew"
    assert sorted(await published_lines(live)) == sorted(after.values()), "each vote once"


async def test_a_clock_that_jumps_moves_nothing_but_the_time_of_the_vote(live, kyiv, monkeypatch):
    """Hours forward and back, with a restart after each: what was signed is not signed anew at another time."""
    jumps = [0, 10 * HOUR_S, -10 * HOUR_S, 24 * 365 * HOUR_S, 0]
    shift = [0]
    clock = SimpleNamespace(time=lambda: time.time() + shift[0], perf_counter=time.perf_counter)
    monkeypatch.setattr(core, "time", clock)
    for height, shift[0] in enumerate(jumps):
        await live.publish("thing:1", height + 1)
        await live.seal()
        await kyiv.reached(height=height)
        await kyiv.pause()
        kyiv.resume()
        await kyiv.finalise(height=height, names=OTHERS)
        await kyiv.final(height=height)
    assert [height for _, height in await own_votes(kyiv.pool)] == list(range(len(jumps)))
    lines = await lines_of(kyiv)
    signed_at = [parse_cosignature_time(lines[size]) for size in sorted(lines)]
    assert [round((at - time.time()) / HOUR_S) for at in signed_at] == [jump // HOUR_S for jump in jumps]
    assert set(await published_lines(live)) == set(lines.values())
