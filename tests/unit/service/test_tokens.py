import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from litopys.errors import Malformed
from litopys.service import tokens
from litopys.service.problems import Unauthenticated
from litopys.service.tokens import AUDIENCE, TokenCheck, load_token_key, make_token_key, sign_token


@pytest.fixture
def keys(tmp_path):
    private, public = make_token_key()
    (tmp_path / "private").write_text(private)
    (tmp_path / "public").write_text(public)
    return load_token_key(tmp_path / "private"), load_token_key(tmp_path / "public")


def test_a_token_names_who_speaks_and_in_which_offices(keys):
    private, public = keys
    token = sign_token(private, actor="registrar-7", now_s=1_000, lifetime_s=60, scopes=("disclose", "approve"))
    caller = TokenCheck(public).verify(token, now_s=1_059)
    assert (caller.actor, caller.scopes) == ("registrar-7", frozenset({"disclose", "approve"}))


def test_a_token_may_carry_the_code_of_who_speaks(keys):
    private, public = keys
    token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60, code="2000000012")
    assert TokenCheck(public).verify(token, now_s=1_001).code == "2000000012"
    assert (
        TokenCheck(public).verify(sign_token(private, actor="a", now_s=1_000, lifetime_s=60), now_s=1_001).code is None
    )
    for bad in ("", "1 2", "1" * 21, "1\n"):
        token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60, code=bad)
        with pytest.raises(Unauthenticated):
            TokenCheck(public).verify(token, now_s=1_001)


def test_the_public_half_has_no_private_part():
    private, public = make_token_key()
    assert "d" in json.loads(private)
    assert "d" not in json.loads(public)


def test_a_token_ends(keys):
    private, public = keys
    token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60)
    with pytest.raises(Unauthenticated):
        TokenCheck(public).verify(token, now_s=1_061)


def test_a_token_that_was_remembered_ends_all_the_same(keys):
    private, public = keys
    check = TokenCheck(public)
    token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60, scopes=("approve",))
    assert [check.verify(token, now_s=now) for now in (1_001, 1_059)] == [("a", {"approve"}, None)] * 2
    with pytest.raises(Unauthenticated):
        check.verify(token, now_s=1_061)


def test_only_what_verifies_is_remembered(keys, monkeypatch):
    private, public = keys
    check = TokenCheck(public)
    verified = []
    decode = jwt.decode
    monkeypatch.setattr(
        jwt, "decode", lambda token, *rest, **more: verified.append(token) or decode(token, *rest, **more)
    )
    good, other = (sign_token(key, actor="a", now_s=1_000, lifetime_s=60) for key in (private, load_other()))
    header, payload, signature = good.split(".")
    # Not its end: the last byte of one in sixteen signatures is zero, which is AA already.
    bad = f"{header}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    for token in (good, bad, other, good, bad, other, good):
        if token == good:
            assert check.verify(token, now_s=1_001).actor == "a"
        else:
            with pytest.raises(Unauthenticated):
                check.verify(token, now_s=1_001)
    assert verified == [good, bad, other, bad, other]


def test_no_more_tokens_are_remembered_than_were_meant(keys, monkeypatch):
    private, public = keys
    monkeypatch.setattr(tokens, "MOST_REMEMBERED", 2)
    check = TokenCheck(public)
    for number in range(7):
        token = sign_token(private, actor=f"a{number}", now_s=1_000, lifetime_s=60)
        assert check.verify(token, now_s=1_001).actor == f"a{number}"
        assert 1 <= len(check._signed) <= 2


def test_a_token_of_another_key_or_changed_in_one_character_fails(keys):
    private, public = keys
    token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60)
    other = sign_token(load_other(), actor="a", now_s=1_000, lifetime_s=60)
    header, payload, signature = token.split(".")
    changed = payload[:-1] + ("A" if payload[-1] != "A" else "B")
    for bad in (other, f"{header}.{changed}.{signature}", f"{header}.{payload}.", token + ".", "", "ї.b.c"):
        with pytest.raises(Unauthenticated):
            TokenCheck(public).verify(bad, now_s=1_001)


def load_other():
    return OKPKey.import_key(json.loads(make_token_key()[0]))


def test_the_algorithm_of_the_header_is_never_believed(keys):
    _, public = keys
    claims = {"sub": "a", "aud": AUDIENCE, "exp": 2_000}
    raw = public.as_dict(private=False)["x"]
    confused = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(raw))
    none = b".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, claims)
    ).decode()
    for bad in (confused, f"{none}."):
        with pytest.raises(Unauthenticated):
            TokenCheck(public).verify(bad, now_s=1_001)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "a", "exp": 2_000},
        {"sub": "a", "aud": "other", "exp": 2_000},
        {"sub": "a", "aud": AUDIENCE},
        {"aud": AUDIENCE, "exp": 2_000},
        {"sub": "has space", "aud": AUDIENCE, "exp": 2_000},
        {"sub": 7, "aud": AUDIENCE, "exp": 2_000},
        {"sub": "a", "aud": AUDIENCE, "exp": 2_000, "scope": ["x"]},
    ],
)
def test_claims_that_lack_something_fail(keys, claims):
    private, public = keys
    token = jwt.encode({"alg": "Ed25519"}, claims, private, algorithms=["Ed25519"])
    with pytest.raises(Unauthenticated):
        TokenCheck(public).verify(token, now_s=1_001)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kty": "OKP", "crv": "X25519", "x": "AAAA"}', "not json"])
def test_a_file_that_is_no_key_is_refused(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(Malformed):
        load_token_key(tmp_path / "key")
