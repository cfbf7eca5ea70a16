"""Databases and roles as `python -m deploy.docker.databases` makes them, on a real server."""

import asyncio
import os
import secrets
import subprocess

import asyncpg
import pytest

from deploy.docker import databases
from deploy.docker.databases import make_stores, migration
from deploy.docker.stores import MONITOR, Store

pytestmark = [pytest.mark.integration, pytest.mark.anyio]


@pytest.fixture
async def stores(postgres_server, monkeypatch):
    """Two stores of this test alone; their databases and roles go with it."""
    prefix = f"stores_{secrets.token_hex(4)}"
    made = (Store("ledger", f"{prefix}_v"), Store("sector", f"{prefix}_s"))
    monkeypatch.setattr(databases, "all_stores", lambda: made)
    yield made
    connection = await asyncpg.connect(postgres_server.admin_dsn)
    for store in made:
        await connection.execute(f'DROP DATABASE IF EXISTS "{store.database}" WITH (FORCE)')
    for role in (*(role for store in made for role in store.roles), MONITOR):
        await connection.execute(f'DROP ROLE IF EXISTS "{role}"')
    await connection.close()


async def ask(server, query, *arguments):
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def secrets_of(server, stores):
    query = "SELECT rolname, rolpassword, rolsuper FROM pg_authid WHERE rolname = ANY($1)"
    return {row["rolname"]: row for row in await ask(server, query, [role for one in stores for role in one.roles])}


async def test_what_is_missing_is_made_and_what_is_there_stays(postgres_server, stores):
    passwords = {role: f"it's {role}" for store in stores for role in store.roles}
    await make_stores(postgres_server.admin_dsn, passwords)
    made = await secrets_of(postgres_server, stores)
    assert len(made) == 6
    assert all(row["rolpassword"].startswith("SCRAM-SHA-256$") for row in made.values())
    assert not any(row["rolsuper"] for row in made.values())
    await make_stores(postgres_server.admin_dsn, {})
    assert all(row["rolpassword"] is None for row in (await secrets_of(postgres_server, stores)).values()), "as it says"


async def test_a_database_lets_its_own_in_and_nobody_else(postgres_server, stores):
    await make_stores(postgres_server.admin_dsn, {})
    ledger, sector = stores
    may = "SELECT has_database_privilege($1, $2, 'CONNECT') AS may"
    for store, other in ((ledger, sector), (sector, ledger)):
        for role in (*store.roles, MONITOR):
            assert (await ask(postgres_server, may, role, store.database))[0]["may"], role
        for role in other.roles:
            assert not (await ask(postgres_server, may, role, store.database))[0]["may"], role
    create = "SELECT has_database_privilege($1, $2, 'CREATE') AS may"
    assert not (await ask(postgres_server, create, ledger.service, ledger.database))[0]["may"]
    owner = "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1"
    assert (await ask(postgres_server, owner, ledger.database))[0]["owner"] == ledger.owner


async def test_they_are_laid_out_by_the_command_line(postgres_server, stores):
    await make_stores(postgres_server.admin_dsn, {})
    for store in stores:
        as_owner = postgres_server.dsn(store.database).replace("user=litopys", f"user={store.owner}")
        told = {**os.environ, "LITOPYS_OWNER_DATABASE_URL": as_owner}
        done = await asyncio.to_thread(
            subprocess.run, migration(store), env=told, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        connection = await asyncpg.connect(postgres_server.dsn(store.database))
        query = "SELECT has_table_privilege($1, 'schema_migration', $2)"
        for role in (store.service, store.reader):
            assert await connection.fetchval(query, role, "SELECT")
            assert not await connection.fetchval(query, role, "UPDATE")
        await connection.close()
