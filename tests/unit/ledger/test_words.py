"""Decimals, hashes, lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.ledger.words import check_decimal, format_hash, parse_ascii_lines, parse_decimal, parse_hash


@given(st.integers(0, 2**63 - 1))
def test_decimals_round_trip(number):
    assert parse_decimal(str(number)) == number == check_decimal(number)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "1_0", "1.0", " 1", "1 ", "1\n", "١", "9223372036854775808", "9" * 5000]
)
def test_refuses_decimal(text):
    with pytest.raises(Malformed):
        parse_decimal(text)


@pytest.mark.parametrize("number", [-1, 2**63])
def test_refuses_number(number):
    with pytest.raises(Malformed):
        check_decimal(number)


@given(st.binary(min_size=32, max_size=32))
def test_hashes_round_trip(digest):
    assert parse_hash(format_hash(digest)) == digest


@pytest.mark.parametrize(
    "text", ["", "A" * 43, "A" * 42 + "B=", "A" * 40 + "==", "A" * 44, "A" * 43 + "=\n", "_" * 42 + "A="]
)
def test_refuses_hash(text):
    with pytest.raises(Malformed):
        parse_hash(text)


def test_lines():
    assert parse_ascii_lines(b"") == []
    assert parse_ascii_lines(b"\n") == [""]
    assert parse_ascii_lines(b"a\nb\n") == ["a", "b"]
    for text in (b"a", b"a\nb", "ї\n".encode()):
        with pytest.raises(Malformed):
            parse_ascii_lines(text)
