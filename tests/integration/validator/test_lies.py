"""What others may sign, and what comes of it: evidence always, a halt only where a quorum stands elsewhere."""

import pytest

from litopys.kafka.topics import cosignatures_topic
from litopys.postgres import ledger_votes as votes
from litopys.postgres.pool import transaction
from tests.support.live_network import on_topic, own_votes, until
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

LIE = b"\x01" * 32


async def sealed(live, kyiv, version=1):
    await live.publish("thing:1", version)
    await live.seal()
    return await kyiv.reached(height=version - 1)


async def goes_on(live, kyiv, version=2):
    """The chain is not stopped: the next block becomes final."""
    block = await sealed(live, kyiv, version)
    await kyiv.finalise(height=block.height, names=["odesa", "dnipro", "log"])
    await kyiv.final(height=block.height)


async def test_a_double_vote_is_kept_and_stops_nothing(live, kyiv):
    block = await sealed(live, kyiv)
    await live.vote(live.checkpoint(block.size, block.root), "lviv")
    await live.vote(live.checkpoint(block.size, LIE), "lviv")
    (row,) = await kyiv.evidence(kind="double-vote")
    assert (row["who"], row["size"]) == ("lviv", 2)
    notes = {live.simulated.vote(live.checkpoint(block.size, root), "lviv") for root in (block.root, LIE)}
    assert {row["first"], row["second"]} == notes
    assert await kyiv.pool.fetchval("select count(*) from evidence") == 1, "our root is not final yet"
    await goes_on(live, kyiv)
    (row,) = await kyiv.evidence(kind="vote-elsewhere")
    assert row["first"] == live.simulated.vote(live.checkpoint(block.size, LIE), "lviv")


async def test_a_vote_for_no_block_is_found_when_the_tree_has_passed_it(live, kyiv):
    await live.vote(live.checkpoint(3, LIE), "lviv")
    await sealed(live, kyiv)
    await goes_on(live, kyiv)
    (row,) = await kyiv.evidence(kind="vote-for-no-block")
    assert (row["who"], row["size"]) == ("lviv", 3)


async def test_two_heads_of_one_size_by_the_log(live, kyiv):
    block = await sealed(live, kyiv)
    await live.vote(live.checkpoint(block.size, block.root), "log")
    await live.vote(live.checkpoint(block.size, LIE), "log")
    (row,) = await kyiv.evidence(kind="two-log-heads")
    assert row["who"] == live.network.origin
    await goes_on(live, kyiv)


async def test_lying_and_broken_records_are_passed_over(live, kyiv):
    block = await sealed(live, kyiv)
    checkpoint = live.checkpoint(block.size, block.root)
    good = live.simulated.vote(checkpoint, "lviv")
    stranger = Simulated(signers={"validator/lviv": live.simulated.signer("validator/odesa")})
    other = Simulated(origin="other.example/net")
    bad = [
        b"",
        b"\xff\x00poison",
        good + good.split(b"\n\n")[1],
        good[:-6] + b"AAA=\n",
        good.replace(b"\n2\n", b"\n02\n"),
        good.replace(b"\n2\n", b"\n3\n"),
        stranger.vote(checkpoint, "lviv"),
        other.vote(checkpoint._replace(origin=other.origin), "lviv"),
        b"x" * 1_000_000,
    ]
    for value in bad:
        await live.put(cosignatures_topic(live.network.topics), value)
    await goes_on(live, kyiv)
    assert await kyiv.pool.fetchval("select count(*) from cosignature where validator = 'lviv'") == 0


async def test_a_validators_name_over_another_key_is_evidence(live, kyiv):
    block = await sealed(live, kyiv)
    thief = Simulated()
    thief.signers["validator/lviv"] = type(thief.signer("validator/lviv"))(
        live.simulated.signer("validator/lviv").vkey._replace(key_id=b"\0\0\0\0"),
        thief.signer("validator/odesa").private,
    )
    note = thief.vote(live.checkpoint(block.size, block.root), "lviv")
    await live.put(cosignatures_topic(live.network.topics), note)
    (row,) = await kyiv.evidence(kind="wrong-key")
    assert (row["who"], row["first"]) == ("", note)
    await goes_on(live, kyiv)


@pytest.mark.parametrize("size", [2, 1])
async def test_a_quorum_elsewhere_stops_and_is_kept(live, kyiv, size):
    await sealed(live, kyiv)
    await live.vote(live.checkpoint(size, LIE), "lviv", "odesa", "dnipro")
    assert "QuorumElsewhere" in await kyiv.halted()
    (row,) = await kyiv.evidence(kind="quorum-elsewhere")
    assert row["first"].count("— ".encode()) == 3
    await live.publish("thing:1", 2)
    await live.seal()
    assert await own_votes(kyiv.pool) == [(2, 0)]
    assert kyiv.standing.missing()["integrity"] is not None


async def test_a_quorum_elsewhere_that_came_first_stops_before_the_second_vote(live, kyiv):
    await live.vote(live.checkpoint(2, LIE), "lviv", "odesa", "dnipro")
    await live.publish("thing:1")
    await live.seal()
    assert "QuorumElsewhere" in await kyiv.halted()


async def test_an_empty_database_takes_its_old_votes_from_the_topic(live, kyiv, database, tmp_path):
    for version in range(1, 4):
        await sealed(live, kyiv, version)
    topic = cosignatures_topic(live.network.topics)

    async def all_published():
        return len(await on_topic(live, topic)) == 3

    await until(all_published, what="three votes")
    await kyiv.pause()
    before = await on_topic(live, topic)
    await kyiv.pool.execute(
        "truncate block, entry, tile, stream, rejection, vote, cosignature, log_signature, final_checkpoint, position"
    )
    kyiv.resume()
    await kyiv.reached(height=2)
    rows = await kyiv.pool.fetch("select height, found from vote order by size")
    assert [tuple(row) for row in rows] == [(0, True), (1, True), (2, True)]
    await sealed(live, kyiv, 4)

    async def new_one():
        return len(await on_topic(live, topic)) > 3

    await until(new_one, what="the fourth vote")
    assert (await on_topic(live, topic))[:3] == before
    assert len(await on_topic(live, topic)) == 4


async def test_our_key_used_elsewhere_stops_before_anything_is_signed(live, kyiv):
    await kyiv.pause()
    await live.vote(live.checkpoint(2, LIE), "kyiv")
    kyiv.resume()
    await live.publish("thing:1")
    await live.seal()
    assert "our key has cosigned" in await kyiv.halted()
    assert await kyiv.pool.fetchval("select count(*) from block") == 0


async def test_our_key_used_elsewhere_for_a_stored_block_stops_at_start(live, kyiv):
    await sealed(live, kyiv)
    await kyiv.pause()
    await live.vote(live.checkpoint(2, LIE), "kyiv")
    kyiv.resume()
    assert "another root or size" in await kyiv.halted()


async def test_votes_that_the_topic_lacks_are_published_again(live, kyiv):
    await sealed(live, kyiv)
    topic = cosignatures_topic(live.network.topics)

    async def published():
        return len(await on_topic(live, topic)) == 1

    await until(published, what="the vote")
    await kyiv.pause()
    async with transaction(kyiv.pool) as connection:
        (vote,) = await votes.read_votes(connection, above_size=0)
        await connection.execute("delete from cosignature")
    kyiv.resume()

    async def again():
        return len(await on_topic(live, topic)) == 2

    await until(again, what="the same vote once more")
    first, second = await on_topic(live, topic)
    assert first == second
    assert vote.line in first.decode()
