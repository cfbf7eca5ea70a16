"""The tables of events and rules in a sector's README."""

import os
from pathlib import Path
from typing import Final

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.rules import Rule
from services.documents import SERVICES
from services.documents.rules import find_test, rules_by_stream
from services.documents.schemas import domains

BEGIN: Final = "<!-- made by `python -m services.documents`; do not edit -->"
END: Final = "<!-- end of what is made -->"


def readme(sector: str) -> str:
    """Give a sector's README with its tables made again."""
    path = SERVICES / sector / "README.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_tables(sector)}\n{END}{after}"


def _tables(sector: str) -> str:
    newest = domains(sector)[max(domains(sector))]
    lines = ["| stream | event | what it says | four eyes |", "|---|---|---|---|"]
    for aggregate in newest.aggregates.values():
        lines += _event_lines(aggregate)
    lines += [
        "",
        "| stream | rule | kind | reads (**bold**: closed fields) | says | test |",
        "|---|---|---|---|---|---|",
    ]
    for stream, rules in rules_by_stream(sector).items():
        lines += [_rule_line(sector, stream, rule) for rule in rules]
    return "\n".join(lines) + "\n"


def _event_lines(aggregate: Aggregate) -> list[str]:
    lines = []
    for (name, version), kind in aggregate.events.items():
        said = (getattr(kind, "__origin__", kind).__doc__ or "").strip().split("\n")[0]
        eyes = "yes" if name in aggregate.four_eyes else ""
        lines.append(f"| `{aggregate.name}` | `{name}.v{version}` | {said} | {eyes} |")
    return lines


def _rule_line(sector: str, stream: str, rule: Rule) -> str:
    test = find_test(sector, stream, rule.code)
    where = "**none**" if test is None else f"[{test.name}]({_link(test.path, SERVICES / sector)})"
    return f"| {stream} | `{rule.code}` | {rule.kind} | {rule.reads} | {rule.says} | {where} |"


def _link(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
