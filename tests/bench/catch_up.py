"""A validator that begins with an empty database while the others stand still: how fast it comes up to them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import asyncpg

from deploy.local.ports import wait_until
from deploy.local.postgres import drop_database

if TYPE_CHECKING:
    from deploy.local.network import LocalNetwork

ALL_OF_IT_S = 3_600.0


def measure_catch_up(network: LocalNetwork, name: str) -> int:
    """Take the database of validator `name` away and answer the entries per second at which it fills a new one.

    The time runs from the start of its process: what a start costs is part of catching up.
    """
    dsn = network.dsn(f"validator_{name}")
    size = asyncio.run(count_entries(dsn))
    for role in ("check", "serve"):
        network.process(f"validator-{name}-{role}").stop()
    asyncio.run(_empty(network, f"validator_{name}"))
    checking = network.process(f"validator-{name}-check")
    began = time.monotonic()
    checking.start()

    def has_all() -> bool:
        checking.check_alive()
        return asyncio.run(count_entries(dsn)) >= size

    wait_until(has_all, what=f"{size} entries at {name}", timeout_s=ALL_OF_IT_S)
    seconds = time.monotonic() - began
    network.up()
    return round(size / seconds)


async def _empty(network: LocalNetwork, member: str) -> None:
    connection = await asyncpg.connect(network.dsn(member))
    database = await connection.fetchval("select current_database()")
    await connection.close()
    await drop_database(network.postgres, database)
    await network.make_database(member)


async def count_entries(dsn: str) -> int:
    """Count the entries that a validator has stored; none before it has made its tables."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("select coalesce(max(index) + 1, 0) from entry"))
    except asyncpg.UndefinedTableError:
        return 0
    finally:
        await connection.close()
