"""Looking around in a validator's database: the questions behind the JSON interface."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from litopys.postgres import ledger_reading as rows
from litopys.postgres.ledger_votes import read_cosignatures_of, read_evidence
from litopys.postgres.pool import failures
from litopys.service.problems import NotFound
from services.validator.cursors import format_cursor, parse_cursor
from services.validator.views import view_block, view_entry, view_evidence, view_rejection, view_standing, view_vote
from services.validator.wire import (
    AddressView,
    BlockPage,
    BlockView,
    EntryView,
    EvidencePage,
    RejectionPage,
    StandingsView,
    StreamPage,
    VotePage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.ledger.network import Network
    from litopys.postgres.ledger_store import BlockRow, EntryRow
    from litopys.postgres.pool import Connection, Pool

_FEED_BLOCKS = 100
_LAST = (1 << 63) - 1
_LAST_US = 250_000_000_000_000_000
"""A moment in the year 9892, of which a clock can still speak."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LedgerBrowser:
    """Answers questions about blocks, entries, streams and records. Methods raise NotFound, Malformed, Unavailable."""

    def __init__(self, *, pool: Pool, network: Network) -> None:
        self._pool = pool
        self._network = network

    async def final_height(self) -> int:
        """Return the newest final height, -1 before the first."""
        with failures():
            async with self._pool.acquire() as connection:
                return await rows.read_final_height(connection)

    async def final_blocks_after(self, height: int) -> list[BlockView]:
        """Return the next final blocks above a height, at most 100."""
        with failures():
            async with self._pool.acquire() as connection:
                last = min(height + _FEED_BLOCKS, await rows.read_final_height(connection))
                found = await rows.read_blocks(connection, first=height + 1, last=last)
                return await self._views(connection, found)

    async def blocks(self, *, cursor: str | None, limit: int) -> BlockPage:
        """Return a page of blocks, newest first."""
        below = parse_cursor(cursor, parts=1)[0] if cursor else _LAST
        with failures():
            async with self._pool.acquire() as connection:
                last = min(below - 1, await rows.read_height(connection))
                found = await rows.read_blocks(connection, first=last - limit + 1, last=last)
                views = (await self._views(connection, found))[::-1]
        more = bool(views) and views[-1].height > 0
        return BlockPage(blocks=views, next=format_cursor(views[-1].height) if more else None)

    async def block(self, height: int) -> BlockView:
        """Return one block."""
        with failures():
            async with self._pool.acquire() as connection:
                found = await rows.read_blocks(connection, first=height, last=height)
                if not found:
                    raise NotFound("no block has this height here")
                return (await self._views(connection, found))[0]

    async def entry(self, index: int) -> EntryView:
        """Return the entry at an index."""
        with failures():
            async with self._pool.acquire() as connection:
                found = await rows.read_entries(connection, first=index, count=1)
                if not found:
                    raise NotFound("no entry has this index here")
                return (await self._entries(connection, found))[0]

    async def stream(self, subject: str, *, cursor: str | None, limit: int) -> StreamPage:
        """Return a page of a stream's entries, newest first."""
        start = parse_cursor(cursor, parts=1)[0] if cursor else None
        with failures():
            async with self._pool.acquire() as connection:
                head = await rows.read_stream_head(connection, subject)
                if head is None:
                    raise NotFound("no such stream here")
                found = await rows.read_chain(connection, index=head[1] if start is None else start, limit=limit)
                views = await self._entries(connection, found)
        if any((view.event or {}).get("subject") != subject for view in views):
            raise NotFound("not a cursor of this stream")
        following = found[-1].previous if found else None
        return StreamPage(
            subject=subject,
            version=head[0],
            entries=views,
            next=None if following is None else format_cursor(following),
        )

    async def address(self, subject: str, version: int) -> AddressView:
        """Return what became of the event at an address."""
        with failures():
            async with self._pool.acquire() as connection:
                final = await rows.read_final_height(connection)
                index = await _index_of(connection, subject, version)
                block = None if index is None else await rows.read_block_of_index(connection, index)
                refused = [
                    row
                    for row in await rows.read_rejections_of(connection, subject=subject, version=version)
                    if row.height <= final
                ]
        status, reason = "pending", None
        if block is not None:
            status = "final" if block.height <= final else "sealed"
        elif refused:
            status, reason = "rejected", refused[-1].reason
        return AddressView.model_validate(
            {
                "subject": subject,
                "version": version,
                "status": status,
                "index": index,
                "height": None if block is None else block.height,
                "reason": reason,
                "rejections": [view_rejection(row) for row in refused],
            }
        )

    async def standings(self, addresses: Sequence[str]) -> StandingsView:
        """Return what stands at each of the addresses `<stream>@<version>`."""
        wanted = [(subject, int(version)) for subject, _, version in (one.rpartition("@") for one in addresses)]
        with failures():
            async with self._pool.acquire() as connection:
                final = await rows.read_final_height(connection)
                found = await rows.read_events_at(connection, wanted)
                heights = await rows.read_heights_of(connection, [row.index for row in found.values()])
        return StandingsView(
            standings=[
                view_standing(address, found.get(place), heights=heights, final_height=final)
                for address, place in zip(addresses, wanted, strict=True)
            ]
        )

    async def rejections(self, *, cursor: str | None, limit: int) -> RejectionPage:
        """Return a page of refused records of final blocks, oldest first."""
        height, number = parse_cursor(cursor, parts=2) if cursor else (-1, -1)
        with failures():
            async with self._pool.acquire() as connection:
                final = await rows.read_final_height(connection)
                found = await rows.read_rejections_after(
                    connection, height=height, number=number, last=final, limit=limit
                )
        more = len(found) == limit
        return RejectionPage(
            rejections=[view_rejection(row) for row in found],
            next=format_cursor(found[-1].height, found[-1].number) if more else None,
        )

    async def votes(self, validator: str, *, cursor: str | None, above: int, limit: int) -> VotePage:
        """Return a page of cosignatures seen of one validator, by rising size."""
        size = parse_cursor(cursor, parts=1)[0] if cursor else above
        with failures():
            async with self._pool.acquire() as connection:
                found = await read_cosignatures_of(connection, validator=validator, above_size=size, limit=limit)
        more = len(found) >= limit
        return VotePage(
            validator=validator,
            votes=[view_vote(row) for row in found],
            next=format_cursor(found[-1].size) if more else None,
        )

    async def evidence(self, *, cursor: str | None, limit: int) -> EvidencePage:
        """Return a page of evidence, oldest first."""
        since_us, skipped = parse_cursor(cursor, parts=2) if cursor else (0, 0)
        since = _EPOCH + timedelta(microseconds=min(max(since_us, 0), _LAST_US))
        with failures():
            async with self._pool.acquire() as connection:
                final = await rows.read_final_height(connection)
                found = await read_evidence(connection, since=since, skipped=max(skipped, 0), limit=limit)
        following = None
        if len(found) == limit:
            last = found[-1].at
            alike = sum(one.at == last for one in found) + (skipped if last == since else 0)
            following = format_cursor((last - _EPOCH) // timedelta(microseconds=1), alike)
        return EvidencePage(
            evidence=[view_evidence(one, network=self._network, final_height=final) for one in found], next=following
        )

    async def _views(self, connection: Connection, blocks: Sequence[BlockRow]) -> list[BlockView]:
        """Show blocks of rising height, each under the first final checkpoint at or after it."""
        views = []
        final: rows.CheckpointRow | None = None
        for row in blocks:
            if final is None or final.size < row.size:
                final = await rows.read_checkpoint_from(connection, row.size)
            views.append(view_block(row, final=final, network=self._network))
        return views

    async def _entries(self, connection: Connection, found: Sequence[EntryRow]) -> list[EntryView]:
        final = await rows.read_final_height(connection)
        blocks = await rows.read_heights_of(connection, [row.index for row in found])
        return [view_entry(row, height=blocks[row.index], is_final=blocks[row.index] <= final) for row in found]


async def _index_of(connection: Connection, subject: str, version: int) -> int | None:
    head = await rows.read_stream_head(connection, subject)
    if head is None or head[0] < version:
        return None
    return await rows.read_index_back(connection, index=head[1], steps=head[0] - version)
