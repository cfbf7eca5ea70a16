"""One verdict: the other implementation's edge cases, and each clause of docs/spec/keys-and-notes.md by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed, VerificationFailed
from litopys.note.curve import GROUP_ORDER, has_prime_order, is_canonical, is_small_order
from litopys.note.ed25519 import KeyRefused, PrivateKey, PublicKey
from tests.support.vectors import read_json

CASES = read_json("litopys/ed25519.json")
FIELD = 2**255 - 19
KEY = PrivateKey.load(bytes(range(32)))
MESSAGE = b"a message"
SIGNATURE = KEY.sign(MESSAGE)


def point(y, sign=0):
    return (y | sign << 255).to_bytes(32, "little")


SMALL = [
    *(point(0), point(0, 1), point(1), point(FIELD - 1)),
    *(
        bytes.fromhex(text)
        for text in (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        )
    ),
]
# The same points, and one ordinary y, spelled in ways that a careless reader takes.
MISSPELLED = [point(1, 1), point(FIELD - 1, 1), *(point(FIELD + y, s) for y in (0, 1, 3, 18) for s in (0, 1))]


@pytest.mark.parametrize("case", CASES)
def test_verdicts_of_the_other_implementation(case):
    def holds():
        try:
            PublicKey.load(bytes.fromhex(case["public"])).check(
                bytes.fromhex(case["signature"]), bytes.fromhex(case["message"])
            )
        except (KeyRefused, VerificationFailed):
            return False
        return True

    assert holds() == case["valid"]


def test_the_cases_hold_both_verdicts():
    assert {case["valid"] for case in CASES} == {True, False}
    assert len(CASES) == 71


@pytest.mark.parametrize("raw", SMALL, ids=bytes.hex)
def test_small_order_is_refused_as_key_and_in_signatures(raw):
    assert is_small_order(raw)
    with pytest.raises(KeyRefused):
        PublicKey.load(raw)
    with pytest.raises(VerificationFailed):
        KEY.public.check(raw + SIGNATURE[32:], MESSAGE)


@pytest.mark.parametrize("raw", MISSPELLED, ids=bytes.hex)
def test_other_spellings_are_refused_as_key_and_in_signatures(raw):
    with pytest.raises(KeyRefused):
        PublicKey.load(raw)
    with pytest.raises(VerificationFailed, match="canonical"):
        KEY.public.check(raw + SIGNATURE[32:], MESSAGE)


def small_order_points():
    """Derive the points whose order divides 8 from the curve alone: the multiples of L times a point."""
    d = -121665 * pow(121666, -1, FIELD) % FIELD

    def add(one, other):
        (x1, y1), (x2, y2) = one, other
        k = d * x1 * x2 * y1 * y2
        return (x1 * y2 + x2 * y1) * pow(1 + k, -1, FIELD) % FIELD, (y1 * y2 + x1 * x2) * pow(1 - k, -1, FIELD) % FIELD

    def times(scalar, base):
        total = (0, 1)
        for bit in f"{scalar:b}":
            total = add(total, total)
            total = add(total, base) if bit == "1" else total
        return total

    def x_of(y):
        square = (y * y - 1) * pow(d * y * y + 1, -1, FIELD) % FIELD
        root = pow(square, (FIELD + 3) // 8, FIELD)
        candidates = (root, root * pow(2, (FIELD - 1) // 4, FIELD) % FIELD)
        return next((x for x in candidates if (x * x - square) % FIELD == 0), None)

    points, y = set(), 2
    while len(points) < 8:
        if (x := x_of(y)) is not None:
            torsion = times(GROUP_ORDER, (x, y))
            points |= {times(scalar, torsion) for scalar in range(8)}
        y += 1
    return {point(y, x & 1) for x, y in points}


def test_all_points_of_small_order_are_known():
    derived = small_order_points()
    assert len(derived) == 8
    assert derived == {*SMALL}
    assert all(is_small_order(raw) for raw in derived)


def test_s_below_the_group_order_only():
    scalar = int.from_bytes(SIGNATURE[32:], "little")
    KEY.public.check(SIGNATURE, MESSAGE)
    for wrong in (scalar + GROUP_ORDER, GROUP_ORDER, 2**256 - 1):
        with pytest.raises(VerificationFailed, match="canonical"):
            KEY.public.check(SIGNATURE[:32] + wrong.to_bytes(32, "little"), MESSAGE)


def test_mixed_order_keys_are_refused():
    """A point of prime order with a point of order 2 added: (x, y) becomes (-x, -y)."""
    number = int.from_bytes(KEY.public.raw, "little")
    sign, y = number >> 255, number % 2**255
    mixed = point(FIELD - y, 1 - sign)
    assert is_canonical(mixed)
    assert not is_small_order(mixed)
    assert not has_prime_order(mixed)
    with pytest.raises(KeyRefused):
        PublicKey.load(mixed)


def test_bytes_that_are_no_point_are_refused():
    refused = 0
    for y in range(2, 40):
        try:
            PublicKey.load(point(y))
        except KeyRefused:
            refused += 1
    assert refused >= 19 + 10  # half are no points, three quarters and more of the others not of prime order


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60))
def test_what_is_signed_holds_and_the_key_loads(seed, message):
    key = PrivateKey.load(seed)
    loaded = PublicKey.load(key.public.raw)
    assert loaded == key.public
    loaded.check(key.sign(message), message)
    with pytest.raises(VerificationFailed):
        loaded.check(key.sign(message), message + b"x")


@pytest.mark.parametrize("bit", range(0, 512, 7))
def test_any_bit_of_a_signature_counts(bit):
    wrong = bytearray(SIGNATURE)
    wrong[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerificationFailed):
        KEY.public.check(bytes(wrong), MESSAGE)


@pytest.mark.parametrize("signature", [b"", SIGNATURE[:63], SIGNATURE + b"\0", SIGNATURE[:32]])
def test_signatures_of_other_lengths_are_refused(signature):
    with pytest.raises(VerificationFailed):
        KEY.public.check(signature, MESSAGE)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_keys_of_other_lengths_are_refused(length):
    with pytest.raises(KeyRefused):
        PublicKey.load(b"\x05" * length)
    with pytest.raises(Malformed):
        PrivateKey.load(bytes(length))


def test_a_private_key_does_not_show_itself():
    assert KEY.seed.hex() not in repr(KEY)
    assert PrivateKey.load(KEY.seed) == KEY
    assert PrivateKey.load(bytes(32)) != KEY
