"""JSON Schemas of a sector's events."""

import importlib
import json
from pathlib import Path

from litopys.sourcing.domains import Domain
from litopys.sourcing.schemas import json_schema
from services.documents import SERVICES


def domains(sector: str) -> dict[int, Domain]:
    """Give a sector's rules in every version."""
    found: dict[int, Domain] = importlib.import_module(f"services.{sector}.domain").DOMAINS
    return found


def schema_files(sector: str) -> dict[Path, str]:
    """Make every JSON Schema of a sector's events, by path: of all rule versions, since types are never reused."""
    files: dict[Path, str] = {}
    for domain in domains(sector).values():
        for aggregate in domain.aggregates.values():
            for (name, version), kind in aggregate.events.items():
                path = SERVICES / sector / "schemas" / f"{aggregate.name}.{name}.v{version}.json"
                schema = {"title": f"{aggregate.name}.{name}.v{version}", **json_schema(kind)}
                files[path] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    return files
