"""Disclosures: digests that tell nothing, and what shows that they were made of this."""

from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed, VerificationFailed
from litopys.event.disclosures import (
    Disclosure,
    digest,
    find_digests,
    make_disclosure,
    parse_disclosure,
    seal_fields,
    verify_disclosure,
)
from tests.unit.event.test_grammar import TEXT, VALUES

SALT = bytes(range(16))
NAMES = TEXT.filter(lambda name: name not in ("", "_sd", "_sd_alg", "..."))


def encoded(text: bytes) -> str:
    return urlsafe_b64encode(text).rstrip(b"=").decode()


@given(st.binary(min_size=16, max_size=16), NAMES, VALUES)
def test_round_trip(salt, name, value):
    text = make_disclosure(salt=salt, name=name, value=value)
    assert parse_disclosure(text) == Disclosure(salt, name, value)
    assert digest(text) == encoded(sha256(text.encode()).digest())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "ї",
        encoded(b"[]"),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw","name"]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw","name",1,2]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw", "name",1]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw","name",1.5]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw",1,1]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw","_sd",1]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw","",1]'),
        encoded(b'["AAECAwQFBgcICQoLDA0OD","name",1]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODx","name",1]'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw==","name",1]'),
        encoded(b'{"salt":"AAECAwQFBgcICQoLDA0ODw","name":"name","value":1}'),
        encoded(b'["AAECAwQFBgcICQoLDA0ODw","name",1]') + "=",
        encoded(b'["AAECAwQFBgcICQoLDA0ODw","name",1]') + "\n",
    ],
)
def test_refuses(text):
    assert parse_disclosure(encoded(b'["AAECAwQFBgcICQoLDA0ODw","name",1]')) == Disclosure(SALT, "name", 1)
    with pytest.raises(Malformed):
        parse_disclosure(text)


@pytest.mark.parametrize(("salt", "name"), [(bytes(15), "a"), (bytes(17), "a"), (b"", "a"), (SALT, ""), (SALT, "...")])
def test_makes_none_with_a_bad_salt_or_name(salt, name):
    with pytest.raises(Malformed):
        make_disclosure(salt=salt, name=name, value=1)


def test_sealed_fields_are_sorted_among_decoys():
    salts = [bytes([number]) * 16 for number in range(3)]
    decoys = [bytes([number]) * 32 for number in (7, 200)]
    sealed = seal_fields({"name": "Шевченко", "code": "1", "home": None}, salts, decoys)
    assert len(sealed.digests) == 5
    assert list(sealed.digests) == sorted(sealed.digests, key=str.encode)
    assert set(sealed.digests) == {*sealed.disclosures, *map(encoded, decoys)}
    assert [parse_disclosure(text).name for text in sealed.disclosures.values()] == ["name", "code", "home"]
    assert all(digest(text) == key for key, text in sealed.disclosures.items())


def test_refuses_to_use_a_salt_twice():
    with pytest.raises(Malformed):
        seal_fields({"a": 1, "b": 2}, [SALT, SALT], [])
    with pytest.raises(Malformed):
        seal_fields({"a": 1}, [SALT, bytes(16)], [])


def test_refuses_a_decoy_that_could_be_told_from_a_digest():
    with pytest.raises(Malformed):
        seal_fields({}, [], [bytes(31)])
    with pytest.raises(Malformed):
        seal_fields({}, [], [bytes(32), bytes(32)])


def test_a_disclosure_is_verified_at_any_depth():
    sealed = seal_fields({"name": "Іван"}, [SALT], [bytes(32)])
    ((key, text),) = sealed.disclosures.items()
    data = {"owners": [{"share": "1/2", "_sd": list(sealed.digests)}], "_sd_alg": "sha-256"}
    assert find_digests(data) == set(sealed.digests)
    assert verify_disclosure(text, data) == Disclosure(SALT, "name", "Іван")
    with pytest.raises(VerificationFailed):
        verify_disclosure(make_disclosure(salt=SALT, name="name", value="Петро"), data)
    with pytest.raises(VerificationFailed):
        verify_disclosure(text, {"name": key, "_sd": key})
