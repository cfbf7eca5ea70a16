"""The report of an import: a line for every row that was refused or tolerated, and for what the ledger refused.

Tab-separated: line number (0: none), reason, what was done. It may hold personal data: only its owner can read it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from litopys.postgres.sector_imports import stream_remarks, stream_vanished

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from litopys.postgres.pool import Connection
    from litopys.postgres.sector_imports import RejectedRow, Run

MODE = 0o600
_HEADER = "line\treason\tdone\n"


async def write_report(
    path: Path, connection: Connection, run: Run, *, register: str, rejected: Sequence[RejectedRow]
) -> None:
    """Write the whole report, in bounded memory, and put it in place at once."""
    scratch = path.with_name(f"{path.name}.new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), MODE)
        file.write(_HEADER)
        async for remark in stream_remarks(connection, run):
            file.write(f"{remark.number}\t{remark.reason}\t{remark.done}\n")
        for one in rejected:
            file.write(f"0\t{one.reason}\trejected by the ledger: {one.subject}@{one.version}\n")
        async for source_key in stream_vanished(connection, run, register):
            file.write(f"0\tnot in this export any more\tleft as it is: {source_key}\n")
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
