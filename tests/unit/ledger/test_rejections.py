"""Rejected lists: round trips, order, reasons."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.ledger.rejections import Reason, Rejection, format_rejected_list, parse_rejected_list, rejected_digest
from tests.unit.ledger.test_blocks import NAMES

REJECTIONS = st.lists(
    st.builds(Rejection, NAMES, st.integers(0, 99), st.integers(0, 2**63 - 1), st.sampled_from(Reason)),
    unique_by=lambda rejection: rejection[:3],
).map(sorted)


@given(REJECTIONS)
def test_rejected_list_round_trip(rejected):
    data = format_rejected_list(rejected)
    assert parse_rejected_list(data) == tuple(rejected)
    assert format_rejected_list(parse_rejected_list(data)) == data
    assert rejected_digest(rejected) == sha256(data).digest()


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"energy 0 1 rule",
        b"energy 0 1 rule\n\n",
        b"energy 0 1 rules\n",
        b"energy 0 1 RULE\n",
        b"energy 0 1\n",
        b"energy 0 1 rule x\n",
        b"energy 0  1 rule\n",
        b"energy 0 01 rule\n",
        b"energy -1 1 rule\n",
        b"Energy 0 1 rule\n",
        b"energy 0 1 rule\r\n",
        b"energy 0 2 rule\nenergy 0 1 rule\n",
        b"energy 0 1 rule\nenergy 0 1 key\n",
        b"registers 0 1 rule\nenergy 0 1 key\n",
    ],
)
def test_refuses_rejected_list(data):
    with pytest.raises(Malformed):
        parse_rejected_list(data)


def test_refuses_to_format_a_place_that_could_not_be_parsed():
    with pytest.raises(Malformed):
        format_rejected_list([Rejection("Energy", 0, 0, Reason.RULE)])
    with pytest.raises(Malformed):
        format_rejected_list([Rejection("energy", -1, 0, Reason.RULE)])


def test_the_empty_list():
    assert parse_rejected_list(b"") == ()
    assert rejected_digest([]) == sha256(b"").digest()
