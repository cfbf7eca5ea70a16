"""What an audit came to, as node_exporter's textfile collector reads it (`litopys audit --textfile`)."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from litopys.cli.files import put_whole

if TYPE_CHECKING:
    from pathlib import Path

    from litopys.audit.findings import Report

NAMES: Final = {
    "litopys_audit_end_seconds": "When the last audit ended, Unix time",
    "litopys_audit_passed_state": "1 if all held that the audit checked",
    "litopys_audit_finding_pieces": "What did not hold",
    "litopys_audit_duration_seconds": "How long the audit took",
}


def write_textfile(path: Path, report: Report, *, validator: str, duration_s: float) -> None:
    """Put the file in its place as a whole, for it may be read at any moment. Raises WrongUse where it cannot."""
    values = (time.time(), 0 if report.has_failed else 1, report.found, duration_s)
    label = json.dumps(validator, ensure_ascii=False)  # escapes what a label's value must escape, in the same way
    lines = [
        f"# HELP {name} {text}\n# TYPE {name} gauge\n{name}{{validator={label}}} {value}\n"
        for (name, text), value in zip(NAMES.items(), values, strict=True)
    ]
    put_whole(path, "".join(lines).encode())
