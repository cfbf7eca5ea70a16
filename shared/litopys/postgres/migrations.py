"""Plain SQL migrations: forward only, each in one transaction, checksummed, under one advisory lock."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Halted
from litopys.postgres.pool import failures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection

_LOCK = int.from_bytes(hashlib.sha256(b"litopys.migrations").digest()[:8], "big", signed=True)
_FILE_NAME = re.compile(r"([0-9]{3})_[a-z0-9_]+\.sql")
_LEDGER_OF_MIGRATIONS = """
create table if not exists schema_migration (
    name text not null,
    number integer not null,
    file text not null,
    checksum bytea not null,
    applied_at timestamptz not null default now(),
    primary key (name, number)
)"""


class MigrationDrift(Halted):
    """The database was migrated by files that are not the ones at hand: edited, removed, or newer than this build."""


class Migration(NamedTuple):
    """One file: its number (from 1, without gaps), its name, its SQL and the SHA-256 of it."""

    number: int
    file: str
    sql: str
    checksum: bytes


def read_migrations(package: str) -> list[Migration]:
    """All `NNN_name.sql` files of an importable folder, in order of number. Raises ValueError on a gap or odd name."""
    found = []
    for path in files(package).iterdir():
        if not path.name.endswith(".sql"):
            continue
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"{package}: {path.name} is not NNN_name.sql")
        raw = path.read_bytes()
        found.append(Migration(int(match[1]), path.name, raw.decode(), hashlib.sha256(raw).digest()))
    found.sort()
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{package}: migrations are not numbered 1 to {len(found)}")
    return found


async def migrate(connection: Connection, package: str, name: str) -> list[str]:
    """Bring the database to the newest migration of `package`; `name` tells apart sets in one database.

    Returns the names of the files applied now. Several processes may call it at once. Raises MigrationDrift (stop),
    Unavailable (retry), or the server's error if a file is wrong, in which case nothing of that file is left.
    """
    migrations = read_migrations(package)
    with failures():
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        try:
            await connection.execute(_LEDGER_OF_MIGRATIONS)
            pending = await _pending(connection, name=name, migrations=migrations)
            for migration in pending:
                await _apply(connection, name, migration)
        finally:
            if not connection.is_closed():
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)
    return [migration.file for migration in pending]


async def _pending(connection: Connection, *, name: str, migrations: Sequence[Migration]) -> Sequence[Migration]:
    rows = await connection.fetch(
        "select number, file, checksum from schema_migration where name = $1 order by number", name
    )
    if len(rows) > len(migrations):
        raise MigrationDrift(f"{name}: the database has {len(rows)} migrations, this build knows {len(migrations)}")
    for row, migration in zip(rows, migrations, strict=False):
        if (row["number"], row["checksum"]) != (migration.number, migration.checksum):
            raise MigrationDrift(f"{name}: {row['file']} was applied in another form than {migration.file} has now")
    return migrations[len(rows) :]


async def _apply(connection: Connection, name: str, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into schema_migration (name, number, file, checksum) values ($1, $2, $3, $4)",
            name,
            migration.number,
            migration.file,
            migration.checksum,
        )
