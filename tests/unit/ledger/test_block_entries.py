"""Block entries: they add up, and pass for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.event.entries import is_block_entry, is_event_entry, parse_entry
from litopys.ledger.block_entries import BlockEntry, format_block_entry, parse_block_entry
from tests.unit.ledger.test_blocks import BLOCKS, ENTRY, GOOD, HASHES, TEXT


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
