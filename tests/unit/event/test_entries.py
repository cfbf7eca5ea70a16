"""Entries: complete signed notes, told apart by their first byte."""

import pytest
from hypothesis import given

from litopys.errors import Malformed
from litopys.event.cloudevents import format_event
from litopys.event.entries import SignedValue, format_entry, is_block_entry, is_event_entry, parse_entry
from litopys.event.lines import format_line
from litopys.note.notes import parse_note
from tests.unit.event.test_cloudevents import EVENTS, GOOD
from tests.unit.event.test_lines import LINES

VALUE = format_event(GOOD)
LINE = "— a AAAAAAA=".encode()


@given(EVENTS, LINES)
def test_round_trip(event, line):
    signed = SignedValue(format_event(event), format_line(line))
    entry = format_entry(*signed)
    assert parse_entry(entry) == signed
    assert format_entry(*parse_entry(entry)) == entry
    assert is_event_entry(entry)
    assert not is_block_entry(entry)


def test_is_a_signed_note_over_value_and_newline():
    note = parse_note(format_entry(VALUE, LINE))
    assert note.text == VALUE + b"\n"
    assert [line.name for line in note.lines] == ["a"]


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        VALUE,
        VALUE + b"\n",
        VALUE + b"\n\n",
        VALUE + b"\n\n" + LINE,
        VALUE + b"\n" + LINE + b"\n",
        VALUE + b"\n\n" + LINE + b"\n\n",
        VALUE + b"\n\n" + LINE + b"\n" + LINE + b"\n",
        VALUE + b"\n\n\n" + LINE + b"\n",
        b"{\n" + VALUE + b"\n\n" + LINE + b"\n",
        b" " + VALUE + b"\n\n" + LINE + b"\n",
        VALUE + b"\n\n" + LINE + b"A" * 1000 + b"\n",
        b"litopys.block.v1\n" + VALUE + b"\n\n" + LINE + b"\n",
    ],
)
def test_refuses(entry):
    with pytest.raises(Malformed):
        parse_entry(entry)


def test_a_block_entry_is_no_event_entry():
    assert is_block_entry(b"litopys.block.v1\n")
    assert not is_event_entry(b"litopys.block.v1\n")
