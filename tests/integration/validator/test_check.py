"""One real checking core on a real Kafka and Postgres; sector, sealer, log and the other validators are played."""

import dataclasses

import pytest

from litopys.event.signatures import sign_event
from litopys.kafka.topics import blocks_topic, cosignatures_topic, events_topic
from litopys.ledger.records import Record
from litopys.steps import Step
from tests.support.cutting import ENDINGS, CutOff, moments
from tests.support.live_network import on_topic, own_votes, until
from tests.support.simulated import Citation, Simulated

pytestmark = pytest.mark.anyio

STRANGER = Simulated(origin="stranger.example/two")


async def test_blocks_are_stored_voted_on_and_become_final(live, kyiv):
    for height in range(3):
        for number in range(5):
            await live.publish(f"thing:{number}", height + 1)
        await live.seal()
        block = await kyiv.reached(height=height)
        assert (block.size, block.rejected) == (6 * (height + 1), 0)
        await kyiv.finalise(height=height, names=["lviv", "odesa", "log"])
        await kyiv.final(height=height)
    assert await own_votes(kyiv.pool) == [(6, 0), (12, 1), (18, 2)]


async def test_each_reason_of_rejection(live, kyiv):
    simulated = live.simulated
    bad = {
        "oversize": Record("registers", 0, 0, b"x" * 1_001, simulated.event("thing:o")),
        "malformed": Record("registers", 0, 0, b"", simulated.event("thing:m")),
        "source": STRANGER.record_of("thing:s", offset=0),
        "type": simulated.record_of("thing:t", offset=0, type="ua.gov.litopys.registers.thing.unheard_of.v1"),
        "key": dataclasses.replace(Simulated(), signers={"registers": simulated.signer("energy")}).record_of(
            "thing:k", offset=0
        ),
        "signature": simulated.record_of("thing:g", offset=0)._replace(value=simulated.event("thing:g", actor="o:2")),
        "partition": None,
        "stream-version": simulated.record_of("thing:v", 2, offset=0),
        "citation": simulated.record_of("thing:c", offset=0, cites=(Citation("thing:nowhere", 1),)),
        "rule": simulated.record_of("thing:r", offset=0, data={"refuse": "value"}),
    }
    misplaced = simulated.record_of("thing:p", offset=0)
    bad["partition"] = misplaced._replace(partition=1 - misplaced.partition)
    assert len(bad) == 10
    for height, (reason, record) in enumerate(bad.items()):
        placed = await live.publish_record(record)
        await live.seal()
        assert await kyiv.rejected(height) == [(placed.partition, placed.offset, reason)]
        await kyiv.finalise(height=height)
    block = await kyiv.reached(height=9)
    assert block.size == 10, "block entries alone stand in the ledger"


async def test_a_refused_record_takes_no_effect_and_a_later_one_does(live, kyiv):
    await live.publish("thing:1", 1, data={"refuse": "value"})
    await live.seal()
    await live.publish("thing:1", 1)
    await live.publish("thing:2", 1, cites=(Citation("thing:1", 1),))
    await live.seal()
    assert [reason for _, _, reason in await kyiv.rejected(0)] == ["rule"]
    block = await kyiv.reached(height=1)
    assert (block.size - block.first_index, block.rejected) in {(3, 0), (2, 1)}  # citation needs thing:1 before it


async def test_unsigned_records_of_every_odd_shape_are_refused_and_no_more(live, kyiv):
    topic = events_topic(live.network.topics, "registers")
    value = live.simulated.event("thing:1")
    line = sign_event(live.simulated.sector("registers"), value)
    odd = [
        (value, ()),
        (value, [("signature", None)]),
        (value, [("signature", line), ("signature", line)]),
        (value, [("Signature", line)]),
        (b"", [("signature", line)]),
        (b"\xff\x00{", [("signature", line)]),
        (b"[" * 40_000, [("signature", line)]),
    ]
    for offset, (body, headers) in enumerate(odd):
        await live.put(topic, body, headers=headers)
        signature = line if offset >= 4 else b""
        live.unsealed.append(Record("registers", 0, offset, signature, body))
    await live.seal()
    assert await kyiv.rejected(0) == [(0, offset, "malformed") for offset in range(len(odd))]


def broken_blocks(live, block):
    """Records for the blocks topic, each of which must not count although the next one does."""
    simulated = live.simulated
    first = block.ranges[0]
    stolen = dataclasses.replace(Simulated(), signers={"sealer/a": simulated.signer("sealer/b")})

    def changed(**changes):
        return simulated.block_note(dataclasses.replace(block, **changes))

    note = simulated.block_note(block)
    return {
        "malformed": b"\x00poison",
        "empty": b"",
        "text": note.replace(b"height 0", b"height 00"),
        "origin": changed(origin="other.example/net"),
        "height": changed(height=1),
        "signature": note[:-8] + b"AAAAAA=\n",
        "stranger": stolen.block_note(block),
        "previous": changed(previous=bytes(32)),
        "gap": changed(ranges=(first._replace(first=first.first + 1, end=first.end + 1),)),
        "digest": changed(ranges=(first._replace(digest=bytes(32)), *block.ranges[1:])),
        "partition": changed(ranges=(first._replace(partition=7),)),
    }


