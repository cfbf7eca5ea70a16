import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from litopys.errors import Malformed
from litopys.service.problems import Unauthenticated
from litopys.service.tokens import AUDIENCE, load_token_key, make_token_key, sign_token, verify_token


@pytest.fixture
def keys(tmp_path):
    private, public = make_token_key()
    (tmp_path / "private").write_text(private)
    (tmp_path / "public").write_text(public)
    return load_token_key(tmp_path / "private"), load_token_key(tmp_path / "public")


def test_a_token_names_who_speaks_and_in_which_offices(keys):
    private, public = keys
    token = sign_token(private, actor="registrar-7", now_s=1_000, lifetime_s=60, scopes=("disclose", "approve"))
    caller = verify_token(token, public, now_s=1_059)
    assert (caller.actor, caller.scopes) == ("registrar-7", frozenset({"disclose", "approve"}))


def test_a_token_may_carry_the_code_of_who_speaks(keys):
    private, public = keys
    token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60, code="2000000012")
    assert verify_token(token, public, now_s=1_001).code == "2000000012"
    assert verify_token(sign_token(private, actor="a", now_s=1_000, lifetime_s=60), public, now_s=1_001).code is None
    for bad in ("", "1 2", "1" * 21, "1\n"):
        token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60, code=bad)
        with pytest.raises(Unauthenticated):
            verify_token(token, public, now_s=1_001)


def test_the_public_half_has_no_private_part():
    private, public = make_token_key()
    assert "d" in json.loads(private)
    assert "d" not in json.loads(public)


def test_a_token_ends(keys):
    private, public = keys
    token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60)
    with pytest.raises(Unauthenticated):
        verify_token(token, public, now_s=1_061)


def test_a_token_of_another_key_or_changed_in_one_character_fails(keys):
    private, public = keys
    token = sign_token(private, actor="a", now_s=1_000, lifetime_s=60)
    other = sign_token(load_other(), actor="a", now_s=1_000, lifetime_s=60)
    header, payload, signature = token.split(".")
    changed = payload[:-1] + ("A" if payload[-1] != "A" else "B")
    for bad in (other, f"{header}.{changed}.{signature}", f"{header}.{payload}.", token + ".", "", "ї.b.c"):
        with pytest.raises(Unauthenticated):
            verify_token(bad, public, now_s=1_001)


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
            verify_token(bad, public, now_s=1_001)


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
        verify_token(token, public, now_s=1_001)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kty": "OKP", "crv": "X25519", "x": "AAAA"}', "not json"])
def test_a_file_that_is_no_key_is_refused(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(Malformed):
        load_token_key(tmp_path / "key")
