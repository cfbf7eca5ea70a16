"""Documents made from the code: JSON Schemas of all events, and the tables of events and rules in a sector's README.

`python -m services.documents` writes them; a contract test says when they are not current.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Final

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.domains import Domain
from litopys.sourcing.rules import COMMON_RULES, Rule
from litopys.sourcing.schemas import json_schema
from services.catalogue import sector_names

SERVICES: Final = Path(__file__).parent
BEGIN: Final = "<!-- made by `python -m services.documents`; do not edit -->"
END: Final = "<!-- end of what is made -->"


def schema_files(sector: str) -> dict[Path, str]:
    """Make every JSON Schema of a sector's events, by path: of all rule versions, since types are never reused."""
    files: dict[Path, str] = {}
    for domain in _domains(sector).values():
        for aggregate in domain.aggregates.values():
            for (name, version), kind in aggregate.events.items():
                path = SERVICES / sector / "schemas" / f"{aggregate.name}.{name}.v{version}.json"
                schema = {"title": f"{aggregate.name}.{name}.v{version}", **json_schema(kind)}
                files[path] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    return files


def readme(sector: str) -> str:
    """Give a sector's README with its tables made again."""
    path = SERVICES / sector / "README.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_tables(sector)}\n{END}{after}"


def rules_of(sector: str) -> tuple[Rule, ...]:
    """Give a sector's rules: the common ones, and each aggregate's own."""
    folder = SERVICES / sector / "domain"
    found: list[Rule] = list(COMMON_RULES)
    for path in sorted(folder.glob("*/rules.py")):
        found += importlib.import_module(f"services.{sector}.domain.{path.parent.name}.rules").RULES
    return tuple(found)


def main() -> None:
    """Write the documents of all sectors."""
    for sector in sector_names():
        files = schema_files(sector)
        folder = SERVICES / sector / "schemas"
        folder.mkdir(exist_ok=True)
        for stale in set(folder.glob("*.json")) - set(files):
            stale.unlink()
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        (SERVICES / sector / "README.md").write_text(readme(sector), encoding="utf-8")
        sys.stdout.write(f"{sector}: {len(files)} schemas, {len(rules_of(sector))} rules\n")


def _domains(sector: str) -> dict[int, Domain]:
    domains: dict[int, Domain] = importlib.import_module(f"services.{sector}.domain").DOMAINS
    return domains


def _tables(sector: str) -> str:
    newest = _domains(sector)[max(_domains(sector))]
    lines = ["| stream | event | what it says | four eyes |", "|---|---|---|---|"]
    for aggregate in newest.aggregates.values():
        lines += _event_lines(aggregate)
    lines += ["", "| rule | kind | reads (**bold**: closed fields) | says |", "|---|---|---|---|"]
    lines += [f"| `{rule.code}` | {rule.kind} | {rule.reads} | {rule.says} |" for rule in rules_of(sector)]
    return "\n".join(lines) + "\n"


def _event_lines(aggregate: Aggregate) -> list[str]:
    lines = []
    for (name, version), kind in aggregate.events.items():
        said = (getattr(kind, "__origin__", kind).__doc__ or "").strip().split("\n")[0]
        eyes = "yes" if name in aggregate.four_eyes else ""
        lines.append(f"| `{aggregate.name}` | `{name}.v{version}` | {said} | {eyes} |")
    return lines


if __name__ == "__main__":
    main()
