"""Routes of commands: `POST /v1/<plural>/{key}/<command>`."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from litopys.errors import Unavailable
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_requests import Request as OnceOnly
from litopys.postgres.sector_requests import keyed_digest
from litopys.postgres.sector_verdicts import State, Status
from litopys.service import metrics
from litopys.service.board import Board
from litopys.service.commands import Desk
from litopys.service.http import conventions as how
from litopys.service.http.documents import EventStatus
from litopys.service.problems import Forbidden, Problem, problem_of, problem_response
from litopys.service.sector import AggregateType, CommandType, Sector
from litopys.service.tokens import Caller

_RETRY_AFTER_S = 1
_REJECTED = Problem(HTTPStatus.CONFLICT, "rejected", "The ledger rejected the event")
_PROBLEMS = (400, 401, 403, 404, 409, 412, 413, 422, 428, 503)
_ACCEPTED_HEADERS = {
    "Location": {"description": "Where its status is told.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
    "ETag": {"description": "The stream version after the command.", "schema": {"type": "string"}},
}


def command_routes(
    sector: Sector, *, desk: Desk, board: Board, caller: Callable[..., Awaitable[Caller]], digest_key: bytes
) -> APIRouter:
    """Build the routes of all commands of a sector."""
    router = APIRouter()
    commanding = _Commanding(desk, board, digest_key)
    for aggregate in sector.aggregates:
        for command in aggregate.commands:
            _add_command(router, aggregate, command, commanding=commanding, caller=caller)
    return router


class _Commanding:
    """Runs one command for a route and answers with its status."""

    def __init__(self, desk: Desk, board: Board, digest_key: bytes) -> None:
        self._desk = desk
        self._board = board
        self._digest_key = digest_key
        self._sector = desk.writer.sector

    async def run(
        self,
        command: CommandType,
        body: BaseModel,
        *,
        subject: str,
        caller: Caller,
        expected_version: int | None,
        once: OnceOnly | None,
        wait_s: int | None,
    ) -> Response:
        """Execute, wait if that is preferred, and answer 201 (settled), 202 (accepted) or a problem."""
        try:
            _check_granted(command, caller)
            done = await self._desk.execute(
                command,
                body,
                subject=subject,
                actor=caller.actor,
                expected_version=expected_version,
                request=once,
            )
        except Exception as error:
            metrics.COMMANDS.labels(self._sector, problem_of(error).slug).inc()
            raise
        metrics.COMMANDS.labels(self._sector, "replayed" if done.is_replay else "acknowledged").inc()
        status = await self._status(done.address, wait_s)
        return _answer(status, has_waited=wait_s is not None)

    async def _status(self, address: Address, wait_s: int | None) -> Status:
        """Look once, or wait. A status that cannot be read does not undo the acknowledgement: it is pending."""
        pending = Status(address.subject, address.version, State.PENDING, None, None, None)
        if wait_s is None:
            return pending
        try:
            return await self._board.wait(address, wait_s)
        except Unavailable:
            return pending

    async def once_only(self, request: Request, key: str | None, caller: Caller) -> OnceOnly | None:
        """Return what makes the request take effect once, if it asks for that."""
        if key is None:
            return None
        parts = (request.scope["path"], request.headers.get("if-match", ""))
        payload = "\n".join((*parts, "")).encode() + await request.body()
        return OnceOnly(caller.actor, key, keyed_digest(self._digest_key, payload))


def _add_command(
    router: APIRouter,
    aggregate: AggregateType,
    command: CommandType,
    *,
    commanding: _Commanding,
    caller: Callable[..., Awaitable[Caller]],
) -> None:
    key_of_object = Path(pattern=f"^(?:{aggregate.key_pattern})$", examples=[aggregate.key_example])

    async def endpoint(
        request: Request,
        key: Annotated[str, key_of_object],
        body: BaseModel,
        who: Annotated[Caller, Depends(caller)],
        if_match: how.IfMatch = None,
        idempotency_key: how.IdempotencyKey = None,
        prefer: how.Prefer = None,
    ) -> Response:
        return await commanding.run(
            command,
            body,
            subject=f"{aggregate.name}:{key}",
            caller=who,
            expected_version=how.parse_if_match(if_match),
            once=await commanding.once_only(request, idempotency_key, who),
            wait_s=how.parse_wait(prefer),
        )

    endpoint.__annotations__["body"] = command.wire
    router.add_api_route(
        f"/v1/{aggregate.plural}/{{key}}/{command.name}",
        endpoint,
        methods=["POST"],
        status_code=HTTPStatus.ACCEPTED,
        name=f"{aggregate.name}.{command.name}",
        operation_id=f"{aggregate.name}_{command.name}".replace("-", "_"),
        summary=command.summary,
        description=f"The token must grant `{command.scope}`." if command.scope else None,
        tags=[aggregate.title],
        response_model=EventStatus,
        responses=_responses(),
    )


def _check_granted(command: CommandType, caller: Caller) -> None:
    if command.scope is not None and command.scope not in caller.scopes:
        raise Forbidden(f"the token does not grant {command.scope}")


def _responses() -> dict[int | str, dict[str, Any]]:
    return {
        201: {"model": EventStatus, "description": "Final, within the time that Prefer allowed"},
        202: {"description": "Acknowledged: recorded for good, not final yet", "headers": _ACCEPTED_HEADERS},
        **how.problems(*_PROBLEMS),
    }


def _answer(status: Status, *, has_waited: bool) -> Response:
    location = f"/v1/events/{quote(status.subject, safe=':/')}/{status.version}"
    headers = {"Location": location, "ETag": how.format_etag(status.version), **how.NO_CACHE}
    if has_waited:
        headers["Preference-Applied"] = "wait"
    if status.state is State.REJECTED:
        return problem_response(_REJECTED, detail=f"reason: {status.reason}", code=status.reason, headers=headers)
    body = EventStatus.of(status).model_dump()
    if status.state is State.FINAL:
        return JSONResponse(body, status_code=HTTPStatus.CREATED, headers=headers)
    return JSONResponse(body, status_code=HTTPStatus.ACCEPTED, headers={**headers, "Retry-After": str(_RETRY_AFTER_S)})
