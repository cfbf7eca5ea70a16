"""Signatures of sectors: the verdict is that of the event alone, whatever stands around it."""

import random
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litopys.errors import Malformed, VerificationFailed
from litopys.event import signatures
from litopys.event.lines import parse_line
from litopys.event.signatures import (
    MAX_BATCH,
    Claim,
    SignatureVerifier,
    batch_key_id,
    make_sector_key,
    make_sector_signer,
    sign_batch,
    sign_event,
)
from litopys.note.vkeys import ED25519_COSIGNATURE
from tests.support.simulated import make_key

SIGNER = make_sector_signer(make_key("simulated.example/one/registers"))
OTHER = make_sector_signer(make_key("simulated.example/one/energy"))


def claim_of(value: bytes, line: bytes, key=SIGNER.key) -> Claim:
    parsed = parse_line(line)
    assert parsed.name == key.name
    assert parsed.key_id in (key.plain_id, key.batch_id)
    return Claim(value + b"\n", key, parsed.key_id == key.batch_id, parsed.blob)


def batch_claims(count: int, signer=SIGNER, seed: int = 0) -> list[Claim]:
    values = [b"{%d,%d}" % (seed, number) for number in range(count)]
    return [claim_of(value, line, signer.key) for value, line in zip(values, sign_batch(signer, values), strict=True)]


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(index: int, leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return b""
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if index < k:
        return path(index, leaves[:k]) + root(leaves[k:])
    return path(index - k, leaves[k:]) + root(leaves[:k])


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 8, 31, 33, 63, 64])
def test_batches_are_rfc_6962_trees(count):
    claims = batch_claims(count)
    texts = [claim.text for claim in claims]
    for index, claim in enumerate(claims):
        assert claim.blob[:4] == index.to_bytes(2, "big") + count.to_bytes(2, "big")
        assert claim.blob[4:-64] == path(index, texts)
    assert SignatureVerifier().judge(claims) == [True] * count
    assert [SignatureVerifier().verify(claim) for claim in claims] == claims


def test_the_signed_message_names_key_count_and_root():
    claims = batch_claims(3)
    from base64 import b64encode  # noqa: PLC0415

    message = SIGNER.key.name.encode() + b"/batch\n3\n" + b64encode(root([claim.text for claim in claims])) + b"\n"
    SIGNER.key.public.check(claims[0].blob[-64:], message)


def test_an_event_alone():
    claim = claim_of(b"{}", sign_event(SIGNER, b"{}"))
    assert not claim.is_batch
    assert SignatureVerifier().judge([claim, claim._replace(text=b"{ }\n")]) == [True, False]
    with pytest.raises(VerificationFailed):
        SignatureVerifier().verify(claim._replace(text=b"{}"))


def test_key_ids():
    name, raw = SIGNER.key.name, SIGNER.key.public.raw
    assert SIGNER.key.plain_id == sha256(name.encode() + b"\n\x01" + raw).digest()[:4]
    assert batch_key_id(name, raw) == sha256(name.encode() + b"\n\xfflitopys.batch.v1" + raw).digest()[:4]


@pytest.mark.parametrize("count", [0, MAX_BATCH + 1])
def test_signs_no_batch_of_another_size(count):
    with pytest.raises(Malformed):
        sign_batch(SIGNER, [b"{}"] * count)


def test_makes_no_signer_of_a_cosignature_key():
    with pytest.raises(Malformed):
        make_sector_signer(make_key("simulated.example/one/registers", ED25519_COSIGNATURE))


