"""Real exports, where this machine has them: tests with them are skipped aloud elsewhere."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def real_file(*parts: str) -> Path:
    """Find a real export by sector and name: under LITOPYS_REAL_DATA, `data/`, or beside the checkout; else skip."""
    stated = os.environ.get("LITOPYS_REAL_DATA")
    folders = [Path(stated)] if stated else [ROOT / "data", ROOT.parent / "shared" / "data"]
    for folder in folders:
        if (path := folder.joinpath(*parts)).exists():
            return path
    pytest.skip(f"the real export {'/'.join(parts)} is not on this machine")
