"""The migrations of a build that is newer than this one, as a package of their own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import asyncpg

from deploy.local.databases import OWNER, as_role
from litopys.postgres.grants import PACKAGES
from litopys.postgres.migrations import migrate, read_migrations


class NewerBuild:
    """All migrations of one kind that we know, and more of them."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = folder
        self._kind = kind
        self.known = len(read_migrations(PACKAGES[kind]))

    async def migrate(self, dsn: str, sql: str, *, runs_beside: bool) -> str:
        """Add a migration and bring a database to it as its owner; answers its file's name."""
        number = len(read_migrations(self._folder.name)) + 1
        beside = f"_from_{self.known:03}" if runs_beside else ""
        file = self._folder / f"{number:03}{beside}_newer.sql"
        file.write_text(sql)
        connection = await asyncpg.connect(as_role(dsn, OWNER))
        try:
            assert await migrate(connection, self._folder.name, self._kind) == [file.name]
        finally:
            await connection.close()
        return file.name


@contextmanager
def newer_build(kind: str, tmp_path: Path) -> Iterator[NewerBuild]:
    """Give a newer build's migrations of `kind`."""
    folder = tmp_path / f"newer_{kind}"
    with as_file(files(PACKAGES[kind])) as ours:
        shutil.copytree(ours, folder)
    sys.path.insert(0, str(tmp_path))
    try:
        yield NewerBuild(folder, kind)
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop(folder.name, None)
