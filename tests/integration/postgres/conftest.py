"""The ledger's tables in a fresh database."""

import pytest

from litopys.postgres import ledger_store as store
from litopys.postgres.migrations import migrate
from litopys.postgres.pool import open_pool


@pytest.fixture
async def pool(database):
    pool = await open_pool(database)
    async with pool.acquire() as connection:
        await migrate(connection, "litopys.postgres.sql.ledger", "ledger")
        await store.ensure_entry_partitions(connection, 0)
    yield pool
    await pool.close()
