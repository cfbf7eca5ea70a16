from datetime import UTC, datetime, timedelta

import pytest

from litopys.postgres.migrations import migrate
from litopys.postgres.pool import open_pool
from litopys.service.writing import Writer
from tests.support.toy_sector.domain import RULES

ORIGIN = "simulated.example/one"


@pytest.fixture
async def pool(database):
    pool = await open_pool(database, max_size=8)
    async with pool.acquire() as connection:
        await migrate(connection, "litopys.postgres.sql.sector", "sector")
    yield pool
    await pool.close()


@pytest.fixture
def writer() -> Writer:
    """Writes with a clock that moves a millisecond a look."""
    moments = iter(datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(milliseconds=n) for n in range(10**9))
    return Writer(origin=ORIGIN, sector="toy", partitions=2, domain=RULES, now=lambda: next(moments))
