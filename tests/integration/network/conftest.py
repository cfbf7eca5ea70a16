import asyncio

import pytest


@pytest.fixture
def databases(spare_databases):
    """`databases()` gives the DSN of one more empty database, of six."""
    given = [asyncio.run(spare_databases.lend()) for _ in range(6)]
    yield iter(given).__next__
    for dsn in given:
        asyncio.run(spare_databases.take_back(dsn))
