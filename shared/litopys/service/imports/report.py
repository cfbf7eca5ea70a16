"""The report of an import: a line for whatever was refused, flagged or tolerated, by the import or by the ledger.

Tab-separated, one record a line: number of the row (0: none), byte offset, source key, reason, what was done. It may
hold personal data: only its owner can read it. It is made anew from the store, so that a resumed run's is whole.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from litopys.errors import Malformed
from litopys.event.cloudevents import parse_event
from litopys.postgres.pool import failures
from litopys.postgres.sector_import_rows import (
    RejectedRow,
    Remark,
    stream_rejected,
    stream_remarks,
    stream_vanished,
)
from litopys.service.imports.request import ImportRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from litopys.postgres.pool import Connection
    from litopys.postgres.sector_imports import Run

MODE = 0o600
HEADER = "line\toffset\tkey\treason\tdone\n"


def check_report(path: Path, export: Path) -> None:
    """Raises ImportRefused where the report could not be written in the end, or would overwrite the export."""
    scratch = _scratch(path)
    try:
        if any(one.exists() and one.samefile(export) for one in (path, scratch)):
            raise ImportRefused("report", "the report would be written over the export: name another file for it")
        if path.exists() and not path.is_file():
            raise ImportRefused("report", f"the report is a file of its own, and {path} is none")
        os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT, MODE))
    except OSError as error:
        raise ImportRefused("report", f"the report cannot be written: {error}") from error
    scratch.unlink(missing_ok=True)


async def write_report(path: Path, connection: Connection, run: Run) -> int:
    """Write the whole report, in bounded memory, and put it in place at once; returns how many events were rejected.

    Raises Unavailable for what the database could not say, ImportRefused for what cannot be written.
    """
    scratch = _scratch(path)
    rejected = 0
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), MODE)
            file.write(HEADER)
            async for one in _lines(connection, run):
                rejected += isinstance(one, RejectedRow)
                _write(file, _rejection(one) if isinstance(one, RejectedRow) else one)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise ImportRefused("report", f"the report cannot be written: {error}") from error
    return rejected


def _scratch(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _sync(folder: Path) -> None:
    """Let a name that was put into a folder outlive the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _lines(connection: Connection, run: Run) -> AsyncIterator[Remark | RejectedRow]:
    """Yield what the store knows of a run. Raises Unavailable: no failure of the database is one of the file."""
    with failures():
        async for remark in stream_remarks(connection, run):
            yield remark
        async for rejected in stream_rejected(connection, run):
            yield rejected
        async for missing in _missing(connection, run):
            yield missing


async def _missing(connection: Connection, run: Run) -> AsyncIterator[Remark]:
    """Yield what is not in this export, or why nobody can tell."""
    counts = run.counts
    if run.announced not in (None, counts.read):
        announced = f"{run.announced} records were announced, {counts.read} were read"
        yield Remark(0, run.next_offset, "", announced, "told")
    if not run.is_whole:
        yield Remark(0, run.next_offset, "", "the export was not read to its end", "nothing is called vanished")
        return
    async for key, subject in stream_vanished(connection, run):
        yield Remark(0, 0, key.source_key, "not in this export any more", f"left as it is: {subject}")


def _rejection(one: RejectedRow) -> Remark:
    """Make the line of an event that the ledger refused, with the place of the row that it came from."""
    number, offset = 0, 0
    try:
        imported = (parse_event(one.value).data or {}).get("imported")
    except Malformed:
        imported = None
    if isinstance(imported, dict):
        number, offset = imported.get("record", 0), imported.get("offset", 0)
    done = f"rejected by the ledger: {one.subject}@{one.version}"
    return Remark(number, offset, " ".join(one.source_keys), one.reason, done)


def _write(file: TextIO, remark: Remark) -> None:
    file.write("\t".join(_cell(str(one)) for one in remark) + "\n")


def _cell(text: str) -> str:
    """Keys of a source may have tabs or line ends in them; no cell does."""
    return "".join(c if c.isprintable() else " " for c in text)
