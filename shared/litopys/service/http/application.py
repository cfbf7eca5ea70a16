"""The application of a sector: all its routes over one store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litopys.postgres.pool import failures
from litopys.service.app import create_app
from litopys.service.carrying import open_carrying
from litopys.service.http.callers import caller_check
from litopys.service.http.commands import command_routes
from litopys.service.http.conventions import define_problem
from litopys.service.http.courses import course_routes
from litopys.service.http.disclosures import disclosure_routes
from litopys.service.http.events import event_routes
from litopys.service.http.lists import list_routes
from litopys.service.http.looking import looking_routes
from litopys.service.http.objects import object_routes
from litopys.service.privacy.access import Access
from litopys.service.privacy.looking import Looking
from litopys.service.privacy.types import with_privacy_types
from litopys.service.problems import problem_of
from litopys.service.queries import Reading
from litopys.service.search.searching import Searching
from litopys.service.settings import MAX_BODY_BYTES
from litopys.steps import pass_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from joserfc.jwk import OKPKey

    from litopys.postgres.pool import Pool
    from litopys.service.board import Board
    from litopys.service.carrying import Carrying
    from litopys.service.gate import Gate
    from litopys.service.sector import Sector
    from litopys.service.sse import Feed
    from litopys.service.validators import Validators
    from litopys.service.writing import Writer
    from litopys.steps import Passing

_DESCRIPTION = (
    "Commands are acknowledged when they are recorded (202) and become final on the ledger within about a second; "
    "`Prefer: wait=10` waits for that (201). What is final has a receipt that anyone can verify offline."
)
_IS_READ_ONLY = "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorWorld:
    """What the HTTP side of a sector works with."""

    sector: Sector
    writer: Writer
    pool: Pool
    gate: Gate
    feed: Feed
    board: Board
    validators: Validators
    token_key: OKPKey | None
    digest_key: bytes
    max_body_bytes: int = MAX_BODY_BYTES
    carrying: Carrying | None = None
    """What carries on from commands; None where nobody turns it."""
    passing: Passing = pass_on


def sector_app(world: SectorWorld, lifespan: Any = None) -> FastAPI:  # noqa: ANN401 — FastAPI's own type is wider than it says
    """Build the application. `lifespan` turns the gate and the board; without one the caller does."""

    async def ready() -> Mapping[str, str | None]:
        return {"database": await _database_missing(world.pool), "topic": world.gate.missing}

    app = create_app(
        service="sector",
        name=world.sector.name,
        description=_DESCRIPTION,
        ready=ready,
        lifespan=lifespan,
        max_body_bytes=world.max_body_bytes,
    )
    define_problem(app)
    caller = caller_check(world.token_key)
    carrying = world.carrying or open_carrying(
        world.sector, pool=world.pool, writer=world.writer, gate=world.gate, feed=world.feed
    )
    desk = carrying.carrier.desk
    access = Access(world.pool, world.writer, world.sector.frame, desk.check_open, world.passing)
    sector = with_privacy_types(world.sector)
    app.include_router(command_routes(sector, desk=desk, board=world.board, caller=caller, digest_key=world.digest_key))
    app.include_router(course_routes(carrying))
    app.include_router(disclosure_routes(sector, access, caller))
    app.include_router(looking_routes(sector, Looking(access), caller))
    reading = Reading(world.pool, world.writer)
    searching = Searching(reading, world.sector.frame, desk.check_open, world.passing)
    app.include_router(list_routes(sector, searching, caller))
    app.include_router(object_routes(sector, reading))
    app.include_router(event_routes(pool=world.pool, board=world.board, validators=world.validators, feed=world.feed))
    return app


async def _database_missing(pool: Pool) -> str | None:
    try:
        with failures():
            is_read_only = await pool.fetchval(_IS_READ_ONLY, timeout=2)
    except Exception as error:  # noqa: BLE001 — whatever it is, it is the answer
        return problem_of(error).title
    return "it can only be read" if is_read_only else None
