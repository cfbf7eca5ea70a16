import asyncio
import secrets

import pytest

from deploy.local.postgres import create_database, drop_database


@pytest.fixture
def databases(postgres_server):
    """`databases()` gives the DSN of one more empty database; all are dropped after the test."""
    names = []

    def more() -> str:
        names.append(f"test_{secrets.token_hex(6)}")
        with asyncio.Runner() as runner:
            return runner.run(create_database(postgres_server, names[-1]))

    given = [more() for _ in range(6)]
    yield iter(given).__next__
    for name in names:
        asyncio.run(drop_database(postgres_server, name))
