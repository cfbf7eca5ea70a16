"""Signature lines of events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.event.lines import EventLine, format_line, parse_line
from litopys.note.notes import parse_signature_line

NAMES = st.from_regex(r"[!-*,-~]+", fullmatch=True)
LINES = st.builds(EventLine, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=300))


@given(LINES)
def test_round_trip_and_same_as_in_notes(line):
    formatted = format_line(line)
    assert parse_line(formatted) == line
    assert parse_signature_line(formatted.decode()) == line


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"- a AAAAAAA=",
        "— a".encode(),
        "— a ".encode(),
        "— a AAAAAA==".encode(),
        "—  AAAAAAA=".encode(),
        "— a+b AAAAAAA=".encode(),
        "— ї AAAAAAA=".encode(),
        "— a AAAAAAB=".encode(),
        "— a AAAAAAA".encode(),
        "— a AAAAAAA=\n".encode(),
        "— a AAAAAAA= ".encode(),
        "— a  AAAAAAA=".encode(),
        "— a AAAA AAA=".encode(),
        "— a AAAAAA_=".encode(),
        " — a AAAAAAA=".encode(),
        "\n— a AAAAAAA=".encode(),
        b"\xff\xfe",
    ],
)
def test_refuses(line):
    assert parse_line("— a AAAAAAA=".encode()) == EventLine("a", bytes(4), bytes(1))
    with pytest.raises(Malformed):
        parse_line(line)


@pytest.mark.parametrize(
    "line", [EventLine("a b", bytes(4), b"x"), EventLine("a", bytes(4), b""), EventLine("a", b"", b"x")]
)
def test_formats_no_line_that_could_not_be_parsed(line):
    with pytest.raises(Malformed):
        format_line(line)


def test_formats_no_line_with_a_key_id_of_another_length():
    with pytest.raises(Malformed):
        format_line(EventLine("", bytes(4), b"x"))
