"""Routes of queries: objects and their histories."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from litopys.service.http import conventions as how
from litopys.service.http.documents import HistoryPage, ObjectState
from litopys.service.http.lists import state_of
from litopys.service.queries import Reading, Seen
from litopys.service.sector import AggregateType, Sector

RecordedAt = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?Z$",
        description="As it stood in the register at this time (UTC).",
        examples=["2026-11-23T10:00:00Z"],
    ),
]
ValidAt = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?)?)?$",
        description="As it was at this time: year, month, day or second.",
        examples=["2026-03-01"],
    ),
]


def object_routes(sector: Sector, reading: Reading) -> APIRouter:
    """Build the routes that read objects of a sector."""
    router = APIRouter()
    for aggregate in sector.aggregates:
        key = Annotated[str, Path(pattern=f"^(?:{aggregate.key_pattern})$", examples=[aggregate.key_example])]
        _add_object(router, aggregate, reading=reading, key_type=key)
        _add_history(router, aggregate, reading=reading, key_type=key)
    return router


def _add_object(router: APIRouter, aggregate: AggregateType, *, reading: Reading, key_type: Any) -> None:  # noqa: ANN401 — an annotation
    async def read_object(
        key: str,
        recorded_at: RecordedAt = None,
        valid_at: ValidAt = None,
        if_none_match: how.IfNoneMatch = None,
    ) -> Response:
        subject = f"{aggregate.name}:{key}"
        if recorded_at is not None or valid_at is not None:
            seen = await reading.at(aggregate, subject, recorded_at=recorded_at, valid_at=valid_at)
            return JSONResponse(state_of(seen, recorded_at, valid_at).model_dump(), headers=how.NO_CACHE)
        seen = await reading.now(aggregate, subject)
        headers = {"ETag": how.format_etag(seen.version), **how.NO_CACHE}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return JSONResponse(state_of(seen).model_dump(), headers=headers)

    read_object.__annotations__["key"] = key_type
    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}",
        read_object,
        name=f"{aggregate.name}.object",
        operation_id=f"{aggregate.name}_object",
        summary=f"{aggregate.title}: one object",
        tags=[aggregate.title],
        response_model=ObjectState,
        responses={
            200: {"content": {"application/json": {"example": _example(aggregate)}}},
            304: {"description": "Still what If-None-Match names"},
            **how.problems(400, 404, 422, 503),
        },
    )


def _add_history(router: APIRouter, aggregate: AggregateType, *, reading: Reading, key_type: Any) -> None:  # noqa: ANN401 — an annotation
    async def read_history(key: str, cursor: how.Cursor = None, limit: how.Limit = how.DEFAULT_PAGE) -> Response:
        subject = f"{aggregate.name}:{key}"
        after = 0 if cursor is None else how.parse_cursor(cursor, int)[0]
        found = await reading.history(subject, after=after, limit=limit)
        cursor = how.format_cursor(found[-1][0].version) if len(found) == limit else None
        items = [{"version": stored.version, "event": value} for stored, value in found]
        links = {} if cursor is None else how.next_link(f"/v1/{aggregate.plural}/{key}/history", cursor, limit)
        return JSONResponse({"subject": subject, "items": items, "next": cursor}, headers={**how.NO_CACHE, **links})

    read_history.__annotations__["key"] = key_type
    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}/history",
        read_history,
        name=f"{aggregate.name}.history",
        operation_id=f"{aggregate.name}_history",
        summary=f"{aggregate.title}: all events of one object",
        tags=[aggregate.title],
        response_model=HistoryPage,
        responses=how.problems(400, 404, 422, 503),
    )


def _example(aggregate: AggregateType) -> dict[str, Any]:
    seen = Seen(f"{aggregate.name}:{aggregate.key_example}", 1, aggregate.view_example)
    return state_of(seen).model_dump()
