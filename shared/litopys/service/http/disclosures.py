"""Routes of disclosures: open ones by GET, closed ones by POST with a reason that goes on the record first."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response

from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import StoredDisclosure
from litopys.service.http import conventions as how
from litopys.service.http.documents import Disclosed, DisclosureRequest, Disclosures
from litopys.service.privacy.access import SCOPE, Access, Purpose
from litopys.service.sector import AggregateType, Sector
from litopys.service.tokens import Caller


def disclosure_routes(sector: Sector, access: Access, caller: Callable[..., Awaitable[Caller]]) -> APIRouter:
    """Build the routes that release disclosures of a sector's objects."""
    router = APIRouter()
    for aggregate in sector.aggregates:
        if aggregate.personal:
            _add_open(router, aggregate, access)
            _add_closed(router, aggregate, access=access, caller=caller)
    return router


def key_of(aggregate: AggregateType) -> object:
    """Give the type of the parameter `key` of an aggregate's routes."""
    return Annotated[str, Path(pattern=f"^(?:{aggregate.key_pattern})$", examples=[aggregate.key_example])]


def _add_open(router: APIRouter, aggregate: AggregateType, access: Access) -> None:
    async def read_open(key: str) -> Response:
        subject = f"{aggregate.name}:{key}"
        return _answer(subject, await access.open_fields(subject), None)

    read_open.__annotations__["key"] = key_of(aggregate)
    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}/disclosures",
        read_open,
        operation_id=f"{aggregate.name}_open_disclosures",
        summary=f"{aggregate.title}: personal fields that the law publishes",
        tags=[aggregate.title],
        response_model=Disclosures,
        responses=how.problems(404, 422, 503),
    )


def _add_closed(
    router: APIRouter, aggregate: AggregateType, *, access: Access, caller: Callable[..., Awaitable[Caller]]
) -> None:
    async def release(key: str, body: DisclosureRequest, who: Annotated[Caller, Depends(caller)]) -> Response:
        purpose = Purpose(body.office, body.why)
        address, released = await access.release(aggregate, key, caller=who, purpose=purpose, fields=body.fields)
        return _answer(f"{aggregate.name}:{key}", released, address)

    release.__annotations__["key"] = key_of(aggregate)
    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}/accesses",
        release,
        methods=["POST"],
        operation_id=f"{aggregate.name}_disclosures",
        summary=f"{aggregate.title}: closed fields; the access is recorded first",
        description=_description(aggregate),
        tags=[aggregate.title],
        response_model=Disclosures,
        responses=how.problems(400, 401, 403, 404, 409, 413, 422, 503),
    )


def _description(aggregate: AggregateType) -> str:
    each = f"`{SCOPE}:{aggregate.name}.<field>` or `{SCOPE}:<subject>#<field>`"
    granted = f"`{SCOPE}`, `{SCOPE}:{aggregate.name}` or `{SCOPE}:<subject>`, or for each closed field {each}"
    fields = [
        f"- `{name}` ({'open' if field.is_open else 'closed'}): {field.says}"
        for name, field in aggregate.personal.items()
    ]
    said = f"The token must grant {granted}. Who, office, why and which fields go on the record as digests. Fields:"
    return "\n".join([said, "", *fields])


def _answer(subject: str, released: Sequence[StoredDisclosure], access: Address | None) -> Response:
    items = [
        Disclosed(
            version=one.version,
            person=one.person,
            name=one.name,
            digest=one.digest,
            disclosure=one.disclosure,
            erased_by=one.erased_by,
        )
        for one in released
    ]
    recorded = None if access is None else f"{access.subject}@{access.version}"
    body = Disclosures(subject=subject, access=recorded, items=items)
    return JSONResponse(body.model_dump(), headers={"Cache-Control": "no-store"})
