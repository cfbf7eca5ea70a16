import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.eu import eic

from litopys.sourcing.shapes import ShapeMismatch, shape_of
from services.energy.domain.eic import check_character
from services.energy.domain.hours import (
    MOST_HOURS,
    MOST_VERSIONS,
    Hour,
    HoursText,
    first_hours,
    hour_at,
    metered_hours,
    with_hour,
)
from services.energy.domain.measures import MOST_WH_AN_HOUR, seconds_between
from tests.support.driving import refused

WH = st.integers(0, MOST_WH_AN_HOUR)
HOURS = st.dictionaries(
    st.integers(0, MOST_HOURS - 1), st.builds(Hour, st.integers(1, MOST_VERSIONS), WH, WH), max_size=12
)
DECODE = shape_of(HoursText).decode


@given(HOURS)
def test_what_is_put_in_comes_out_and_nothing_else(hours):
    text = ""
    for place, hour in hours.items():
        text = with_hour(text, place, hour)
    assert dict(metered_hours(text)) == hours
    assert DECODE(text) == text
    assert all((hour_at(text, place) is None) == (place not in hours) for place in range(MOST_HOURS))


@given(HOURS, st.integers(0, MOST_HOURS))
def test_the_first_hours_are_those_before_a_place_in_the_one_form(hours, count):
    text = ""
    for place, hour in hours.items():
        text = with_hour(text, place, hour)
    kept = first_hours(text, count)
    assert dict(metered_hours(kept)) == {place: hour for place, hour in hours.items() if place < count}
    assert DECODE(kept) == kept


@pytest.mark.parametrize("text", ["A", "." * 16, "A" * 16 + "." * 16, "A" * 16 * (MOST_HOURS + 1), "é" * 16, "A" * 17])
def test_other_texts_are_refused(text):
    with pytest.raises(ShapeMismatch):
        DECODE(text)


def test_a_version_beyond_its_room_is_refused():
    with refused("too-many"):
        with_hour("", 0, Hour(MOST_VERSIONS + 1, 0, 0))


def test_seconds_between_instants():
    assert seconds_between("2024-02-28T23:59:59Z", "2024-03-01T00:00:00Z") == 86_401
    assert seconds_between("2024-03-01T00:00:00Z", "2023-03-01T00:00:00Z") == -366 * 86_400


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-", min_size=15, max_size=15))
def test_check_characters_are_those_of_the_library(code):
    assert check_character(code) == eic.calc_check_digit(code)
