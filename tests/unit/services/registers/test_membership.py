"""Sets of numbers as bits: what goes in comes out, in one form."""

from hypothesis import given
from hypothesis import strategies as st

from services.registers.domain.legal_entity.membership import (
    MOST_BITS_BYTES,
    MOST_NUMBER,
    count_numbers,
    highest_number,
    holds_number,
    is_one_form,
    with_number,
    without_number,
)

NUMBERS = st.sets(st.integers(1, 300))


def written(numbers) -> str:
    bits = ""
    for number in numbers:
        bits = with_number(bits, number)
    return bits


@given(NUMBERS, NUMBERS)
def test_a_set_holds_what_was_put_in_and_not_taken_out(put, taken):
    bits = written(put)
    assert {number for number in range(1, 310) if holds_number(bits, number)} == put
    for number in taken & put:
        bits = without_number(bits, number)
    left = put - taken
    assert bits == written(sorted(left, reverse=True))
    assert (count_numbers(bits), highest_number(bits)) == (len(left), max(left, default=0))
    assert is_one_form(bits)


@given(st.text("ABZaz09_-", max_size=8))
def test_another_spelling_is_none(text):
    numbers = set(range(1, 100))
    assert is_one_form(text) == (
        len(text) % 4 != 1 and text == written(number for number in numbers if holds_number(text, number))
    )


def test_the_largest_set_fits():
    bits = with_number("", MOST_NUMBER)
    assert len(bits) <= MOST_BITS_BYTES
    assert highest_number(bits) == MOST_NUMBER
