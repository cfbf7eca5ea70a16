"""Asking validators over HTTP and believing none of them: whatever is returned here was verified.

Any validator will do. One that does not answer, or answers what does not verify, is passed over for the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import httpx2
import msgspec

from litopys.errors import LitopysError, Malformed, Unavailable, VerificationFailed
from litopys.event.cloudevents import parse_event
from litopys.event.entries import is_event_entry, parse_entry
from litopys.ledger.receipts import verify_receipt
from litopys.ledger.rejections import Rejection, parse_rejected_list
from litopys.service import metrics
from litopys.service.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litopys.ledger.network import Network
    from litopys.ledger.receipts import VerifiedReceipt
    from litopys.postgres.sector_changes import Address

T = TypeVar("T")

VOIDED = "voided"
MOST_ADDRESSES = 256
"""As many addresses may be asked for at once (docs/spec/receipts-and-reading.md)."""

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


@dataclass(frozen=True, slots=True)
class Standing:
    """What a validator says is final at an address: an index and the type of the event there."""

    index: int
    type: str

    @property
    def is_said_voided(self) -> bool:
        """Answer whether it would be a `voided` event: what was acknowledged there was refused for good."""
        return self.type.rpartition(".")[0].endswith(f".{VOIDED}")


class _Standing(msgspec.Struct):
    address: str
    status: str
    index: int | None
    type: str | None


class _Standings(msgspec.Struct):
    standings: list[_Standing]


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

    async def standings(self, addresses: Sequence[Address]) -> dict[Address, Standing]:
        """Return what validators say of addresses; missing where nobody says that anything final stands there.

        Whoever lags knows less, so the next is asked for the rest. Nothing of it is proved.
        """
        found: dict[Address, Standing] = {}
        for url in list(self._urls):
            rest = [address for address in addresses if address not in found]
            for start in range(0, len(rest), MOST_ADDRESSES):
                found |= await self._standings_at(url, rest[start : start + MOST_ADDRESSES])
        return found

    async def _standings_at(self, url: str, addresses: Sequence[Address]) -> dict[Address, Standing]:
        asked = [f"{address.subject}@{address.version}" for address in addresses]
        try:
            answer = await self._send("POST", url + "/api/v1/events/by-address", {"addresses": asked})
            told = msgspec.json.decode(answer, type=_Standings).standings
            if [one.address for one in told] != asked:
                raise Malformed("an answer to another question")
        except (LitopysError, httpx2.HTTPError, msgspec.MsgspecError) as error:
            _log.debug("no answer", validator=self._names[url], path="by-address", error=type(error).__name__)
            return {}
        return {
            address: Standing(one.index, one.type)
            for address, one in zip(addresses, told, strict=True)
            if one.status == "final" and one.index is not None and one.type is not None
        }

    async def is_voided(self, address: Address, index: int) -> bool:
        """Answer whether the event at an address is final and `voided`, by its receipt. Raises Unavailable."""
        entry = (await self.receipt(index)).verified.entry
        if not is_event_entry(entry):
            return False
        event = parse_event(parse_entry(entry).value)
        return (event.subject, event.streamversion, event.name) == (*address, VOIDED)

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
        return await self._send("GET", url)

    async def _send(self, method: str, url: str, content: object = None) -> bytes:
        body = bytearray()
        async with self._client.stream(method, url, json=content) as response:
            if response.status_code != httpx2.codes.OK:
                raise Unavailable(f"status {response.status_code}")
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _MAX_ANSWER_BYTES:
                    raise Malformed("an answer without end")
        return bytes(body)
