"""A validator's reading side in this process, so that others can ask it over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from litopys.postgres.pool import open_pool
from litopys.service.run import serve
from services.validator.serve import serving_app
from tests.support.live_network import LiveNetwork, until


@asynccontextmanager
async def served(
    live: LiveNetwork, name: str, database: str, port: int, *, wrap: Callable[[Any], Any] = lambda app: app
) -> AsyncIterator[None]:
    """Serve a validator's database on a port; `wrap` puts an ASGI application before the validator's."""
    pool = await open_pool(database)
    app = wrap(serving_app(name=name, database_url=database, pool=pool, network=live.network))
    stopping = asyncio.Event()
    task = asyncio.create_task(serve(app, host="127.0.0.1", port=port, stopping=stopping))

    async def answers() -> bool:
        async with httpx2.AsyncClient() as client:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
            except httpx2.HTTPError:
                return False

    await until(answers, what="the peer's interface")
    try:
        yield
    finally:
        stopping.set()
        await task
        await pool.close()
