"""Routes that tell how far an object's course has come: what follows by itself, what it waits for, what hinders it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from litopys.service.carrying import Carrying, Hindrance, Standing
from litopys.service.http import conventions as how
from litopys.service.sector import AggregateType
from litopys.service.writing import Stream

_LOOK_AGAIN_S = 0.5


class NextStep(BaseModel):
    """A command that follows by itself."""

    subject: str
    command: str
    hindered: Annotated[str | None, Field(description="Why a rule refused it when it was tried last.")]


class CourseState(BaseModel):
    """How far a course has come. With no steps and nothing to wait for it is over, or a person has to act."""

    subject: str
    version: int
    waits_for: Annotated[list[str], Field(description="Events that have to be final first, as `subject@version`.")]
    steps: Annotated[list[NextStep], Field(description="What follows then, or is being tried again.")]
    object: dict[str, Any]


def course_routes(carrying: Carrying) -> APIRouter:
    """Build the routes of the courses of a sector."""
    router = APIRouter()
    for aggregate in carrying.carrier.sector.aggregates:
        if aggregate.course is not None:
            _add_course(router, aggregate, carrying)
    return router


def _add_course(router: APIRouter, aggregate: AggregateType, carrying: Carrying) -> None:
    key_of_object = Path(pattern=f"^(?:{aggregate.key_pattern})$", examples=[aggregate.key_example])

    async def read_course(key: Annotated[str, key_of_object], prefer: how.Prefer = None) -> Response:
        subject = f"{aggregate.name}:{key}"
        wait_s = how.parse_wait(prefer)
        standing = await carrying.carrier.look(aggregate, subject)
        try:
            async with asyncio.timeout(wait_s or 0):
                while (standing.waits_for or standing.steps) and not carrying.hindrances(subject):
                    await carrying.feed.wait(_LOOK_AGAIN_S)
                    standing = await carrying.carrier.look(aggregate, subject)
        except TimeoutError:
            pass
        shown = _shown(aggregate, standing.streams[subject], standing=standing, hindered=carrying.hindrances(subject))
        return JSONResponse(shown.model_dump(), headers=how.NO_CACHE)

    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}/course",
        read_course,
        name=f"{aggregate.name}.course",
        operation_id=f"{aggregate.name}_course",
        summary=f"{aggregate.title}: how far it has come; `Prefer: wait=N` holds the answer while it goes on",
        tags=[aggregate.title],
        response_model=CourseState,
        responses=how.problems(404, 409, 422, 503),
    )


def _shown(
    aggregate: AggregateType, stream: Stream, *, standing: Standing, hindered: Sequence[Hindrance]
) -> CourseState:
    reasons = {(one.step.subject, one.step.command): one.reason for one in hindered}
    return CourseState(
        subject=stream.subject,
        version=stream.version,
        waits_for=[f"{address.subject}@{address.version}" for address in standing.waits_for],
        steps=[
            NextStep(subject=step.subject, command=step.command, hindered=reasons.get((step.subject, step.command)))
            for step in standing.steps
        ],
        object=dict(aggregate.view(stream.state)),
    )
