"""The file that an import reads: its digest, its rows from any place on, and whether it stayed what it was."""

from __future__ import annotations

import os
from contextlib import contextmanager
from hashlib import file_digest
from typing import IO, TYPE_CHECKING, Any

from litopys.errors import Malformed
from litopys.exports.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litopys.postgres.sector_imports import Run
    from litopys.service.imports.importer import Importer


class Source:
    """One export, open. Digest and rows are of the same open file, whatever is put in its place meanwhile."""

    def __init__(self, path: Path, file: IO[bytes], importer: Importer) -> None:
        self._path = path
        self._file: Any = file
        self._importer = importer
        self._stamp = self._look()

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._stamp[0]

    def digest(self) -> bytes:
        """Compute the file's SHA-256."""
        self._file.seek(0)
        return file_digest(self._file, "sha256").digest()

    def check_readable(self) -> None:
        """Raises Malformed for a file that is no export of this kind at all."""
        next(iter(self._importer.rows(self._file, number=1, offset=0)), None)

    def count(self) -> int | None:
        """Count the rows; None where counting costs as much as reading."""
        return self._importer.count_rows(self._path)

    def rows(self, run: Run) -> Iterator[Row]:
        """Yield the rows that a run has still to read; where the reader gives up, the last one says why."""
        number, offset = run.next_number, run.next_offset
        try:
            for row in self._importer.rows(self._file, number=number, offset=offset):
                number, offset = row.number + 1, row.end
                yield row
        except Malformed as error:
            yield Row(number, offset, self.size + 1, b"", refusal=str(error), is_cut=True)

    def check_unchanged(self) -> None:
        """Raises Malformed where somebody wrote to the file since it was opened."""
        if self._look() != self._stamp:
            raise Malformed(f"{self._path} was changed while it was read")

    def _look(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns


@contextmanager
def open_source(path: Path, importer: Importer) -> Iterator[Source]:
    """Open an export for one importer. Raises OSError."""
    with path.open("rb") as file:
        yield Source(path, file, importer)
