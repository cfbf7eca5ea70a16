"""Where the test vectors lie, and how they are read."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent.parent / "vectors"


def read_bytes(name: str) -> bytes:
    """Return a vector file as it is, by its path below `tests/vectors`."""
    return (VECTORS / name).read_bytes()


def read_json(name: str) -> Any:
    """Return a parsed JSON vector file."""
    return json.loads(read_bytes(name))
