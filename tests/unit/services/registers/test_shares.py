from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import RuleViolated
from litopys.sourcing.shapes import ShapeMismatch, shape_of
from services.registers.domain.land_parcel.shares import (
    Ratio,
    Share,
    format_share,
    is_whole,
    parse_share,
    remainder,
    total,
)

SHARES = st.builds(lambda a, b: Fraction(min(a, b), max(a, b)), st.integers(1, 10**4), st.integers(1, 10**4))


def text(share: Fraction) -> str:
    return f"{share.numerator}/{share.denominator}"


@given(SHARES)
def test_a_share_has_one_form(share):
    assert shape_of(Share).decode(text(share)) == text(share)
    assert format_share(parse_share(text(share))) == text(share)


@pytest.mark.parametrize(
    "bad", ["0/1", "2/4", "3/2", "1", "1/0", "01/2", "1/02", "1 / 2", "-1/2", "0.5", "1/1000000000"]
)
def test_other_forms_are_refused(bad):
    with pytest.raises(ShapeMismatch):
        shape_of(Share).decode(bad)


@given(st.lists(SHARES, max_size=32))
def test_sums_are_exact(shares):
    expected = sum(shares, Fraction(0))
    assert total(map(text, shares)) == (expected.numerator, expected.denominator)
    assert is_whole(map(text, shares)) == (expected == 1)


@given(SHARES, SHARES)
def test_remainders_are_exact(share, taken):
    if taken > share:
        with pytest.raises(RuleViolated, match=r"^share-exceeded"):
            remainder(text(share), text(taken))
    else:
        assert remainder(text(share), text(taken)) == (None if share == taken else text(share - taken))


def test_what_cannot_be_written_is_refused():
    for ratio in (Ratio(1, 10**9), Ratio(0, 1), Ratio(3, 2)):
        with pytest.raises(RuleViolated, match=r"^share-form"):
            format_share(ratio)
    with pytest.raises(RuleViolated, match=r"^share-form"):
        remainder("1/999999937", "1/999999999")
