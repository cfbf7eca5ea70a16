"""Routes of events: status, receipt, and the stream of final blocks."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response

from litopys.errors import VerificationFailed
from litopys.event.entries import parse_entry
from litopys.event.streams import SUBJECT_PATTERN
from litopys.ledger.receipts import CONTENT_TYPE, SUFFIX
from litopys.postgres.pool import failures
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_events
from litopys.postgres.sector_verdicts import State, load_final_blocks, load_final_head
from litopys.service.board import Board
from litopys.service.http import conventions as how
from litopys.service.http.documents import EventStatus, FinalBlockNotice
from litopys.service.problems import NotFound
from litopys.service.sse import EventSourceResponse, Feed, LastEventId, ServerSentEvent
from litopys.service.validators import Validators

if TYPE_CHECKING:
    from litopys.postgres.pool import Pool

_PAGE = 500
_LOOK_ANYWAY_S = 5.0

Subject = Annotated[str, Path(pattern=f"^{SUBJECT_PATTERN}$", examples=["land_parcel:5322081200:00:001:0003"])]
Version = Annotated[int, Path(ge=1, lt=1 << 53, examples=[1])]


def event_routes(*, pool: "Pool", board: Board, validators: Validators, feed: Feed) -> APIRouter:
    """Build the routes that tell what became of events."""
    router = APIRouter(tags=["Events"])
    _add_status(router, board)
    _add_receipt(router, pool=pool, board=board, validators=validators)
    _add_stream(router, pool=pool, feed=feed)
    return router


def _add_status(router: APIRouter, board: Board) -> None:
    @router.get(
        "/v1/events/{subject:path}/{version:int}",
        response_model=EventStatus,
        responses={**how.problems(404, 422, 503)},
        operation_id="event_status",
    )
    async def read_status(subject: Subject, version: Version) -> Response:
        """Tell what became of the event that was acknowledged at this address."""
        status = await board.status(Address(subject, version))
        headers = how.IMMUTABLE if status.state in {State.FINAL, State.REJECTED} else how.NO_CACHE
        return JSONResponse(EventStatus.of(status).model_dump(), headers=headers)


def _add_receipt(router: APIRouter, *, pool: "Pool", board: Board, validators: Validators) -> None:
    @router.get(
        "/v1/events/{subject:path}/{version:int}/receipt",
        response_class=Response,
        responses={
            200: {"content": {CONTENT_TYPE: {"schema": {"type": "string"}}}, "description": "A C2SP tlog-proof"},
            **how.problems(404, 422, 502, 503),
        },
        operation_id="event_receipt",
    )
    async def read_receipt(subject: Subject, version: Version) -> Response:
        """Answer the receipt of a final event: fetched from a validator, and verified before it is passed on."""
        address = Address(subject, version)
        status = await board.status(address)
        if status.index is None:
            raise NotFound("the event is not final")
        receipt = await validators.receipt(status.index)
        with failures():
            stored = (await load_events(pool, [address])).get(address)
        if stored is None or parse_entry(receipt.verified.entry).value != stored.value:
            raise VerificationFailed("the entry at this index is not the event of this address")
        name = f"{subject}@{version}{SUFFIX}".replace(":", "_").replace("/", "_")
        headers = {"Content-Disposition": f'attachment; filename="{name}"', **how.NO_CACHE}
        return Response(receipt.data, media_type=CONTENT_TYPE, headers=headers)


def _add_stream(router: APIRouter, *, pool: "Pool", feed: Feed) -> None:
    @router.get("/v1/finality/stream", response_class=EventSourceResponse, operation_id="finality_stream")
    async def stream(last_event_id: LastEventId = None) -> AsyncIterator[ServerSentEvent]:
        """Tell of final blocks as they come; `id` is the height, `Last-Event-ID` asks for those after it."""
        with failures():
            after = (await load_final_head(pool)).height if last_event_id is None else last_event_id
        while True:
            with failures():
                blocks = await load_final_blocks(pool, after=after, limit=_PAGE)
            for height, block_index, final_at in blocks:
                notice = FinalBlockNotice(height=height, block_index=block_index, final_at=final_at)
                yield ServerSentEvent(data=notice.model_dump(mode="json"), id=str(height), event="final")
                after = height
            if not blocks:
                await feed.wait(_LOOK_ANYWAY_S)
