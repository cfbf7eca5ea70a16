"""A lying validator on the real topics: three honest ones go on, and name its key, whatever name it wrote."""

import pytest

from litopys.kafka.topics import cosignatures_topic
from litopys.ledger.evidence import Accused, Role
from litopys.note.notes import Note, format_note, parse_note
from litopys.note.vkeys import ED25519_COSIGNATURE
from tests.support.council import PLAYED, Council
from tests.support.live_network import on_topic
from tests.support.simulated import make_key

pytestmark = pytest.mark.anyio

LIAR = Accused(Role.VALIDATOR, PLAYED)
LIE = b"\x01" * 32


@pytest.fixture(scope="module")
async def council(kafka_server, postgres_server, tmp_path_factory):
    """One network for all lies: each test tells what is new."""
    async with Council.sit(kafka_server.address, postgres_server, tmp_path_factory.mktemp("council")) as sitting:
        yield sitting


async def put(council, note):
    await council.live.put(cosignatures_topic(council.live.network.topics), note)


def renamed(note, name, key_id):
    """A vote with another name and key id on its line."""
    text, (line,) = parse_note(note)
    return format_note(Note(text, (line._replace(name=name, key_id=key_id),)))


async def test_a_double_vote(council):
    async with council.convicts(LIAR, kinds={"double-vote", "vote-elsewhere"}):
        row = await council.seal()
        await council.live.vote(council.live.checkpoint(row.size, row.root), PLAYED)
        await council.live.vote(council.live.checkpoint(row.size, LIE), PLAYED)


async def test_a_wrong_root(council):
    async with council.convicts(LIAR, kinds={"vote-elsewhere"}):
        row = await council.seal()
        await council.live.vote(council.live.checkpoint(row.size, LIE), PLAYED)


async def test_a_wrong_root_before_the_block_is_there(council):
    async with council.convicts(LIAR, kinds={"vote-elsewhere"}):
        row = await council.seal()
        await council.live.vote(council.live.checkpoint(row.size + 2, LIE), PLAYED)


async def test_a_vote_for_an_unknown_block(council):
    async with council.convicts(LIAR, kinds={"vote-for-no-block"}):
        row = await council.seal()
        await council.live.vote(council.live.checkpoint(row.size + 1, LIE), PLAYED)


async def test_two_votes_for_unknown_blocks_of_one_size(council):
    async with council.convicts(LIAR, kinds={"double-vote", "vote-for-no-block"}):
        row = await council.seal()
        await council.live.vote(council.live.checkpoint(row.size + 1, LIE), PLAYED)
        await council.live.vote(council.live.checkpoint(row.size + 1, bytes(32)), PLAYED)


@pytest.mark.parametrize("is_id_kept", [False, True], ids=["own id", "the other's id"])
async def test_a_lie_under_anothers_name(council, is_id_kept):
    simulated = council.live.simulated
    lviv = simulated.signer("validator/lviv").vkey
    async with council.convicts(LIAR, kinds={"wrong-key", "vote-elsewhere"}):
        row = await council.seal()
        vote = simulated.vote(council.live.checkpoint(row.size, LIE), PLAYED)
        key_id = lviv.key_id if is_id_kept else simulated.signer(f"validator/{PLAYED}").vkey.key_id
        await put(council, renamed(vote, lviv.name, key_id))


async def test_a_key_that_nobody_has_under_a_validators_name(council):
    simulated = council.live.simulated
    thief = make_key(simulated.signer("validator/lviv").vkey.name, ED25519_COSIGNATURE, seed="thief")
    async with council.convicts(Accused(Role.KEY, thief.vkey.key_id.hex()), kinds={"wrong-key"}):
        row = await council.seal()
        own, simulated.signers["validator/lviv"] = simulated.signer("validator/lviv"), thief
        await council.live.vote(council.live.checkpoint(row.size, LIE), "lviv")
        simulated.signers["validator/lviv"] = own


async def test_nobody_is_framed_by_what_anybody_can_copy(council):
    """An honest vote again, under another's name and id, and spoilt: whose it was has done nothing."""
    simulated = council.live.simulated
    async with council.convicts(kinds={"wrong-key"}):
        await council.seal()
        notes = await on_topic(council.live, cosignatures_topic(council.live.network.topics))
        vote = next(one for one in reversed(notes) if parse_note(one).lines[0].name.endswith("/odesa"))
        lviv = simulated.signer("validator/lviv").vkey
        await put(council, vote)
        await put(council, renamed(vote, lviv.name, lviv.key_id))
        await put(council, renamed(vote, lviv.name, parse_note(vote).lines[0].key_id))
        text, (line,) = parse_note(vote)
        await put(council, format_note(Note(text, (line._replace(signature=bytes(72)),))))
