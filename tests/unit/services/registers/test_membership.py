"""Sets of numbers as bits: what goes in comes out, in one form."""

from hypothesis import given
from hypothesis import strategies as st

from services.registers.domain.legal_entity import commands as c
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
from tests.support.driving import refused
from tests.support.entities import DECISION, Entity

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


def test_a_founder_does_not_leave_again_at_an_earlier_time():
    entity = Entity().register()
    entity.do(c.JoinFounder(founder=entity.person(), valid_from="2018", basis=DECISION))
    entity.do(c.LeaveFounder(number=1, valid_from="2021", basis=DECISION))
    with refused("ended-already"):
        entity.do(c.LeaveFounder(number=1, valid_from="2020", basis=DECISION))


def test_beneficiaries_told_late_count_until_it_was_known_that_there_are_none():
    entity = Entity().register()
    for changes in (
        {"beneficiaries": (entity.person(),), "valid_from": "2018"},
        {"reason": "немає", "valid_from": "2021"},
        {"beneficiaries": tuple(entity.person() for _ in range(15)), "valid_from": "2019"},
    ):
        entity.do(c.SetBeneficiaries(basis=DECISION, **changes))
    assert {one.valid_to for one in entity.state.beneficiaries} <= {"2019", "2021"}
    assert entity.state.other_beneficiaries == 0
