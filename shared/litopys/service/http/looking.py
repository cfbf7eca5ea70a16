"""Routes by which a person, or who supervises, is told who looked. Each answer is on the record itself."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from litopys.postgres.sector_changes import Address
from litopys.service.http import conventions as how
from litopys.service.http.disclosures import key_of
from litopys.service.http.documents import Accesses, AccessesRequest, AccessTold, OwnAccessesRequest
from litopys.service.privacy.access import Purpose
from litopys.service.privacy.looking import SUPERVISE, Looking, Looks, Page
from litopys.service.sector import AggregateType, Sector
from litopys.service.tokens import Caller

Who = Callable[..., Awaitable[Caller]]


def looking_routes(sector: Sector, looking: Looking, caller: Who) -> APIRouter:
    """Build the routes that tell who looked at the fields of a sector's objects."""
    router = APIRouter()
    for aggregate in sector.aggregates:
        if aggregate.personal:
            _add_own(router, aggregate, looking=looking, caller=caller)
            _add_supervised(router, aggregate, looking=looking, caller=caller)
    return router


def _add_own(router: APIRouter, aggregate: AggregateType, *, looking: Looking, caller: Who) -> None:
    async def who_looked(
        key: str,
        body: OwnAccessesRequest,
        who: Annotated[Caller, Depends(caller)],
        cursor: how.Cursor = None,
        limit: how.Limit = how.DEFAULT_PAGE,
    ) -> Response:
        page = _page(cursor, limit)
        address, looks = await looking.own(aggregate, key, caller=who, disclosure=body.disclosure, page=page)
        return _answer(f"{aggregate.name}:{key}", address, looks)

    who_looked.__annotations__["key"] = key_of(aggregate)
    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}/who-looked",
        who_looked,
        methods=["POST"],
        operation_id=f"{aggregate.name}_who_looked",
        summary=f"{aggregate.title}: who looked at my fields",
        description="For the person themself: the token's claim `code` is the person's code in the object, or the body "
        "holds a disclosure of a closed field of theirs.",
        tags=[aggregate.title],
        response_model=Accesses,
        responses=how.problems(400, 401, 403, 404, 409, 413, 422, 503),
    )


def _add_supervised(router: APIRouter, aggregate: AggregateType, *, looking: Looking, caller: Who) -> None:
    async def access_log(
        key: str,
        body: AccessesRequest,
        who: Annotated[Caller, Depends(caller)],
        cursor: how.Cursor = None,
        limit: how.Limit = how.DEFAULT_PAGE,
    ) -> Response:
        page = _page(cursor, limit)
        purpose = Purpose(body.office, body.why)
        address, looks = await looking.supervised(aggregate, key, caller=who, purpose=purpose, page=page)
        return _answer(f"{aggregate.name}:{key}", address, looks)

    access_log.__annotations__["key"] = key_of(aggregate)
    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}/access-log",
        access_log,
        methods=["POST"],
        operation_id=f"{aggregate.name}_access_log",
        summary=f"{aggregate.title}: all accesses, for the supervisory body",
        description=f"The token must grant `{SUPERVISE}` or `{SUPERVISE}:{aggregate.name}`.",
        tags=[aggregate.title],
        response_model=Accesses,
        responses=how.problems(400, 401, 403, 404, 409, 413, 422, 503),
    )


def _page(cursor: str | None, limit: int) -> Page:
    after, before = ("", "") if cursor is None else how.parse_cursor(cursor, str, str)
    return Page(after, before, limit)


def _answer(subject: str, recorded_as: Address, looks: Looks) -> Response:
    items = [
        AccessTold(
            access=f"{look.access.access}@1",
            recorded_at=look.access.recorded_at,
            version=look.access.version,
            disclosures=look.sealed,
        )
        for look in looks.items
    ]
    cursor = None if looks.next is None else how.format_cursor(looks.next.after, looks.next.before)
    body = Accesses(subject=subject, access=f"{recorded_as.subject}@{recorded_as.version}", items=items, next=cursor)
    return JSONResponse(body.model_dump(mode="json"), headers={"Cache-Control": "no-store"})