FORGERIES = {
    "empty": lambda blob: b"",
    "header only": lambda blob: blob[:4],
    "short": lambda blob: blob[:-1],
    "long": lambda blob: blob + b"\0",
    "a node missing": lambda blob: blob[:4] + blob[36:],
    "a node too many": lambda blob: blob[:4] + bytes(32) + blob[4:],
    "half a node too many": lambda blob: blob[:4] + bytes(16) + blob[4:],
    "a node too many at the end": lambda blob: blob[:-64] + bytes(32) + blob[-64:],
    "half a node too many at the end": lambda blob: blob[:-64] + bytes(16) + blob[-64:],
    "another node": lambda blob: blob[:4] + bytes(32) + blob[36:],
    "another index": lambda blob: bytes([0, blob[1] ^ 1]) + blob[2:],
    "index of count": lambda blob: blob[2:4] + blob[2:],
    "count 0": lambda blob: blob[:2] + b"\0\0" + blob[4:],
    "count 65": lambda blob: blob[:2] + b"\0\x41" + blob[4:],
    "another count": lambda blob: blob[:3] + bytes([blob[3] + 1]) + blob[4:],
    "signature of zeros": lambda blob: blob[:-64] + bytes(64),
    "another scalar": lambda blob: blob[:-1] + bytes([blob[-1] ^ 1]),
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_forged_line_fails_alone(forgery, place):
    claims = batch_claims(6)
    claims[place] = claims[place]._replace(blob=FORGERIES[forgery](claims[place].blob))
    assert SignatureVerifier().judge(claims) == [number != place for number in range(6)]


def signed_tree(texts: list[bytes]) -> list[Claim]:
    """A batch of any size with a signature that holds, as a sector could make it in spite of the limit."""
    levels = signatures._grow([signatures._leaf(text) for text in texts])
    message = signatures._batch_message(SIGNER.key.name, len(texts), levels[-1][0])
    blobs = signatures._expected_blobs(levels, SIGNER.private.sign(message))
    return [Claim(text, SIGNER.key, True, blob) for text, blob in zip(texts, blobs, strict=True)]


@pytest.mark.parametrize(("count", "verdict"), [(64, True), (65, False), (128, False)])
def test_no_batch_of_more_than_64_whoever_signed_it(count, verdict):
    claims = signed_tree([b"%d\n" % number for number in range(count)])
    assert SignatureVerifier().judge(claims) == [verdict] * count
    assert SignatureVerifier().judge(claims[1:]) == [verdict] * (count - 1)


def test_no_node_of_another_length_whoever_signed_it():
    text, short = b"{}\n", bytes(16)
    root = signatures._node(signatures._leaf(text), short)
    signature = SIGNER.private.sign(signatures._batch_message(SIGNER.key.name, 2, root))
    assert SignatureVerifier().judge([Claim(text, SIGNER.key, True, b"\0\0\0\2" + short + signature)]) == [False]


def test_a_forged_signature_beside_good_ones_of_the_same_root():
    """The memory keeps whole signatures: a good one for the root must not vouch for a bad one."""
    claims = batch_claims(4)
    verifier = SignatureVerifier()
    assert verifier.judge(claims) == [True] * 4
    forged = [claim._replace(blob=claim.blob[:-64] + bytes(64)) for claim in claims]
    assert verifier.judge(forged) == [False] * 4
    assert verifier.judge(claims) == [True] * 4


def test_memory_knows_keys_by_their_bytes():
    """Another key under the same ids (32 bits can be ground) must not inherit what was verified."""
    verifier = SignatureVerifier()
    claims = batch_claims(2)
    assert verifier.judge(claims) == [True, True]
    ground = SIGNER.key._replace(public=OTHER.key.public)
    assert verifier.judge([claim._replace(key=ground) for claim in claims]) == [False, False]


def test_a_batch_of_one_name_is_none_of_another():
    claims = batch_claims(3)
    renamed = SIGNER.key._replace(name=OTHER.key.name)
    assert SignatureVerifier().judge([claim._replace(key=renamed) for claim in claims]) == [False] * 3


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.integers(1, 3))
def test_verdict_is_that_of_the_event_alone(rng: random.Random, remembered):
    """Batches cut, mixed, doubled and damaged: judging them together gives what judging each alone gives."""
    stream: list[Claim] = []
    for seed in range(rng.randint(1, 4)):
        claims = batch_claims(rng.choice([1, 2, 3, 7, 8]), rng.choice([SIGNER, OTHER]), seed)
        damage = rng.choice(["none", "none", "cut", "swap", "forge", "double", "plain", "rekey"])
        place = rng.randrange(len(claims))
        if damage == "cut":
            del claims[place]
        elif damage == "swap":
            claims[0], claims[place] = claims[place], claims[0]
        elif damage == "forge":
            forge = FORGERIES[rng.choice(list(FORGERIES))]
            claims[place] = claims[place]._replace(blob=forge(claims[place].blob))
        elif damage == "double":
            claims.insert(place, claims[place])
        elif damage == "plain":
            claims.insert(place, claim_of(b"{}", sign_event(SIGNER, b"{}")))
        elif damage == "rekey":
            claims[place] = claims[place]._replace(
                key=make_sector_key(make_key("simulated.example/one/registers").vkey)
            )
        stream += claims
    alone = [SignatureVerifier(1).judge([claim])[0] for claim in stream]
    assert SignatureVerifier(remembered).judge(stream) == alone


def test_memory_is_bounded():
    verifier = SignatureVerifier(remembered=2)
    for seed in range(5):
        assert verifier.judge(batch_claims(2, seed=seed)) == [True, True]
    assert len(verifier._verdicts) == 2
