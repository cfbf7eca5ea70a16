"""Who calls: the bearer token of a request."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc.jwk import OKPKey

from litopys.service.problems import Unauthenticated
from litopys.service.tokens import Caller, verify_token

_bearer = HTTPBearer(scheme_name="token", bearerFormat="JWT", auto_error=False, description="A local token.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def caller_check(key: OKPKey | None) -> Callable[[Credentials], Awaitable[Caller]]:
    """Make the dependency that answers who calls. Raises Unauthenticated; without a key, always."""

    async def caller(credentials: Credentials) -> Caller:
        if credentials is None or key is None:
            raise Unauthenticated("a token is needed")
        return verify_token(credentials.credentials, key, now_s=int(time.time()))

    return caller
