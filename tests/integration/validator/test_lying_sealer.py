"""A lying sealer on the real topics: whatever it signs, the chain goes on, and all name its key, and no other."""

import dataclasses
import re

import pytest

from litopys.ledger.blocks import format_block
from litopys.ledger.evidence import Accused, Role
from litopys.ledger.records import Record, range_digest
from litopys.note.notes import Note, format_note, parse_note, sign_text
from tests.support.council import Council
from tests.support.simulated import make_key

pytestmark = pytest.mark.anyio

LIAR = Accused(Role.SEALER, "b")
LIE = b"\x01" * 32


@pytest.fixture(scope="module")
async def council(kafka_server, postgres_server, tmp_path_factory):
    """One network for all lies: each test tells what is new."""
    async with Council.sit(kafka_server.address, postgres_server, tmp_path_factory.mktemp("council")) as sitting:
        yield sitting


async def honest(council):
    """A block that a sealer could sign now, over one new record; and the records of its first range."""
    await council.publish()
    block = council.live.next_block()
    first = block.ranges[0]
    return block, [r for r in council.live.unsealed if (r.sector, r.partition) == (first.sector, first.partition)]


def changed(block, **changes):
    first, *others = block.ranges
    return dataclasses.replace(block, ranges=(first._replace(**changes), *others))


def signed(council, text, sealer="b"):
    return format_note(Note(text, (sign_text(council.live.simulated.signer(f"sealer/{sealer}"), text),)))


async def test_another_previous(council):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        block, _ = await honest(council)
        await council.put_block(dataclasses.replace(block, previous=LIE), "b")


async def test_a_range_that_overlaps_the_one_before(council):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        record = await council.live.publish("thing:overlap")
        await council.seal()
        again = await council.live.publish("thing:overlap", 2)
        lie = council.live.next_block()
        twice = [record, *(r for r in council.live.unsealed if r.partition == again.partition)]
        first = next(r for r in lie.ranges if r.partition == again.partition)
        both = first._replace(first=record.offset, digest=range_digest(between(council, twice)))
        await council.put_block(dataclasses.replace(lie, ranges=(both,)), "b")


def between(council, records):
    """Records of one partition without gaps, as they must be for a digest to hold."""
    assert [r.offset for r in records] == list(range(records[0].offset, records[-1].offset + 1))
    return records


async def test_a_gap_before_a_range(council):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        await council.live.publish("thing:gap")
        await council.live.publish("thing:gap", 2)
        block = council.live.next_block()
        (records,) = [council.live.unsealed]
        lie = block.ranges[0]._replace(first=records[1].offset, digest=range_digest(records[1:]))
        await council.put_block(dataclasses.replace(block, ranges=(lie,)), "b")


async def test_another_digest(council):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        block, _ = await honest(council)
        await council.put_block(changed(block, digest=LIE), "b")


async def test_a_range_beyond_the_end_of_the_log(council):
    """It holds the chain up until the partition is filled: everybody waits, nobody skips; then it is named."""
    async with council.convicts(LIAR, kinds={"broken-block"}):
        record = await council.live.publish("thing:end")
        block = council.live.next_block()
        await council.put_block(changed(block, end=record.offset + 2, digest=LIE), "b")
        await council.live.publish("thing:end", 2)


@pytest.mark.parametrize("records", [2_049, 8_193])
async def test_too_many_records(council, records):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        block, _ = await honest(council)
        text = format_block(block)
        (line,) = re.findall(rb"range .*\n", text)[:1]
        sector, partition, first, _, digest = line.split()[1:]
        first = int(first)
        parts = [
            b"range %b %b %d %d %b\n" % (sector, b"%d" % number, first, first + min(2_048, left), digest)
            for number, left in enumerate(range(records, 0, -2_048), int(partition))
        ]
        if records == 2_049:
            parts = [b"range %b %b %d %d %b\n" % (sector, partition, first, first + records, digest)]
        await council.put_note(signed(council, text[: text.index(b"range ")] + b"".join(parts)))


