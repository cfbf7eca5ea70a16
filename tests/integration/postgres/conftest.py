"""The ledger's tables in a fresh database."""

import pytest

from deploy.local.databases import SERVICE, as_role, migrate_database
from litopys.postgres import ledger_store as store
from litopys.postgres.pool import open_pool


@pytest.fixture
async def pool(database):
    await migrate_database(database, "ledger")
    pool = await open_pool(as_role(database, SERVICE))
    async with pool.acquire() as connection:
        await store.ensure_entry_partitions(connection, 0)
    yield pool
    await pool.close()
