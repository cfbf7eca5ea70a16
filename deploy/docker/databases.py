"""`python -m deploy.docker.databases`: databases, their roles and their layout; what is there stays as it is.

Environment: DATABASE_URL of a role that may create others; LITOPYS_PASSFILE (optional) with a line `…:role:password`
for each role, in the form of pgpass. Without it roles are made that no password opens: the server knows them otherwise.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.docker.stores import MONITOR, Store, all_stores


def main() -> None:
    """Make what is missing, then let `litopys migrate` lay each database out. Raises CalledProcessError, OSError."""
    url = os.environ["DATABASE_URL"]
    passfile = os.environ.get("LITOPYS_PASSFILE")
    asyncio.run(make_stores(url, {} if passfile is None else read_passwords(Path(passfile))))
    for store in all_stores():
        subprocess.run(migration(store), check=True, env={**os.environ, **owner_environment(url, store)})


def read_passwords(passfile: Path) -> dict[str, str]:
    """Answer the password of each role from lines `host:port:database:role:password`."""
    return dict(line.split(":", 4)[3:5] for line in passfile.read_text().splitlines())


async def make_stores(url: str, passwords: Mapping[str, str]) -> None:
    """Make roles and databases that are missing; who is there gets the password that stands in the file."""
    connection = await asyncpg.connect(url)
    try:
        await _make_role(connection, MONITOR, passwords)
        await connection.execute(f"GRANT pg_monitor TO {MONITOR}")
        for store in all_stores():
            for role in store.roles:
                await _make_role(connection, role, passwords)
            await _make_database(connection, store)
    finally:
        await connection.close()


def migration(store: Store) -> list[str]:
    """Answer the command that brings a database to this build's layout and grants its roles what each needs."""
    roles = (f"--service-role={store.service}", f"--reader-role={store.reader}")
    return [sys.executable, "-m", "litopys.cli.main", "migrate", store.kind, *roles]


def owner_environment(url: str, store: Store) -> dict[str, str]:
    """Answer what the command is told of the database: the same server, by its owner."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return {
        "LITOPYS_OWNER_DATABASE_URL": urlunsplit(parts._replace(netloc=f"{store.owner}@{server}", path=store.database))
    }


async def _make_role(connection: "asyncpg.Connection[asyncpg.Record]", role: str, passwords: Mapping[str, str]) -> None:
    """Names and passwords are quoted by the server: what defines takes no parameters."""
    there = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    form = "{} ROLE %I LOGIN PASSWORD %L".format("ALTER" if there else "CREATE")
    await connection.execute(
        await connection.fetchval(f"SELECT format('{form}', $1::text, $2::text)", role, passwords.get(role))
    )


async def _make_database(connection: "asyncpg.Connection[asyncpg.Record]", store: Store) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", store.database):
        await connection.execute(f'CREATE DATABASE "{store.database}" OWNER "{store.owner}" TEMPLATE template0')
    await connection.execute(f'REVOKE ALL ON DATABASE "{store.database}" FROM PUBLIC')
    await connection.execute(
        f'GRANT CONNECT ON DATABASE "{store.database}" TO "{store.service}", "{store.reader}", "{MONITOR}"'
    )


if __name__ == "__main__":
    main()