async def test_two_blocks_at_one_height(council):
    async with council.convicts(LIAR, kinds={"two-blocks"}):
        block, records = await honest(council)
        await council.put_block(block, "b")
        counting(council, block)
        await council.publish()
        other = Record(*records[0][:3], records[0].signature, records[0].value + b" ")
        await council.put_block(changed(block, digest=range_digest([other])), "b")


def counting(council, block):
    """Take a block as sealed that stands on the topic and counts."""
    council.live.height, council.live.previous, council.live.unsealed = block.height, block.hash, []


async def test_two_blocks_that_both_lose(council):
    async with council.convicts(LIAR, kinds={"two-blocks", "lost-race"}):
        block, _ = await honest(council)
        await council.put_block(block, "a")
        counting(council, block)
        await council.put_block(changed(block, digest=LIE), "b")
        await council.put_block(changed(block, digest=bytes(32)), "b")


async def test_a_block_before_its_turn(council):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        block, _ = await honest(council)
        await council.put_block(dataclasses.replace(block, height=block.height + 3), "b")


async def test_a_block_that_comes_too_late_and_names_another_previous(council):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        block, _ = await honest(council)
        await council.put_block(block, "a")
        counting(council, block)
        await council.put_block(dataclasses.replace(block, previous=LIE), "b")


async def test_a_block_of_another_log(council):
    async with council.convicts(LIAR, kinds={"broken-block"}):
        block, _ = await honest(council)
        await council.put_block(dataclasses.replace(block, origin="other.example/log"), "b")


async def test_a_sealer_whose_term_is_over(council):
    async with council.convicts(Accused(Role.SEALER, "c"), kinds={"broken-block"}):
        block, _ = await honest(council)
        await council.put_block(block, "c")


async def test_an_unlisted_sealer(council):
    """Under a name of its own, and under that of `a`: the key is named, `a` is not."""
    simulated = council.live.simulated
    stranger = make_key(f"{simulated.origin}/sealer/z")
    thief = make_key(f"{simulated.origin}/sealer/a", seed="thief")
    keys = [Accused(Role.KEY, one.vkey.key_id.hex()) for one in (stranger, thief)]
    async with council.convicts(*keys, kinds={"unlisted-sealer"}):
        block, _ = await honest(council)
        text = format_block(block)
        for key in (stranger, thief):
            await council.put_note(format_note(Note(text, (sign_text(key, text),))))


async def test_a_head_that_the_log_signs_without_a_quorum(council):
    """Of a tree that there is not, and of a size that there is not: the log key is named, and no sealer."""
    log = Accused(Role.LOG, council.live.network.origin)
    async with council.convicts(log, kinds={"log-elsewhere"}):
        row = await council.seal()
        await council.live.vote(council.live.checkpoint(row.size, LIE), "log")
    async with council.convicts(log, kinds={"log-elsewhere"}):
        row = await council.seal()
        await council.live.vote(council.live.checkpoint(row.size + 1, LIE), "log")


async def test_two_sealers_that_propose_at_once_accuse_nobody(council):
    async with council.convicts(kinds={"lost-race"}):
        block, _ = await honest(council)
        await council.put_block(block, "a")
        counting(council, block)
        await council.publish()
        await council.live.publish("thing:more")
        more = council.live.next_block()
        await council.put_block(dataclasses.replace(more, height=block.height, previous=block.previous), "b")


async def test_nobody_is_framed_by_what_anybody_can_copy(council):
    """Honest blocks once more, with lines added or spoilt; unsigned poison."""
    stranger = make_key("elsewhere.example/nobody")
    async with council.convicts(kinds=()):
        block, _ = await honest(council)
        note = council.live.simulated.block_note(block, "a")
        text, (line,) = parse_note(note)
        (other,) = parse_note(council.live.simulated.block_note(block, "b")).lines
        await council.put_note(format_note(Note(text, (line, other._replace(signature=bytes(64))))))
        await council.put_note(format_note(Note(text, (line, line))))
        await council.put_note(format_note(Note(text, (line._replace(signature=bytes(64)),))))
        await council.put_note(b"\x00poison")
        await council.put_note(b"")
        await council.put_note(note)
        counting(council, block)
        await council.put_note(note)
        await council.put_note(format_note(Note(text, (line, sign_text(stranger, text)))))
