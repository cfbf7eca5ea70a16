"""A sector's OpenAPI document, as its process serves it."""

import json
from pathlib import Path

from litopys.service.http.openapi import openapi_document
from services.catalogue import load_sector
from services.documents import SERVICES


def openapi_file(sector: str) -> tuple[Path, str]:
    """Make the document: where it is kept, and its text. It follows the pinned versions of FastAPI and pydantic."""
    return SERVICES / sector / "openapi.json", f"{_lines(openapi_document(load_sector(sector)), 2)}\n"


def _lines(value: object, deep: int) -> str:
    """Write a document with a line for each path and each schema: what changed is seen, and it stays small."""
    if deep == 0 or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    members = [
        f"{json.dumps(name)}:{_lines(item, deep if name == 'components' else deep - 1)}" for name, item in value.items()
    ]
    return "{\n" + ",\n".join(members) + "\n}"
