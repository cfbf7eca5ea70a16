"""Stream ids, partitions, citations."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.event.streams import Citation, check_subject, format_citations, is_subject, parse_citations, partition_of

SUBJECTS = st.from_regex(r"[a-z][a-z0-9_]{0,62}:[A-Za-z0-9._:/-]{1,128}", fullmatch=True)
CITATIONS = st.lists(
    st.builds(Citation, SUBJECTS, st.integers(1, 2**53 - 1)),
    min_size=1,
    max_size=8,
    unique_by=lambda citation: citation.subject,
).map(tuple)


@given(SUBJECTS, st.integers(1, 64))
def test_partition_is_the_first_eight_bytes_of_the_hash(subject, partitions):
    expected = int(sha256(subject.encode()).hexdigest()[:16], 16) % partitions
    assert partition_of(subject, partitions) == expected


def test_partition_of_a_known_stream():
    assert partition_of("land_parcel:3220881300:04:001:0012", 8) == 3


@pytest.mark.parametrize("subject", ["a:b", "land_parcel:3220881300:04:001:0012", "a" * 63 + ":" + "k" * 128, "a:/"])
def test_takes_subject(subject):
    assert check_subject(subject) == subject


@pytest.mark.parametrize(
    "subject",
    ["", "a", "a:", ":b", "A:b", "1a:b", "a:b c", "a:b@1", "a:b\n", "а:b", "a:ї", "a" * 64 + ":b", "a:" + "k" * 129],
)
def test_refuses_subject(subject):
    assert not is_subject(subject)
    with pytest.raises(Malformed):
        check_subject(subject)


@given(CITATIONS)
def test_citations_round_trip(citations):
    assert parse_citations(format_citations(citations)) == citations


BAD_CITATIONS = [
    *("", " ", "a:b", "a:b@", "a:b@0", "a:b@01", "a:b@-1", "a:b@1 ", " a:b@1", "a:b@1  a:c@1", "a:b@1 a:b@2"),
    *("a:b@1\n", "a:b@9007199254740992", "a:b@1,a:c@1", "a:b@1 a:c", "a:b@1_0", "a:b@١"),
    " ".join(f"a:{number}@1" for number in range(65)),
]


@pytest.mark.parametrize("text", BAD_CITATIONS)
def test_refuses_citations(text):
    with pytest.raises(Malformed):
        parse_citations(text)


def test_takes_64_citations():
    assert len(parse_citations(" ".join(f"a:{number}@1" for number in range(64)))) == 64


def test_formats_no_empty_list():
    with pytest.raises(Malformed):
        format_citations(())
