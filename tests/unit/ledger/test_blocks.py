"""Blocks, block entries and rejected lists: round trips, limits, and what must not pass for each other."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.event.entries import is_block_entry, is_event_entry, parse_entry
from litopys.ledger.block_entries import BlockEntry, format_block_entry, parse_block_entry
from litopys.ledger.blocks import Block, Range, format_block, parse_block
from litopys.ledger.rejections import Reason, Rejection, format_rejected_list, parse_rejected_list, rejected_digest

HASHES = st.binary(min_size=32, max_size=32)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True)
RANGES = st.builds(
    lambda sector, partition, first, count, digest: Range(sector, partition, first, first + count, digest),
    NAMES,
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**62),
    st.integers(1, 2048),
    HASHES,
)
BLOCKS = st.builds(
    Block,
    origin=st.from_regex(r"[a-z0-9.-]+(:[0-9]+)?/[a-z0-9._-]+", fullmatch=True),
    height=st.integers(0, 2**63 - 1),
    previous=HASHES,
    ranges=st.lists(RANGES, min_size=1, max_size=4, unique_by=lambda part: part[:2]).map(lambda r: tuple(sorted(r))),
)
REJECTIONS = st.lists(
    st.builds(Rejection, NAMES, st.integers(0, 99), st.integers(0, 2**63 - 1), st.sampled_from(Reason)),
    unique_by=lambda rejection: rejection[:3],
).map(sorted)

GOOD = Block(
    "litopys.example/pilot",
    17,
    bytes(32),
    (Range("energy", 0, 1200, 1512, bytes(32)), Range("registers", 3, 88, 90, bytes(32))),
)
TEXT = format_block(GOOD)
ENTRY = format_block_entry(BlockEntry(GOOD, 100, 310, 4, bytes(32)))


@given(BLOCKS)
def test_block_round_trip(block):
    text = format_block(block)
    assert parse_block(text) == block
    assert format_block(parse_block(text)) == text
    assert block.hash == sha256(text).digest()


def test_block_as_written_in_the_spec():
    zero = "A" * 43 + "="
    assert TEXT.decode() == (
        f"litopys.block.v1\nlitopys.example/pilot\nheight 17\nprevious {zero}\n"
        f"range energy 0 1200 1512 {zero}\nrange registers 3 88 90 {zero}\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"litopys.block.v1", b"litopys.block.v2"),
        (b"litopys.example/pilot", b"litopys.example"),
        (b"litopys.example/pilot", b"Litopys.example/pilot"),
        (b"height 17", b"height 017"),
        (b"height 17", b"height +17"),
        (b"height 17", b"height -1"),
        (b"height 17", b"height 1_7"),
        (b"height 17", b"height 17 "),
        (b"height 17", b"height  17"),
        (b"height 17", b"Height 17"),
        (b"height 17", b"height 9223372036854775808"),
        (b"previous AAAA", b"previous AAA"),
        (b"previous AAAA", b"previous"),
        (b"AAA=\nrange energy", b"AAB=\nrange energy"),
        (b"AAA=\nrange energy", b"AAA\nrange energy"),
        (b"range energy 0 1200 1512", b"range energy 0 1512 1512"),
        (b"range energy 0 1200 1512", b"range energy 0 1512 1200"),
        (b"range energy 0 1200 1512", b"range energy 0 1200 3249"),
        (b"range energy 0 1200 1512", b"range energy 0 1200"),
        (b"range energy 0 1200 1512", b"range energy 0 1200 1512 1"),
        (b"range energy", b"range Energy"),
        (b"range energy", b"range  energy"),
        (b"range energy", b"ranges energy"),
        (b"range energy 0", b"range registers 3"),
        (b"range energy", b"range zoo"),
        (b"range registers 3", b"range energy 0"),
        (b"\nrange energy", b"\n\nrange energy"),
        (b"\nrange energy", b"\r\nrange energy"),
        (b"range energy", "range energї".encode()),
    ],
)
def test_refuses_block(old, new):
    assert old in TEXT
    with pytest.raises(Malformed):
        parse_block(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    "text", [b"", b"\n", TEXT[:-1], TEXT + b"\n", b"\n" + TEXT, TEXT.partition(b"range")[0], ENTRY]
)
def test_refuses_text_that_is_no_block(text):
    with pytest.raises(Malformed):
        parse_block(text)


def with_ranges(*ranges: Range) -> Block:
    return replace(GOOD, ranges=ranges)


def test_partitions_are_sorted_as_numbers():
    block = with_ranges(*(Range("energy", partition, 0, 1, bytes(32)) for partition in (2, 10)))
    assert parse_block(format_block(block)) == block
    with pytest.raises(Malformed):
        format_block(with_ranges(*reversed(block.ranges)))


def test_limits_of_records():
    most = with_ranges(*(Range("energy", partition, 0, 2048, bytes(32)) for partition in range(4)))
    assert parse_block(format_block(most)) == most
    with pytest.raises(Malformed):
        format_block(with_ranges(*most.ranges, Range("energy", 4, 0, 1, bytes(32))))
    with pytest.raises(Malformed):
        format_block(with_ranges(Range("energy", 0, 0, 2049, bytes(32))))


def test_limit_of_text():
    many = with_ranges(
        *(Range("e" * 31, partition, 2**62, 2**62 + 1, bytes(32)) for partition in range(10**9, 10**9 + 700))
    )
    with pytest.raises(Malformed):
        format_block(many)
    lines = b"".join(b"range %b %d 0 1 %b\n" % (b"e" * 31, n, b"A" * 43 + b"=") for n in range(10**6, 10**6 + 800))
    with pytest.raises(Malformed):
        parse_block(TEXT.partition(b"range")[0] + lines)


@pytest.mark.parametrize(
    "block",
    [
        with_ranges(),
        with_ranges(Range("energy", -1, 0, 1, bytes(32))),
        with_ranges(Range("energy", 0, -1, 1, bytes(32))),
        with_ranges(Range("energy", 0, 2**63 - 1, 2**63, bytes(32))),
        with_ranges(Range("energy", 0, 0, 1, bytes(31))),
        with_ranges(Range("Energy", 0, 0, 1, bytes(32))),
        with_ranges(*[Range("energy", 0, 0, 1, bytes(32))] * 2),
        replace(GOOD, height=-1),
        replace(GOOD, height=2**63),
        replace(GOOD, previous=b""),
        replace(GOOD, origin="x"),
    ],
)
def test_formats_no_block_that_could_not_be_parsed(block):
    with pytest.raises(Malformed):
        format_block(block)


@given(BLOCKS, st.integers(0, 2**62), st.data(), HASHES)
def test_block_entry_round_trip(block, first_index, draw, digest):
    records = sum(part.end - part.first for part in block.ranges)
    count = draw.draw(st.integers(0, records))
    entry = BlockEntry(block, first_index, count, records - count, digest)
    data = format_block_entry(entry)
    assert parse_block_entry(data) == entry
    assert format_block_entry(parse_block_entry(data)) == data
    assert entry.index == first_index + count
    assert entry.size == first_index + count + 1
    assert is_block_entry(data)
    assert not is_event_entry(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"events 100 310", b"events 100 309"),
        (b"events 100 310", b"events 0100 310"),
        (b"events 100 310", b"events 100 314"),
        (b"events 100 310", b"events 100"),
        (b"events 100 310", b"events 9223372036854775807 310"),
        (b"events 100 310", "events 100 31٠".encode()),
        (b"events", b"event"),
        (b"rejected 4", b"rejected 5"),
        (b"rejected 4 A", b"rejected 4  A"),
        (b"rejected 4 A", b"rejected 4 "),
        (b"height 17", b"height 017"),
        (b"\nevents", b"\n\nevents"),
        (b"\nrejected", b"\n\nrejected"),
    ],
)
def test_refuses_block_entry(old, new):
    assert old in ENTRY
    with pytest.raises(Malformed):
        parse_block_entry(ENTRY.replace(old, new, 1))


@pytest.mark.parametrize(
    "data", [b"", TEXT, ENTRY[:-1], ENTRY + b"\n", ENTRY + ENTRY, b"{" + ENTRY, b'{"a":1}\n\n- a b\n']
)
def test_refuses_what_is_no_block_entry(data):
    with pytest.raises(Malformed):
        parse_block_entry(data)


def test_a_block_entry_is_not_read_as_an_event():
    with pytest.raises(Malformed):
        parse_entry(ENTRY)


def test_formats_no_block_entry_that_does_not_add_up():
    for entry in (
        BlockEntry(GOOD, 0, 313, 0, bytes(32)),
        BlockEntry(GOOD, 0, 315, -1, bytes(32)),
        BlockEntry(GOOD, -1, 314, 0, bytes(32)),
        BlockEntry(GOOD, 2**63 - 314, 314, 0, bytes(32)),
        BlockEntry(GOOD, 0, 314, 0, b""),
    ):
        with pytest.raises(Malformed):
            format_block_entry(entry)


@given(REJECTIONS)
def test_rejected_list_round_trip(rejected):
    data = format_rejected_list(rejected)
    assert parse_rejected_list(data) == tuple(rejected)
    assert format_rejected_list(parse_rejected_list(data)) == data
    assert rejected_digest(rejected) == sha256(data).digest()


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"energy 0 1 rule",
        b"energy 0 1 rule\n\n",
        b"energy 0 1 rules\n",
        b"energy 0 1 RULE\n",
        b"energy 0 1\n",
        b"energy 0 1 rule x\n",
        b"energy 0  1 rule\n",
        b"energy 0 01 rule\n",
        b"energy -1 1 rule\n",
        b"Energy 0 1 rule\n",
        b"energy 0 1 rule\r\n",
        b"energy 0 2 rule\nenergy 0 1 rule\n",
        b"energy 0 1 rule\nenergy 0 1 key\n",
        b"registers 0 1 rule\nenergy 0 1 key\n",
    ],
)
def test_refuses_rejected_list(data):
    with pytest.raises(Malformed):
        parse_rejected_list(data)


def test_refuses_to_format_a_place_that_could_not_be_parsed():
    with pytest.raises(Malformed):
        format_rejected_list([Rejection("Energy", 0, 0, Reason.RULE)])
    with pytest.raises(Malformed):
        format_rejected_list([Rejection("energy", -1, 0, Reason.RULE)])


def test_the_empty_list():
    assert parse_rejected_list(b"") == ()
    assert rejected_digest([]) == sha256(b"").digest()
