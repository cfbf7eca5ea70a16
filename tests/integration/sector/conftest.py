from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.databases import SERVICE, as_role, migrate_database
from litopys.postgres.pool import open_pool
from litopys.service.writing import Writer
from tests.support.toy_sector.domain import RULES

ORIGIN = "simulated.example/one"


@pytest.fixture
async def pool(database):
    await migrate_database(database, "sector")
    pool = await open_pool(as_role(database, SERVICE), max_size=8)
    yield pool
    await pool.close()


@pytest.fixture
def writer() -> Writer:
    """Writes with a clock that moves a millisecond a look."""
    moments = iter(datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(milliseconds=n) for n in range(10**9))
    return Writer(origin=ORIGIN, sector="toy", partitions=2, domain=RULES, now=lambda: next(moments))
