"""A disk that is full: a file system of a few megabytes in memory, with a database in a tablespace of its own."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest

from deploy.local.postgres import create_database, drop_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deploy.local.postgres import OwnPostgres

_SIZE = "64m"
_STEP_BYTES = 1 << 12


class SmallDisk:
    """A database on a small disk, filled up and freed by a file beside the tables."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.dsn = dsn
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(_STEP_BYTES)):
                    pass
            except OSError:
                return

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """Mount a small disk for a time; skips the test where that is not permitted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"nothing may be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def create_on_disk(server: OwnPostgres, name: str, folder: Path) -> str:
    """Create a database whose tables stand in `folder`. Returns its DSN."""
    tables = folder / "tables"
    tables.mkdir()
    owner = (server.folder / "data").stat()
    shutil.chown(tables, owner.st_uid, owner.st_gid)
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        await connection.execute(f"create tablespace {name} location '{tables}'")
        await connection.execute(f"create database {name} template template0 tablespace {name}")
    finally:
        await connection.close()
    return await create_database(server, name)


async def drop_from_disk(server: OwnPostgres, name: str) -> None:
    """Remove the database and its tablespace."""
    await drop_database(server, name)
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        await connection.execute(f"drop tablespace {name}")
    finally:
        await connection.close()
