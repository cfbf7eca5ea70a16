"""JSON Schema (draft 2020-12) of a shape: for documentation and outsiders. No verdict ever consults it."""

from typing import Any

from litopys.sourcing.shapes import shape_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(hint: Any) -> dict[str, object]:  # noqa: ANN401 - a type hint is any object
    """Describe the JSON form of a type; classes stand under `$defs` by name. Order of members cannot be said there."""
    definitions: dict[str, object] = {}
    top = shape_of(hint).schema(definitions)
    return {"$schema": DIALECT, **top, "$defs": dict(sorted(definitions.items()))}
