"""A validator cut off or killed at every durable step, before and after it, loses nothing and signs nothing twice."""

import pytest

from litopys.kafka.topics import cosignatures_topic
from litopys.steps import VALIDATOR, Step, steps_of
from tests.support.cutting import ENDINGS, CutOff, moments, name_of
from tests.support.live_network import on_topic, own_votes, until

pytestmark = pytest.mark.anyio

REACHED = [step for step in steps_of(VALIDATOR) if step is not Step.CAUGHT_UP]


@ENDINGS
@pytest.mark.parametrize("moment", moments(REACHED), ids=name_of)
async def test_ended_twice_at(live, database, tmp_path, moment, error):
    cut_off = CutOff(moment, times=2, error=error)
    async with live.validator("kyiv", database, tmp_path, passing=cut_off) as kyiv:
        await live.vote(live.checkpoint(1, bytes(32)), "lviv")  # for the step EVIDENCE
        for version in range(1, 4):
            await live.publish("thing:1", version)
            await live.publish("thing:1", version)
            await live.seal()
            await kyiv.finalise(height=version - 1, names=["odesa", "dnipro", "log"])
            await kyiv.final(height=version - 1)
        await kyiv.evidence(kind="vote-for-no-block")
        assert cut_off.left == 0, "the step was passed"
        assert await own_votes(kyiv.pool) == [(2, 0), (4, 1), (6, 2)]
        assert await kyiv.pool.fetchval("select count(*) from entry") == 6
        assert await kyiv.pool.fetchval("select count(*) from rejection") == 3
        topic = cosignatures_topic(live.network.topics)

        async def ours():
            notes = [note for note in await on_topic(live, topic) if b"/validator/kyiv " in note]
            return notes if len(set(notes)) == 3 else None

        notes = await until(ours, what="three votes on the topic")
        assert sorted({note.split(b"\n")[1] for note in notes}) == [b"2", b"4", b"6"]
