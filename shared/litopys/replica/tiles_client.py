"""Reading another validator over HTTP. What comes back is bytes of a stranger: callers verify them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import httpx2

from litopys.errors import Malformed, Unavailable, VerificationFailed
from litopys.ledger.records import parse_record_bytes
from litopys.tlog.bundles import parse_bundle
from litopys.tlog.hashing import HASH_SIZE
from litopys.tlog.tiles import ENTRIES_LEVEL, TilePath, format_tile_path

if TYPE_CHECKING:
    from litopys.note.policies import FinalCheckpoint, Policy

MAX_ANSWER_BYTES = 32 << 20
"""A bundle holds 256 entries of at most 64 KiB each."""


class RecordBytes(NamedTuple):
    """A refused record's signature and value, as a peer keeps them."""

    signature: bytes
    value: bytes


class TilesClient:
    """One validator's log, read path by path. Methods raise Unavailable, and Malformed for what cannot be right."""

    def __init__(self, *, url: str, client: httpx2.AsyncClient) -> None:
        self.url = url
        self._client = client

    async def checkpoint(self, policy: Policy) -> FinalCheckpoint:
        """Return the newest final checkpoint, verified. Raises VerificationFailed."""
        return policy.verify_checkpoint(await self.get("/checkpoint"))

    async def tile(self, path: TilePath) -> bytes:
        """Return a tile's hashes, exactly as many as it should have."""
        hashes = await self.get("/" + format_tile_path(path))
        if len(hashes) != path.width * HASH_SIZE:
            raise Malformed("a tile of another width")
        return hashes

    async def bundle(self, index: int, width: int) -> list[bytes]:
        """Return the entries of a bundle."""
        data = await self.get("/" + format_tile_path(TilePath(ENTRIES_LEVEL, index, width)))
        return parse_bundle(data, width)

    async def block(self, height: int) -> bytes:
        """Return a block's note."""
        return await self.get(f"/block/{height}")

    async def rejected(self, height: int) -> bytes:
        """Return the list of a block's refused records."""
        return await self.get(f"/rejected/{height}")

    async def rejected_record(self, height: int, number: int) -> RecordBytes:
        """Return the bytes of a refused record."""
        return RecordBytes(*parse_record_bytes(await self.get(f"/rejected/{height}/{number}")))

    async def block_offset(self, height: int) -> int | None:
        """Return where a block stands on the blocks topic, by the peer's word: a hint."""
        try:
            offset = (await self._fetch(f"/api/v1/blocks/{height}")).json().get("offset")
        except (ValueError, AttributeError) as error:
            raise Malformed("not the JSON of a block") from error
        return offset if isinstance(offset, int) and offset >= 0 else None

    async def get(self, path: str) -> bytes:
        """Return what stands under a path."""
        return (await self._fetch(path)).content

    async def _fetch(self, path: str) -> httpx2.Response:
        try:
            response = await self._client.get(self.url + path)
        except httpx2.HTTPError as error:
            raise Unavailable(f"{self.url}{path}: {type(error).__name__}") from error
        if response.status_code != httpx2.codes.OK:
            raise Unavailable(f"{self.url}{path}: status {response.status_code}")
        if len(response.content) > MAX_ANSWER_BYTES:
            raise VerificationFailed(f"{self.url}{path}: too long an answer")
        return response
