"""The fast grammar against a slow one, under hypothesis, and against tables of what must be refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.event.grammar import format_each, format_json, parse_json
from tests.support import reference_json

CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROLS) | st.sampled_from('"\\\n\t[]{}«'))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXT, v, max_size=4), max_leaves=20)
STRUCTURE = [b"{", b"}", b"[", b"]", b'"', b'"a"', b":", b",", b"[" * 16, b"]" * 16, b"true", b"null", b" ", b"\n"]
NUMBERS = [b"0", b"-", b"1", b"9007199254740992", b"9007199254740991", b".5", b"e1", b"NaN"]
ESCAPES = [b"\\", b"\\u0041", b"\\n", b"\\/", b"\\b", b'\\"', b"\\\\"]
BYTES = [b"\x7f", b"\xc2\x85", b"\xc2\xa0", b"\xed\xa0\x80", b"\xff", b"\xef\xbb\xbf", "і".encode(), b"\x00"]
PIECES = st.sampled_from([*STRUCTURE, *NUMBERS, *ESCAPES, *BYTES])


def parse_or_none(data: bytes) -> object:
    try:
        return [parse_json(data)]
    except Malformed:
        return None


def reference_or_none(data: bytes) -> object:
    try:
        return [reference_json.parse(data)]
    except reference_json.NotInGrammar:
        return None


@given(VALUES)
def test_what_is_formatted_parses_to_the_same(value):
    data = format_json(value)
    assert parse_json(data) == value
    assert reference_json.parse(data) == value
    assert format_json(parse_json(data)) == data


@given(st.lists(VALUES, max_size=5))
def test_several_at_once_are_formatted_as_each_alone(values):
    assert format_each(values) == [format_json(value) for value in values]


@given(st.lists(PIECES, max_size=12).map(b"".join))
@example(b'"\\\\\\"[[[[[[[[[[[[[[[[[["')
@example(b'{"a":1,"a":1}')
@example(b"[" * 17 + b"]" * 17)
@example(b'["]","["]')
def test_agrees_with_the_slow_reading_on_pieces(data):
    assert repr(parse_or_none(data)) == repr(reference_or_none(data))


@given(VALUES, st.data())
def test_agrees_with_the_slow_reading_on_mutations(value, draw):
    data = bytearray(format_json(value))
    for _ in range(draw.draw(st.integers(1, 3))):
        place = draw.draw(st.integers(0, len(data)))
        data[place : place + draw.draw(st.integers(0, 2))] = draw.draw(PIECES | st.binary(max_size=2))
    assert repr(parse_or_none(bytes(data))) == repr(reference_or_none(bytes(data)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b"1\n",
        b'{"a": 1}',
        b'{"a":1, "b":2}',
        b'{"a":1,"a":2}',
        b"[1,]",
        b"01",
        b"-0",
        b"+1",
        b"1.0",
        b"1e0",
        b"1E2",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"[123456789012345678901234567890]",
        b'"\\u0041"',
        b'"\\ud800"',
        b'"\\/"',
        b'"\\b"',
        b'"\\f"',
        b'"\\r"',
        b'"\\u0000"',
        b'"\x00"',
        b'"\t"',
        b'"\x1f"',
        b'"\x7f"',
        '"\u0080"'.encode(),
        '"\u009f"'.encode(),
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\x80"',
        b"\xef\xbb\xbf1",
        b"[" * 17 + b"]" * 17,
        b"[" * 20_000,
        b"[" * 20_000 + b"]" * 20_000,
        b'{"a":' * 17 + b"1" + b"}" * 17,
        b'["]]",""' + b',["}"' * 16 + b"]" * 17,
    ],
)
def test_refuses(data):
    with pytest.raises(Malformed):
        parse_json(data)


@pytest.mark.parametrize(
    "data",
    [
        b"9007199254740991",
        b"-9007199254740991",
        b'"12345678901234567890"',
        '"\u00a0\u2028\u00ad🌻\u0301"'.encode(),
        b'"\\"\\\\\\n\\t"',
        b"[" * 16 + b"]" * 16,
        b'["' + b"[" * 40 + b'"]',
        b'["\\\\","[","\\"]"]',
        b'["[[","","{"' + b',["}"' * 15 + b"]" * 16,
    ],
)
def test_takes(data):
    assert format_json(parse_json(data)) == data


@pytest.mark.parametrize(
    "value",
    [1.0, (1,), {1: 2}, b"bytes", {"a": {2}}, 2**53, 2**70, "\x7f", "\r", "\ud800", object(), {"a": (1, 2)}, {None: 1}],
)
def test_formats_nothing_that_json_does_not_have(value):
    with pytest.raises(Malformed):
        format_json(value)


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize("bad", [1.0, (1,), b"bytes", 2**53, "\x7f", "\u0080", "\r", "\ud800", object(), nested(17)])
def test_one_that_has_no_such_form_is_found_among_several(bad):
    deep = nested(16)
    others = ["a", {"b": [1]}, deep, "[" * 20, '\\"' * 20]
    assert [parse_json(data) for data in format_each(others)] == others
    for place in range(len(others) + 1):
        with pytest.raises(Malformed):
            format_each([*others[:place], bad, *others[place:]])


def test_formats_no_value_that_is_too_deep():
    value: list[object] = []
    for _ in range(16):
        value = [value]
    with pytest.raises(Malformed):
        format_json(value)
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(Malformed):
        format_json(cycle)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.parametrize("leaf", [b"1", b'"\xc2\xa0"', b"9007199254740991", b"9007199254740992", b"1.5", b'"\\u0041"'])
def test_agrees_with_the_slow_reading_at_every_depth(opening, closing, leaf):
    """Shallow values are read at once, deeper ones in another way: no verdict may hang on which it was."""
    for depth in range(18):
        data = opening * depth + leaf + closing * depth
        assert repr(parse_or_none(data)) == repr(reference_or_none(data))
