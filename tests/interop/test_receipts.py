"""Receipts of ours, read by transparency-dev's libraries and by proofbundle."""

from pathlib import Path

import pytest

from tests.interop.foreign import ForeignRefusal, check_with_proofbundle, check_with_transparency_dev

pytestmark = [pytest.mark.interop, pytest.mark.timeout(900)]  # the first test compiles, maybe from nothing

RECEIPT = (Path(__file__).parents[1] / "vectors" / "litopys" / "receipt-46.tlog-proof").read_bytes()
CHECKS = {"outsider": check_with_transparency_dev, "proofbundle": check_with_proofbundle}
# What to alter in the receipt: after which words, and how many bytes on.
FLIPS = {
    "entry": (b"extra ", 100),
    "index": (b"index 4", 0),
    "inclusion proof": (b"index 46\n", 5),
    "size": (b"vectors.example/one\n", 1),
    "root": (b"vectors.example/one\n99\n", 5),
    "log's signature": ("\n\n— vectors.example/one ".encode(), 50),
    "name of a validator": (b"/validator/", 0),
    "key id of a validator": (b"/validator/odesa ", 2),
    "cosignature": (b"/validator/odesa ", 50),
    "cosignature's time": (b"/validator/odesa ", 14),
}
SWEEP = 41  # every so many bytes


@pytest.fixture(params=CHECKS)
def check(request):
    """Each check whose program can be had."""
    request.getfixturevalue(request.param)
    return CHECKS[request.param]


def flipped(place: int) -> bytes:
    """The receipt with the lowest bit of one byte turned."""
    return RECEIPT[:place] + bytes([RECEIPT[place] ^ 1]) + RECEIPT[place + 1 :]


def place_of(words: bytes, beyond: int) -> int:
    return RECEIPT.index(words) + len(words) + beyond


def test_accepts_the_receipts(check, receipt, network):
    assert check(receipt, network)


@pytest.mark.usefixtures("outsider")
def test_transparency_dev_says_what_it_checked(network):
    assert check_with_transparency_dev(RECEIPT, network) == (
        "receipt of vectors.example/one: entry 46 (771 bytes) is in the tree of size 99, cosigned by kyiv odesa dnipro"
    )


@pytest.mark.parametrize(("words", "beyond"), FLIPS.values(), ids=FLIPS)
def test_refuses_a_flipped_bit(check, words, beyond, network):
    with pytest.raises(ForeignRefusal):
        check(flipped(place_of(words, beyond)), network)


@pytest.mark.usefixtures("outsider")
def test_refuses_a_flipped_bit_anywhere(network):
    accepted = []
    for place in range(0, len(RECEIPT), SWEEP):
        try:
            check_with_transparency_dev(flipped(place), network)
        except ForeignRefusal:
            continue
        accepted.append(place)
    assert not accepted


def test_refuses_less_than_a_quorum(check, network):
    lines = RECEIPT.splitlines(keepends=True)
    with pytest.raises(ForeignRefusal):
        check(b"".join(lines[:-1]), network)


def test_refuses_the_receipt_of_another_log(check, network):
    other = network | {"log": {"vkey": network["sealers"][0]["vkey"]}, "origin": "vectors.example/one/sealer/a"}
    with pytest.raises(ForeignRefusal):
        check(RECEIPT, other)
