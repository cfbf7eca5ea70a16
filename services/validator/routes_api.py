"""The JSON interface of a validator: blocks, entries, streams, addresses, rejections, cosignatures, new blocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from litopys.event.streams import SUBJECT_PATTERN
from litopys.service.sse import EventSourceResponse, Feed, LastEventId, ServerSentEvent
from services.validator.wire import (
    AddressesBody,
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
    from services.validator.browsing import LedgerBrowser

_KEEP_ALIVE_S = 15.0
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing is known under this name"}}

Cursor = Annotated[str | None, Query(max_length=100, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]
FewLimit = Annotated[int, Query(ge=1, le=20, description="a piece may hold two records of a megabyte")]
Height = Annotated[int, Path(ge=0, lt=1 << 63, examples=[17])]
Index = Annotated[int, Path(ge=0, lt=1 << 63, examples=[51240])]
Subject = Annotated[
    str, Path(pattern=f"^{SUBJECT_PATTERN}$", examples=["land_parcel:3220881300:04:001:0012"], max_length=192)
]
SubjectQuery = Annotated[
    str, Query(pattern=f"^{SUBJECT_PATTERN}$", examples=["land_parcel:3220881300:04:001:0012"], max_length=192)
]
Version = Annotated[int, Query(ge=1, lt=1 << 53, examples=[1])]
ValidatorName = Annotated[str, Query(pattern="^[a-z][a-z0-9_]{0,30}$", examples=["kyiv"])]


def api_routes(browser: LedgerBrowser, feed: Feed) -> APIRouter:
    """Build the routes under /api/v1; `feed` wakes when a block became final."""
    router = APIRouter(prefix="/api/v1", tags=["api"], responses=_MISSING)
    _add_feed(router, browser, feed)
    _add_blocks(router, browser)
    _add_entries(router, browser)
    _add_records(router, browser)
    return router


def _add_feed(router: APIRouter, browser: LedgerBrowser, feed: Feed) -> None:
    @router.get("/blocks/stream", response_class=EventSourceResponse)
    async def blocks_stream(last_event_id: LastEventId = None) -> AsyncIterator[ServerSentEvent]:
        """Send every block as it becomes final; `id` is the height, `Last-Event-ID` asks for those after it."""
        height = await browser.final_height() if last_event_id is None else last_event_id
        while True:
            blocks = await browser.final_blocks_after(height)
            for block in blocks:
                yield ServerSentEvent(data=block, event="block", id=str(block.height))
                height = block.height
            if not blocks and not await feed.wait(_KEEP_ALIVE_S):
                yield ServerSentEvent(comment="alive")


def _add_blocks(router: APIRouter, browser: LedgerBrowser) -> None:
    @router.get("/blocks")
    async def blocks(response: Response, cursor: Cursor = None, limit: Limit = 50) -> BlockPage:
        """Answer blocks, newest first."""
        page = await browser.blocks(cursor=cursor, limit=limit)
        _link(response, page.next)
        return page

    @router.get("/blocks/{height}")
    async def block(height: Height) -> BlockView:
        """Answer one block."""
        return await browser.block(height)


def _add_entries(router: APIRouter, browser: LedgerBrowser) -> None:
    @router.get("/events/by-address")
    async def by_address(subject: SubjectQuery, version: Version) -> AddressView:
        """Answer what became of the event at an address."""
        return await browser.address(subject, version)

    @router.post("/events/by-address")
    async def by_addresses(body: AddressesBody, response: Response) -> StandingsView:
        """Answer what stands at many addresses: whether one may be cited by an event that is published now."""
        _link(response, None)
        return await browser.standings(body.addresses)

    @router.get("/events/{index}")
    async def event(index: Index) -> EntryView:
        """Answer the entry at an index."""
        return await browser.entry(index)

    @router.get("/streams/{subject:path}")
    async def stream(response: Response, subject: Subject, cursor: Cursor = None, limit: Limit = 50) -> StreamPage:
        """Answer the entries of a stream, newest first."""
        page = await browser.stream(subject, cursor=cursor, limit=limit)
        _link(response, page.next)
        return page


def _add_records(router: APIRouter, browser: LedgerBrowser) -> None:
    @router.get("/rejections")
    async def rejections(response: Response, cursor: Cursor = None, limit: Limit = 100) -> RejectionPage:
        """Answer the refused records of final blocks, oldest first."""
        page = await browser.rejections(cursor=cursor, limit=limit)
        _link(response, page.next)
        return page

    @router.get("/votes")
    async def votes(
        response: Response,
        validator: ValidatorName,
        cursor: Cursor = None,
        above: Annotated[int, Query(ge=0, lt=1 << 63, description="only tree sizes above this")] = 0,
        limit: Limit = 500,
    ) -> VotePage:
        """Answer the cosignatures seen of a validator: one restored from a backup finds its own votes here."""
        page = await browser.votes(validator, cursor=cursor, above=above, limit=limit)
        _link(response, page.next)
        return page

    @router.get("/evidence")
    async def evidence(response: Response, cursor: Cursor = None, limit: FewLimit = 10) -> EvidencePage:
        """Answer what this validator found of lies, and whom each piece accuses: the liar and nobody else."""
        page = await browser.evidence(cursor=cursor, limit=limit)
        _link(response, page.next)
        return page


def _link(response: Response, cursor: str | None) -> None:
    """Name the next page in a header too (RFC 8288), and keep heads out of caches."""
    response.headers["Cache-Control"] = "no-cache"
    if cursor is not None:
        response.headers["Link"] = f'<?cursor={cursor}>; rel="next"'
