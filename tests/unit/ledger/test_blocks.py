"""Blocks: round trips, limits, order."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.ledger.block_entries import BlockEntry, format_block_entry
from litopys.ledger.blocks import Block, Range, format_block, parse_block

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
    amendment=st.none() | HASHES,
)

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


def test_a_block_under_an_amendment_as_written_in_the_spec():
    zero = "A" * 43 + "="
    lines = TEXT.decode().splitlines(keepends=True)
    amended = "".join(["litopys.block.v2\n", *lines[1:4], f"amendment {zero}\n", *lines[4:]])
    assert parse_block(amended.encode()) == replace(GOOD, amendment=bytes(32))
    for wrong in (
        amended.replace("block.v2", "block.v1"),
        TEXT.decode().replace("block.v1", "block.v2"),
        amended.replace("block.v2", "block.v3"),
        amended.replace(f"amendment {zero}\n", f"amendment {zero}\n" * 2),
        amended.replace("amendment ", "amendment  "),
    ):
        with pytest.raises(Malformed):
            parse_block(wrong.encode())


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
