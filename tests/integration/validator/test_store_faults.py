"""A validator whose Postgres refuses: it says that it is not ready, waits, goes on by itself, and votes once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from litopys.kafka.topics import cosignatures_topic
from tests.support.live_network import on_topic, own_votes, until
from tests.support.refusing import (
    DISK_FULL,
    STATEMENT_TIMEOUT,
    TOO_MANY_CONNECTIONS,
    out_of_reach,
    read_only_server,
    refusing,
    wait_refused,
)

if TYPE_CHECKING:
    from tests.support.live_network import LiveNetwork, RunningValidator

pytestmark = pytest.mark.anyio

WITH_A_BLOCK = ("block", "entry", "stream", "vote")
WITH_COSIGNATURES = ("cosignature", "final_checkpoint")
STATES = (DISK_FULL, TOO_MANY_CONNECTIONS, STATEMENT_TIMEOUT)
OTHERS = ("odesa", "dnipro", "log")


async def says_why(validator: RunningValidator, word: str) -> None:
    """Wait until it says that it is not ready, for this reason."""

    async def is_said() -> bool:
        return word in (validator.standing.missing()["core"] or "")

    await until(is_said, what=f"that {word} is said")
    assert validator.standing.halted is None


async def publish_block(live: LiveNetwork, height: int, *, records: int = 1, note: str = "") -> None:
    """Seal a block with events of a stream of its own each, and a copy that is refused."""
    for number in range(records):
        await live.publish(f"thing:{height}-{number}", data={"note": note})
    await live.publish(f"thing:{height}-0", data={"note": note})
    await live.seal()


async def check_one_vote_each(live: LiveNetwork, validator: RunningValidator, *, blocks: int) -> None:
    """One vote a height, none published that is not stored."""
    assert [height for _, height in await own_votes(validator.pool)] == list(range(blocks))
    stored = {row["line"].encode() for row in await validator.pool.fetch("select line from vote")}

    async def ours() -> list[bytes] | None:
        notes = await on_topic(live, cosignatures_topic(live.network.topics))
        mine = [note for note in notes if b"/validator/kyiv " in note]
        return mine if len(set(mine)) >= blocks else None

    lines = {note.split(b"\n\n")[1].strip() for note in await until(ours, what="all votes on the topic")}
    assert lines == stored
    assert await validator.pool.fetchval("select count(*) from rejection") == blocks
    assert await validator.pool.fetchval("select count(distinct index) = count(*) from entry")


async def test_what_cannot_be_written_waits_and_goes_on_by_itself(live, kyiv):
    tables = (*WITH_A_BLOCK, *WITH_COSIGNATURES)
    for height, table in enumerate(tables):
        async with refusing(kyiv.database, table, state=STATES[height % len(STATES)]) as refusals:
            await publish_block(live, height)
            if table in WITH_COSIGNATURES:
                await kyiv.finalise(height=height, names=OTHERS)
            await wait_refused(refusals)
            await says_why(kyiv, "refused by the test")
        await kyiv.finalise(height=height, names=OTHERS)
        await kyiv.final(height=height)

    async def is_ready() -> bool:
        return kyiv.standing.missing() == {"integrity": None, "core": None}

    await until(is_ready, what="that it is ready again")
    await check_one_vote_each(live, kyiv, blocks=len(tables))


async def test_a_server_that_can_only_be_read_or_lets_nobody_in(live, kyiv, postgres_server):
    await publish_block(live, 0)
    await kyiv.reached(height=0)
    async with read_only_server(kyiv.database):
        await publish_block(live, 1)
        await says_why(kyiv, "read-only")
    await kyiv.reached(height=1)
    async with out_of_reach(postgres_server.admin_dsn, kyiv.database):
        await publish_block(live, 2)
        await says_why(kyiv, "not currently accepting connections")
    await kyiv.reached(height=2)
    await check_one_vote_each(live, kyiv, blocks=3)


async def test_a_full_disk(live, small_disk, tmp_path):
    async with live.validator("kyiv", small_disk.dsn, tmp_path) as kyiv:
        await publish_block(live, 0)
        await kyiv.reached(height=0)
        small_disk.fill()
        await publish_block(live, 1, records=300, note="x" * 2_000)
        await says_why(kyiv, "No space left on device")
        assert [height for _, height in await own_votes(kyiv.pool)] == [0]
        small_disk.free()
        await kyiv.finalise(height=1, names=OTHERS)
        await kyiv.final(height=1)
        await check_one_vote_each(live, kyiv, blocks=2)
