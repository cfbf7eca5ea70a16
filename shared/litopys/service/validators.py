"""Asking validators over HTTP and believing none of them: whatever is returned here was verified.

Any validator will do. One that does not answer, or answers what does not verify, is passed over for the next.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import httpx2

from litopys.errors import LitopysError, Malformed, Unavailable, VerificationFailed
from litopys.ledger.receipts import verify_receipt
from litopys.ledger.rejections import Rejection, parse_rejected_list
from litopys.service import metrics
from litopys.service.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from litopys.ledger.network import Network
    from litopys.ledger.receipts import VerifiedReceipt
    from litopys.postgres.sector_changes import Address

T = TypeVar("T")

_TIMEOUT_S = 5.0
_MAX_ANSWER_BYTES = 2_000_000

_log = get_log("validators")


def open_client() -> httpx2.AsyncClient:
    """Open a client for validators: short patience, no redirects, no cookies worth mentioning."""
    return httpx2.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)


class Receipt(NamedTuple):
    """A receipt's bytes with what they prove."""

    data: bytes
    verified: VerifiedReceipt


class Validators:
    """The validators of a network, seen from outside. Close it when done."""

    def __init__(self, network: Network, client: httpx2.AsyncClient) -> None:
        self._policy = network.policy()
        self._urls = [validator.url for validator in network.validators]
        self._names = {validator.url: validator.name for validator in network.validators}
        self._client = client

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def newest_size(self) -> int:
        """Return the tree size of the newest final checkpoint of any one validator. Raises Unavailable."""
        return await self._ask("/checkpoint", lambda body: self._policy.verify_checkpoint(body).checkpoint.size)

    async def receipt(self, index: int) -> Receipt:
        """Return a verified receipt of the entry at `index`. Raises Unavailable."""

        def verify(body: bytes) -> Receipt:
            verified = verify_receipt(body, self._policy)
            if verified.index != index:
                raise VerificationFailed("the receipt of another entry")
            return Receipt(body, verified)

        return await self._ask(f"/receipt/{index}", verify)

    async def rejected(self, height: int, digest: bytes) -> tuple[Rejection, ...]:
        """Return the rejected list of a block, whose SHA-256 the block entry states. Raises Unavailable."""

        def verify(body: bytes) -> tuple[Rejection, ...]:
            if sha256(body).digest() != digest:
                raise VerificationFailed("not the rejected list that the block entry names")
            return parse_rejected_list(body)

        return await self._ask(f"/rejected/{height}", verify)

    async def is_final(self, address: Address) -> bool:
        """Answer whether some validator calls an event final; a hint for the moment of publishing, not a proof."""
        path = f"/api/v1/events/by-address?subject={address.subject}&version={address.version}"

        def verify(body: bytes) -> bool:
            return b'"final"' in body

        try:
            return await self._ask(path, verify)
        except Unavailable:
            return False

    async def _ask(self, path: str, verify: Callable[[bytes], T]) -> T:
        for url in list(self._urls):
            try:
                answer = verify(await self._get(url + path))
            except (Malformed, VerificationFailed) as error:
                metrics.VERIFICATION_FAILURES.labels("validator").inc()
                _log.warning("an answer does not verify", validator=self._names[url], path=path, error=str(error))
            except (LitopysError, httpx2.HTTPError) as error:
                _log.debug("no answer", validator=self._names[url], path=path, error=type(error).__name__)
            else:
                self._urls.remove(url)
                self._urls.insert(0, url)
                return answer
        raise Unavailable(f"no validator answers {path}")

    async def _get(self, url: str) -> bytes:
        body = bytearray()
        async with self._client.stream("GET", url) as response:
            if response.status_code != httpx2.codes.OK:
                raise Unavailable(f"status {response.status_code}")
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _MAX_ANSWER_BYTES:
                    raise Malformed("an answer without end")
        return bytes(body)
