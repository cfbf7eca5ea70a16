"""Local tokens: JWTs signed with one Ed25519 key, until the people's own authentication arrives.

A token names the actor, a pseudonymous id of one person in one office. Only EdDSA is accepted; what a token's header
says of its algorithm is never believed (RFC 8725 §3.1).
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from litopys.errors import Malformed
from litopys.service.problems import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AUDIENCE = "litopys"
MOST_REMEMBERED = 4_096
_ALGORITHMS = ["Ed25519", "EdDSA"]
CODE = "code"
_ACTOR = re.compile(r"[!-~]{1,200}")
_CODE = re.compile(r"[^\x00-\x20\x7f-\x9f]{1,20}")


class Caller(NamedTuple):
    """Who speaks: the actor id that events will carry, and the offices (scopes) that the token grants.

    `code` is the caller's own (RNOKPP, EDRPOU), from the claim of that name, where the token carries one: with it a
    person is told who looked at their fields. No event, log or problem ever repeats it.
    """

    actor: str
    scopes: frozenset[str]
    code: str | None = None


def make_token_key() -> tuple[str, str]:
    """Draw a key for local tokens; returns (private, public) as JWK texts."""
    key = OKPKey.generate_key("Ed25519", private=True)
    return _format_key(key, private=True), _format_key(key, private=False)


def _format_key(key: OKPKey, *, private: bool) -> str:
    return json.dumps(key.as_dict(private=private), sort_keys=True)


def load_token_key(path: Path) -> OKPKey:
    """Read a JWK file. Raises Malformed."""
    try:
        key = OKPKey.import_key(json.loads(path.read_bytes()))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Malformed("token key: not a JWK of an Ed25519 key") from error
    if key.curve_name != "Ed25519":
        raise Malformed("token key: another curve than Ed25519")
    return key


def sign_token(
    key: OKPKey,
    *,
    actor: str,
    now_s: int,
    lifetime_s: int,
    scopes: tuple[str, ...] = (),
    code: str | None = None,
) -> str:
    """Sign a token for `actor` that holds from `now_s` for `lifetime_s` seconds; `code` is that person's own."""
    claims = {
        "sub": actor,
        "aud": AUDIENCE,
        "iat": now_s,
        "exp": now_s + lifetime_s,
        "scope": " ".join(scopes),
        **({} if code is None else {CODE: code}),
    }
    return jwt.encode({"alg": "Ed25519", "typ": "JWT"}, claims, key, algorithms=_ALGORITHMS)


class TokenCheck:
    """Checks tokens under one key.

    Whose signature was found good is remembered, by the token's digest, for as many as MOST_REMEMBERED: the same bytes
    under the same key verify again. Audience and times are looked at each time anew, so nothing holds longer for it.
    """

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self._signed: dict[bytes, Mapping[str, Any]] = {}

    def verify(self, token: str, *, now_s: int) -> Caller:
        """Check signature, audience and times; return who speaks. Raises Unauthenticated without saying more."""
        try:
            claims = self._signed_claims(token)
            registry = jwt.JWTClaimsRegistry(
                now=now_s,
                leeway=0,
                sub={"essential": True},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
            )
            registry.validate(dict(claims))
        except (JoseError, ValueError, TypeError) as error:
            raise Unauthenticated("the token does not verify") from error
        return _caller(claims)

    def _signed_claims(self, token: str) -> Mapping[str, Any]:
        """Return what the key has signed. Raises JoseError, ValueError, TypeError; that is never remembered."""
        digest = sha256(token.encode()).digest()
        claims = self._signed.get(digest)
        if claims is None:
            claims = MappingProxyType(jwt.decode(token, self._key, algorithms=_ALGORITHMS).claims)
            if len(self._signed) >= MOST_REMEMBERED:
                self._signed.clear()
            self._signed[digest] = claims
        return claims


def _caller(claims: Mapping[str, Any]) -> Caller:
    actor, scope = claims["sub"], claims.get("scope", "")
    if not isinstance(actor, str) or _ACTOR.fullmatch(actor) is None or not isinstance(scope, str):
        raise Unauthenticated("the token names no actor")
    code = claims.get(CODE)
    if code is not None and (not isinstance(code, str) or _CODE.fullmatch(code) is None):
        raise Unauthenticated("the token's code is none")
    return Caller(actor, frozenset(scope.split()), code)
