"""The text of an amendment: round trips, and what is refused."""

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.ledger.amendments import Amendment, RulesChange, format_amendment, parse_amendment

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True)
CHANGES = st.dictionaries(NAMES, st.integers(2, 2**63 - 1), min_size=1, max_size=4)
AMENDMENTS = st.builds(
    Amendment,
    origin=st.from_regex(r"[a-z0-9.-]+(:[0-9]+)?/[a-z0-9._-]+", fullmatch=True),
    first=st.integers(1, 2**63 - 1),
    previous=st.binary(min_size=32, max_size=32),
    rules=CHANGES.map(lambda found: tuple(RulesChange(*one) for one in sorted(found.items()))),
)
GOOD = Amendment("litopys.example/pilot", 12_000, bytes(32), (RulesChange("energy", 2), RulesChange("registers", 3)))
TEXT = format_amendment(GOOD)


@given(AMENDMENTS)
def test_round_trip(amendment):
    text = format_amendment(amendment)
    assert parse_amendment(text) == amendment
    assert amendment.hash == sha256(text).digest()


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_comes_is_parsed_exactly_or_refused(data):
    try:
        found = parse_amendment(data)
    except Malformed:
        return
    assert format_amendment(found) == data


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
def test_one_byte_changed_is_another_amendment_or_none(place, flip):
    changed = bytearray(TEXT)
    changed[place] ^= flip
    with suppress(Malformed):
        assert parse_amendment(bytes(changed)) != GOOD


def test_as_written_in_the_spec():
    zero = "A" * 43 + "="
    assert TEXT.decode() == (
        f"litopys.amendment.v1\nlitopys.example/pilot\nfrom 12000\nprevious {zero}\nrules energy 2\nrules registers 3\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"amendment.v1", b"amendment.v2"),
        (b"from 12000", b"from 0"),
        (b"from 12000", b"from 012000"),
        (b"from 12000", b"from +1"),
        (b"from 12000", b"from 9223372036854775808"),
        (b"from", b"until"),
        (b"previous ", b"previous"),
        (b"AAAA=\n", b"AAAB=\n"),
        (b"rules energy 2\nrules registers 3\n", b""),
        (b"rules energy 2\nrules registers 3\n", b"rules registers 3\nrules energy 2\n"),
        (b"rules energy 2\n", b"rules registers 2\n"),
        (b"energy 2", b"energy 1"),
        (b"energy 2", b"Energy 2"),
        (b"energy 2", b"energy 2 "),
        (b"registers 3\n", b"registers 3"),
        (b"registers 3\n", b"registers 3\n\n"),
        (b"\n", b"\r\n"),
        (b"litopys.example/pilot", b"litopys.example"),
    ],
)
def test_what_is_no_amendment(old, new):
    changed = TEXT.replace(old, new, 1)
    assert changed != TEXT
    with pytest.raises(Malformed):
        parse_amendment(changed)


def test_nothing_unparsable_is_formatted():
    for wrong in (
        replace(GOOD, rules=()),
        replace(GOOD, rules=GOOD.rules[::-1]),
        replace(GOOD, first=0),
        replace(GOOD, previous=b"short"),
        replace(GOOD, origin="Nowhere"),
        replace(GOOD, rules=tuple(RulesChange(f"s{number:029}", 2) for number in range(2_000))),
    ):
        with pytest.raises(Malformed):
            format_amendment(wrong)


def test_which_version_it_brings():
    assert [GOOD.version(name) for name in ("energy", "registers", "health")] == [2, 3, None]
