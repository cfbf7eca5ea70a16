from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.sourcing.moments import (
    days_in_month,
    first_second,
    holds_at,
    is_before,
    is_moment,
    last_second,
    precision,
    recorded_second,
)

DATES = st.dates()


@pytest.mark.parametrize(
    ("text", "how"),
    [("2021", "year"), ("2021-11", "month"), ("2020-02-29", "day"), ("2021-11-03T23:59:59Z", "second")],
)
def test_form_is_precision(text, how):
    assert is_moment(text)
    assert precision(text) == how


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000",
        "21",
        "2021-13",
        "2021-00",
        "2021-02-29",
        "1900-02-29",
        "2021-11-31",
        "2021-11-03T24:00:00Z",
        "2021-11-03T12:60:00Z",
        "2021-11-03T12:00:60Z",
        "2021-11-03T12:00:00",
        "2021-11-03T12:00Z",
        "2021-11-03 12:00:00Z",
        "2021-1-3",
        "2021-11-03\n",
        "٢٠٢١",
    ],
)
def test_nothing_else_is_a_moment(text):
    assert not is_moment(text)


@given(DATES)
def test_days_are_those_of_the_calendar(day):
    assert is_moment(day.isoformat())
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1) if day.year < 9999 else None
    if following:
        assert days_in_month(day.year, day.month) == (following - day.replace(day=1)).days


def test_a_moment_is_a_span():
    assert (first_second("2020"), last_second("2020")) == ("2020-01-01T00:00:00Z", "2020-12-31T23:59:59Z")
    assert (first_second("2020-02"), last_second("2020-02")) == ("2020-02-01T00:00:00Z", "2020-02-29T23:59:59Z")
    assert last_second("2020-02-05") == "2020-02-05T23:59:59Z"
    assert first_second("2020-02-05T01:02:03Z") == last_second("2020-02-05T01:02:03Z") == "2020-02-05T01:02:03Z"
    assert recorded_second("2026-11-23T10:00:00.999Z") == "2026-11-23T10:00:00Z"


@given(DATES, DATES)
def test_order_is_that_of_the_calendar(one, other):
    assert is_before(one.isoformat(), other.isoformat()) == (one < other)


@pytest.mark.parametrize(
    ("span", "moment", "holds"),
    [
        (("2020-01-01", None), "2019-12-31", False),
        (("2020-01-01", None), "2020-01-01", True),
        (("2020-01-01", "2020-02-01"), "2020-01-31", True),
        (("2020-01-01", "2020-02-01"), "2020-02-01", False),
        (("2020-05", None), "2020", True),
        (("2020-05", "2020-06"), "2020-05-31T23:59:59Z", True),
        (("2020", "2021"), "2021-01-01", False),
        (("2020", "2020"), "2020", False),
    ],
)
def test_the_end_is_excluded(span, moment, holds):
    assert holds_at(*span, moment) is holds
