import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from services.validator.cursors import format_cursor, parse_cursor

POSITIONS = st.lists(st.integers(-1, (1 << 63) - 1), min_size=1, max_size=3)


@given(POSITIONS)
def test_a_cursor_comes_back(position):
    assert parse_cursor(format_cursor(*position), parts=len(position)) == tuple(position)


@pytest.mark.parametrize("text", ["", "x", "====", format_cursor(1, 2), "MQ==", "LTI", "MDE", "é", "MS4"])
def test_anything_else_is_refused(text):
    with pytest.raises(Malformed):
        parse_cursor(text, parts=1)
