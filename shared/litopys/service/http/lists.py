"""Routes of lists: all objects of one kind, or those that fit what the query asks; by closed fields only on record."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from litopys.service.http import conventions as how
from litopys.service.http.documents import FoundPage, ObjectPage, ObjectState
from litopys.service.privacy.access import SCOPE
from litopys.service.queries import Seen
from litopys.service.search.searchable import Search
from litopys.service.search.searching import Place, Purpose, Question, Searching
from litopys.service.sector import AggregateType, Sector
from litopys.service.tokens import Caller

_LINE = r"^[^\x00-\x1f\x7f-\x9f]+$"
_MOST_CHARACTERS = 300
Line = Annotated[str, Field(min_length=1, max_length=_MOST_CHARACTERS, pattern=_LINE)]
_TEXT = "Objects with all of these words, in any order, case and grammatical form; a word may be its beginning."
_FORMER = "Also objects of persons who no longer count, such as former holders."


class ListQuery(BaseModel):
    """What every list can be asked; the terms of a kind of object come on top. Nothing else is taken."""

    model_config = ConfigDict(extra="forbid")
    cursor: how.Cursor = None
    limit: how.Limit = how.DEFAULT_PAGE


class PersonSearch(BaseModel):
    """A person to be found by a closed field: who asks, in which office, and why, goes on the record first."""

    model_config = ConfigDict(extra="forbid")
    value: Annotated[
        Line, Field(description="Compared as a whole: words in any order, no word too few.", examples=["2000000012"])
    ]
    office: Annotated[str, Field(min_length=1, max_length=200, pattern=_LINE, examples=["notary 77"])]
    why: Annotated[str, Field(min_length=1, max_length=500, pattern=_LINE, examples=["inheritance case 123"])]
    former: Annotated[bool, Field(description=_FORMER, strict=True)] = False
    cursor: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,600}$")] = None
    limit: Annotated[int, Field(ge=1, le=how.MAX_PAGE, strict=True)] = how.DEFAULT_PAGE


def list_routes(sector: Sector, searching: Searching, caller: Callable[..., Awaitable[Caller]]) -> APIRouter:
    """Build the routes that list and find objects of a sector."""
    router = APIRouter()
    for aggregate in sector.aggregates:
        _add_list(router, aggregate, searching)
        if aggregate.search is not None and aggregate.search.person_fields:
            _add_search(router, aggregate, searching=searching, caller=caller)
    return router


def _add_list(router: APIRouter, aggregate: AggregateType, searching: Searching) -> None:
    async def list_objects(query: Any) -> Response:  # noqa: ANN401 — made below
        asked = query.model_dump(exclude_none=True, exclude={"cursor", "limit"})
        place = _place(aggregate, query.cursor, query.limit)
        found, last = await searching.page(aggregate, _question(aggregate.search, asked), place=place)
        cursor = None if last is None else how.format_cursor(last)
        page = ObjectPage(items=[state_of(seen) for seen in found], next=cursor)
        again = {name: "true" if value is True else value for name, value in asked.items() if value is not False}
        links = {} if cursor is None else how.next_link(f"/v1/{aggregate.plural}", cursor, query.limit, asked=again)
        return JSONResponse(page.model_dump(), headers={**how.NO_CACHE, **links})

    list_objects.__annotations__["query"] = Annotated[_list_query(aggregate), Query()]
    router.add_api_route(
        f"/v1/{aggregate.plural}",
        list_objects,
        name=f"{aggregate.name}.list",
        operation_id=f"{aggregate.name}_list",
        summary=f"{aggregate.title}: all objects, or those that fit, in order of their keys",
        tags=[aggregate.title],
        response_model=ObjectPage,
        responses=how.problems(400, 422, 503),
    )


def _add_search(
    router: APIRouter, aggregate: AggregateType, *, searching: Searching, caller: Callable[..., Awaitable[Caller]]
) -> None:
    async def search_objects(body: Any, who: Annotated[Caller, Depends(caller)]) -> Response:  # noqa: ANN401 — made below
        question = Question(persons={body.field: body.value}, former=body.former)
        purpose = Purpose(who, body.office, body.why)
        place = _place(aggregate, body.cursor, body.limit)
        access, found, last = await searching.page_on_record(aggregate, question, place=place, purpose=purpose)
        page = FoundPage(
            access=f"{access.subject}@{access.version}",
            items=[state_of(seen) for seen in found],
            next=None if last is None else how.format_cursor(last),
        )
        return JSONResponse(page.model_dump(), headers={"Cache-Control": "no-store"})

    search_objects.__annotations__["body"] = _search_body(aggregate)
    router.add_api_route(
        f"/v1/{aggregate.plural}/searches",
        search_objects,
        methods=["POST"],
        operation_id=f"{aggregate.name}_search",
        summary=f"{aggregate.title}: objects of a person; the search is recorded first",
        description=f"The token must grant the field: `{SCOPE}`, `{SCOPE}:{aggregate.name}` or "
        f"`{SCOPE}:{aggregate.name}.<field>`. Who, office, why, field and value go on the record as digests.",
        tags=[aggregate.title],
        response_model=FoundPage,
        responses=how.problems(400, 401, 403, 409, 413, 422, 503),
    )


def _list_query(aggregate: AggregateType) -> type[BaseModel]:
    """Make the parameters of a list out of what its objects are found by."""
    search, fields = aggregate.search, {}
    if search is not None:
        for name, finds in search.terms.items():
            pattern = f"^(?:{search.patterns[name]})$" if name in search.patterns else _LINE
            kind = Annotated[str, Field(min_length=1, max_length=_MOST_CHARACTERS, pattern=pattern)]
            fields[name] = (Annotated[kind | None, Field(description=finds)], None)
        fields["text"] = (Annotated[Line | None, Field(description=_TEXT)], None)
        for name in sorted(search.open_fields):
            fields[name] = (Annotated[Line | None, Field(description=search.person_fields[name])], None)
        if search.open_fields:
            fields["former"] = (Annotated[bool | None, Field(description=_FORMER)], None)
    made: type[BaseModel] = create_model(f"{aggregate.name}_query", __base__=ListQuery, **fields)  # type: ignore[call-overload]
    return made


def _search_body(aggregate: AggregateType) -> type[BaseModel]:
    """Make the body of a search out of the fields by which persons are found."""
    fields: Mapping[str, str] = aggregate.search.person_fields if aggregate.search is not None else {}
    finds = " ".join(f"`{name}`: {what}" for name, what in fields.items())
    names: Any = Literal[tuple(fields)]
    kind: Any = Annotated[names, Field(description=finds, examples=list(fields)[:1])]
    made: type[BaseModel] = create_model(
        f"{aggregate.name}_search", __base__=PersonSearch, __doc__=PersonSearch.__doc__, field=(kind, ...)
    )
    return made


def _question(search: Search | None, asked: Mapping[str, Any]) -> Question:
    if search is None:
        return Question()
    return Question(
        terms={name: asked[name] for name in search.terms if name in asked},
        text=asked.get("text"),
        persons={name: asked[name] for name in search.open_fields if name in asked},
        former=asked.get("former", False),
    )


def _place(aggregate: AggregateType, cursor: str | None, limit: int) -> Place:
    after = "" if cursor is None else how.parse_cursor(cursor, str)[0]
    if after and not after.startswith(f"{aggregate.name}:"):
        after = f"{aggregate.name}:"
    return Place(after, limit)


def state_of(seen: Seen, recorded_at: str | None = None, valid_at: str | None = None) -> ObjectState:
    """Show an object, and for which times it was asked for."""
    return ObjectState(
        subject=seen.subject,
        version=seen.version,
        recorded_at=recorded_at,
        valid_at=valid_at,
        object=dict(seen.content),
    )
