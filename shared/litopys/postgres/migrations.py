"""Plain SQL migrations: forward only, each in one transaction, checksummed, under one advisory lock.

They are a step of their own (`litopys migrate`), done as the database's owner; processes only check that it was done.
`NNN_from_MMM_name.sql` says that builds which know the migrations up to MMM, or more, run beside it; a file that says
nothing ends all builds before its own (ADR 0017).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from litopys.errors import Conflict, Halted, Malformed
from litopys.postgres.pool import failures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.pool import Connection

LOCK = int.from_bytes(hashlib.sha256(b"litopys.migrations").digest()[:8], "big", signed=True)
"""The advisory lock of whoever changes a database's layout or what its roles may do."""
_FILE_NAME = re.compile(r"(?P<number>[0-9]{3})(?:_from_(?P<oldest>[0-9]{3}))?_[a-z0-9_]+\.sql")
_LEDGER_OF_MIGRATIONS = """
create table if not exists schema_migration (
    name text not null,
    number integer not null,
    file text not null,
    checksum bytea not null,
    applied_at timestamptz not null default now(),
    primary key (name, number)
)"""
# Who waits for a table's lock holds up everybody who comes after: so a migration waits a moment, and then again. So it
# does where it and somebody at work hold a table each that the other one waits for.
_LOCK_TIMEOUT = "set local lock_timeout = '2s'"
_TRIES = 60
_PAUSE_S = 1.0


class MigrationDrift(Halted):
    """The database was migrated by files that are not the ones at hand: edited, or other ones."""


class SchemaBehind(Malformed):
    """The database lacks migrations of this build, or privileges: the message names the command that brings them."""


class SchemaAhead(Malformed):
    """The database is newer than this build can work on."""


class Migration(NamedTuple):
    """One file: its number (from 1, without gaps), its name, its SQL, the SHA-256 of it.

    `oldest`: the least number of migrations that a build must know to run beside it.
    """

    number: int
    file: str
    sql: str
    checksum: bytes
    oldest: int


def read_migrations(package: str) -> list[Migration]:
    """All migrations of an importable folder, in order of number. Raises ValueError on a gap or odd name."""
    found = []
    for path in files(package).iterdir():
        if not path.name.endswith(".sql"):
            continue
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"{package}: {path.name} is neither NNN_name.sql nor NNN_from_MMM_name.sql")
        raw = path.read_bytes()
        number, oldest = int(match["number"]), int(match["oldest"] or match["number"])
        if not 1 <= oldest <= number:
            raise ValueError(f"{package}: no build before {path.name} knows {oldest} migrations")
        found.append(Migration(number, path.name, raw.decode(), hashlib.sha256(raw).digest(), oldest))
    found.sort()
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{package}: migrations are not numbered 1 to {len(found)}")
    return found


async def migrate(connection: Connection, package: str, name: str) -> list[str]:
    """Bring the database to the newest migration of `package`; `name` tells apart sets in one database.

    Returns the names of the files applied now. Several may call it at once, and beside processes at work. Raises
    MigrationDrift (stop), SchemaAhead, Unavailable or Conflict (retry), or the server's error if a file is wrong, in
    which case nothing of that file is left.
    """
    migrations = read_migrations(package)
    with failures():
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        try:
            await connection.execute(_LEDGER_OF_MIGRATIONS)
            pending = await _pending(connection, name=name, migrations=migrations)
            for migration in pending:
                await _apply(connection, name, migration)
        finally:
            if not connection.is_closed():
                await connection.execute("select pg_advisory_unlock($1)", LOCK)
    return [migration.file for migration in pending]


async def check_schema(connection: Connection, package: str, name: str) -> None:
    """Check that this build can work on the database as its layout is; changes nothing.

    Raises SchemaBehind or SchemaAhead, whose words say what to do; MigrationDrift (stop); Unavailable.
    """
    migrations = read_migrations(package)
    try:
        with failures():
            is_there = await connection.fetchval("select to_regclass('schema_migration') is not null")
            pending = await _pending(connection, name=name, migrations=migrations) if is_there else migrations
    except asyncpg.InsufficientPrivilegeError as error:
        told = f"this role may not read it: run `litopys migrate {name}` as its owner, with --service-role or "
        raise SchemaBehind(f"the database of the {name}: {told}--reader-role") from error
    if pending:
        lacking = ", ".join(migration.file for migration in pending)
        raise SchemaBehind(f"the database of the {name} lacks {lacking}: run `litopys migrate {name}` as its owner")


async def _pending(connection: Connection, *, name: str, migrations: Sequence[Migration]) -> Sequence[Migration]:
    rows = await connection.fetch(
        "select number, file, checksum from schema_migration where name = $1 order by number", name
    )
    for row, migration in zip(rows, migrations, strict=False):
        if (row["number"], row["checksum"]) != (migration.number, migration.checksum):
            raise MigrationDrift(f"{name}: {row['file']} was applied in another form than {migration.file} has now")
    for row in rows[len(migrations) :]:
        match = _FILE_NAME.fullmatch(row["file"])
        oldest = row["number"] if match is None else int(match["oldest"] or match["number"])
        if oldest > len(migrations):
            told = f"{row['file']}, beside which builds run that know {oldest} migrations"
            raise SchemaAhead(f"the database of the {name} has {told}; this one knows {len(migrations)}")
    return migrations[len(rows) :]


async def _apply(connection: Connection, name: str, migration: Migration) -> None:
    for _ in range(_TRIES):
        try:
            return await _apply_at_once(connection, name, migration)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(_PAUSE_S)
    raise Conflict(f"{migration.file} found no moment in which nobody held its tables; nothing was changed")


async def _apply_at_once(connection: Connection, name: str, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(_LOCK_TIMEOUT)
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into schema_migration (name, number, file, checksum) values ($1, $2, $3, $4)",
            name,
            migration.number,
            migration.file,
            migration.checksum,
        )
