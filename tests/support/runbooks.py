"""The commands of the runbooks: those that run anywhere, and those that need a cluster."""

import re
from pathlib import Path

from tests.support.alert_rules import RUNBOOKS

HEADINGS = ("What it means", "How bad", "Look", "Do", "Call")
NEEDS_A_CLUSTER = "# needs a cluster"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def alert_runbooks() -> list[Path]:
    return sorted(RUNBOOKS.glob("Litopys*.md"))


def blocks(file: Path, language: str) -> list[str]:
    return [body for kind, body in _BLOCK.findall(file.read_text()) if kind == language]


def commands(file: Path) -> list[str]:
    """Answer the lines that run where there is no cluster."""
    runnable = [body for body in blocks(file, "sh") if not body.startswith(NEEDS_A_CLUSTER)]
    return [line for body in runnable for line in body.splitlines()]


def expressions(file: Path) -> list[str]:
    return [line for body in blocks(file, "promql") for line in body.splitlines()]


def links(file: Path) -> list[str]:
    """Answer the links to runbooks of alerts."""
    return re.findall(r"\]\((Litopys\w+)\.md\)", file.read_text())
