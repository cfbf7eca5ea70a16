import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.service.http.conventions import format_cursor, format_etag, parse_cursor, parse_if_match, parse_wait


@given(st.text(max_size=50), st.integers(0, 2**53 - 1))
def test_a_cursor_comes_back(text, number):
    assert parse_cursor(format_cursor(text, number), str, int) == [text, number]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "AAAA",
        "W10",
        format_cursor("a"),
        format_cursor(1, 2),
        format_cursor(True),
        format_cursor(-1),
        format_cursor(2**53),
        base64.urlsafe_b64encode(b"[ 1]").decode(),
        base64.urlsafe_b64encode(json.dumps([[[[1]]]]).encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
def test_what_is_no_cursor_of_ours_is_refused(text):
    with pytest.raises(Malformed):
        parse_cursor(text, int)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("return=minimal", None),
        ("wait=10", 10),
        ("respond-async, wait=10", 10),
        ('respond-async;wait="7"', 7),
        ("WAIT = 3", 3),
        ("wait=100000", 60),
        ("wait=-1", None),
        ("waits=1", None),
        ("await=1", None),
    ],
)
def test_preferences_to_wait(header, seconds):
    assert parse_wait(header) == seconds


def test_versions_as_etags():
    assert parse_if_match(format_etag(12)) == 12
    assert parse_if_match(None) is None