async def test_broken_blocks_are_passed_over(live, kyiv):
    await live.publish("thing:1")
    await live.publish("thing:2")
    block = live.next_block()
    for note in broken_blocks(live, block).values():
        await live.put(blocks_topic(live.network.topics), note)
    await live.seal()
    stored = await kyiv.reached(height=0)
    assert stored.text_hash == block.hash
    assert stored.blocks_offset == len(broken_blocks(live, block))


async def test_a_block_over_records_that_are_not_there_yet_waits_and_never_skips(live, kyiv):
    await live.publish("thing:1")
    ahead = live.simulated.record_of("thing:9", offset=0)
    honest = live.next_block()
    lie = dataclasses.replace(honest, ranges=(honest.ranges[0]._replace(end=honest.ranges[0].end + 1),))
    await live.put(blocks_topic(live.network.topics), live.simulated.block_note(lie))
    await live.put(blocks_topic(live.network.topics), live.simulated.block_note(honest))
    await live.publish("thing:3", 1, sector="energy")
    assert kyiv.standing.height == -1
    # the partition is filled: now the digest is known to be wrong, and the next block counts
    await live.publish_record(ahead._replace(partition=honest.ranges[0].partition))
    assert (await kyiv.reached(height=0)).text_hash == honest.hash


async def test_two_blocks_of_one_height_are_kept_as_evidence(live, kyiv):
    await live.publish("thing:1")
    await live.publish("thing:2", sector="energy")
    both = live.next_block()
    await live.seal()
    second = dataclasses.replace(both, ranges=both.ranges[:1])
    await live.put(blocks_topic(live.network.topics), live.simulated.block_note(second))
    await live.publish("thing:3")
    await live.seal()
    await kyiv.reached(height=1)
    (row,) = await kyiv.evidence(kind="two-blocks")
    assert row["who"] == f"{live.network.origin}/sealer/a"
    assert row["first"] == live.simulated.block_note(second)
    assert row["second"] == live.simulated.block_note(both)


@ENDINGS
async def test_evidence_on_the_blocks_topic_comes_with_the_next_block_or_is_found_again(
    live, database, tmp_path, error
):
    """Judged a block ahead of what is stored, and killed at either side of the commit: it is kept once all the same."""
    for moment in moments([Step.BLOCK]):
        cut_off = CutOff(moment, times=1 if moment.is_done else 2, error=error)
        async with live.validator("kyiv", database, tmp_path, passing=cut_off) as kyiv:
            await live.publish("thing:1", live.height + 2)
            honest = live.next_block()
            lie = dataclasses.replace(honest, previous=bytes(32))
            await live.put(blocks_topic(live.network.topics), live.simulated.block_note(lie))
            await live.seal()
            await kyiv.reached(height=honest.height)
            notes = {row["first"] for row in await kyiv.evidence(kind="broken-block")}
            assert live.simulated.block_note(lie) in notes
            assert len(notes) == honest.height + 1
            assert cut_off.left == 0


async def test_no_vote_more_than_16_ahead_of_finality(live, kyiv):
    for version in range(1, 21):
        await live.publish("thing:1", version)
        await live.seal()
    await kyiv.reached(height=15)
    assert [height for _, height in await own_votes(kyiv.pool)] == list(range(16))
    assert kyiv.standing.height == 15
    await kyiv.finalise(height=0)
    await kyiv.reached(height=16)
    await kyiv.finalise(height=15)
    await kyiv.reached(height=19)
    assert [height for _, height in await own_votes(kyiv.pool)] == list(range(20))


async def test_votes_are_published_after_they_are_stored_and_once(live, kyiv):
    for version in range(1, 4):
        await live.publish("thing:1", version)
        await live.seal()
    await kyiv.reached(height=2)

    async def published():
        return len(await on_topic(live, cosignatures_topic(live.network.topics))) >= 3

    await until(published, what="three votes on the topic")
    await kyiv.pause()
    kyiv.resume()
    await live.publish("thing:1", 4)
    await live.seal()
    await kyiv.reached(height=3)
    notes = await on_topic(live, cosignatures_topic(live.network.topics))
    assert len(notes) == len(set(notes))
    assert [int(note.split(b"\n")[1]) for note in notes][:3] == [2, 4, 6]
