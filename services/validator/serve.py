"""Role `serve`: the reading side of a validator, a process that needs nothing but the database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from litopys.errors import Unavailable
from litopys.postgres import ledger_reading as rows
from litopys.postgres.grants import PACKAGES
from litopys.postgres.ledger_finality import FINAL_CHANNEL
from litopys.postgres.migrations import check_schema
from litopys.postgres.pool import connect, failures, open_reading_pool
from litopys.service import metrics
from litopys.service.app import create_app
from litopys.service.logs import get_log
from litopys.service.networks import load_network
from litopys.service.patience import patiently
from litopys.service.run import serve
from litopys.service.sse import Feed
from services.validator.browsing import LedgerBrowser
from services.validator.reading import LedgerReader
from services.validator.routes_api import api_routes
from services.validator.routes_log import log_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from fastapi import FastAPI

    from litopys.ledger.network import Network
    from litopys.postgres.pool import Pool
    from services.validator.settings import ValidatorSettings

_LISTEN_AGAIN_S = 1.0
_DESCRIPTION = "What this validator checked, stored and cosigned: tiles, receipts, blocks, entries, streams."

_log = get_log("serve")


async def run_serving(settings: ValidatorSettings, stopping: asyncio.Event) -> None:
    """Serve the database until `stopping` is set. Raises SchemaBehind or SchemaAhead where it is not ours."""
    network = load_network(settings.network_file)
    pool = await open_reading_pool(settings.database_url, name="litopys-serve", max_size=settings.database_connections)
    app = serving_app(name=settings.name, database_url=settings.database_url, pool=pool, network=network)
    checking = asyncio.create_task(patiently(partial(check_layout, pool)))
    checking.add_done_callback(lambda task: stopping.set() if not task.cancelled() and task.exception() else None)
    try:
        await serve(app, host=settings.host, port=settings.port, stopping=stopping)
    finally:
        checking.cancel()
        await asyncio.wait([checking])
        await pool.close()
    if not checking.cancelled():
        checking.result()


async def check_layout(pool: Pool) -> None:
    """Check that the database was migrated. Raises SchemaBehind, SchemaAhead, MigrationDrift, Unavailable."""
    with failures():
        async with pool.acquire() as connection:
            await check_schema(connection, PACKAGES["ledger"], "ledger")


def serving_app(*, name: str, database_url: str, pool: Pool, network: Network) -> FastAPI:
    """Build the application over an open pool."""
    feed = Feed()

    @asynccontextmanager
    async def listening(_app: FastAPI) -> AsyncIterator[None]:
        listener = asyncio.create_task(listen(database_url, feed))
        try:
            yield
        finally:
            listener.cancel()

    async def ready() -> Mapping[str, str | None]:
        return {"database": await _missing(pool)}

    app = create_app(service="validator", name=name, description=_DESCRIPTION, ready=ready, lifespan=listening)
    app.include_router(log_routes(LedgerReader(pool=pool, network=network)))
    app.include_router(api_routes(LedgerBrowser(pool=pool, network=network), feed))
    return app


async def listen(database_url: str, feed: Feed) -> None:
    """Wake `feed` at every NOTIFY of a new final block, through lost connections, until cancelled."""
    while True:
        try:
            await _listen_once(database_url, feed)
        except Unavailable as error:
            _log.warning("listening lost", error=str(error))
        feed.wake()
        await asyncio.sleep(_LISTEN_AGAIN_S)


async def _listen_once(database_url: str, feed: Feed) -> None:
    connection = await connect(database_url, name="litopys-listen")
    lost = asyncio.Event()

    def on_final(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        metrics.FINAL_HEIGHT_BLOCKS.set(int(str(payload)))
        feed.wake()

    try:
        connection.add_termination_listener(lambda _connection: lost.set())
        with failures():
            await connection.add_listener(FINAL_CHANNEL, on_final)
        await lost.wait()
    finally:
        connection.terminate()


async def _missing(pool: Pool) -> str | None:
    try:
        with failures():
            async with pool.acquire(timeout=1.0) as connection:
                metrics.CHAIN_HEIGHT_BLOCKS.set(await rows.read_height(connection))
                metrics.FINAL_HEIGHT_BLOCKS.set(await rows.read_final_height(connection))
    except Unavailable as error:
        return str(error)
    return None
