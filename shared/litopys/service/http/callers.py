"""Who calls: the bearer token of a request."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc.jwk import OKPKey

from litopys.service.problems import Unauthenticated
from litopys.service.tokens import Caller, TokenCheck

_bearer = HTTPBearer(scheme_name="token", bearerFormat="JWT", auto_error=False, description="A local token.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def caller_check(key: OKPKey | None) -> Callable[[Credentials], Awaitable[Caller]]:
    """Make the dependency that answers who calls. Raises Unauthenticated; without a key, always."""
    check = None if key is None else TokenCheck(key)

    async def caller(credentials: Credentials) -> Caller:
        if credentials is None or check is None:
            raise Unauthenticated("a token is needed")
        return check.verify(credentials.credentials, now_s=int(time.time()))

    return caller
