"""The sectors of this build, found by folder: a package under `services/` that has a `domain` is one (docs/adr/0005).

The library reaches this module by the entry point `catalogue` of the group `litopys`, never by an import.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from litopys.errors import Unavailable

if TYPE_CHECKING:
    from litopys.service.sector import Sector
    from litopys.sourcing import Domain

_FOLDER = Path(__file__).parent


def sector_names() -> tuple[str, ...]:
    """List the sectors of this build, in the order of their names."""
    return tuple(sorted(path.parent.parent.name for path in _FOLDER.glob("*/domain/__init__.py")))


def load_domain(sector: str, rules: int) -> Domain:
    """Load a sector's rules in one version; raises Unavailable where this build lacks them: it has to wait."""
    if sector not in sector_names():
        raise Unavailable(f"this build has no sector {sector}")
    domains: dict[int, Domain] = importlib.import_module(f"services.{sector}.domain").DOMAINS
    if rules not in domains:
        raise Unavailable(f"this build lacks rules {rules} of {sector}")
    return domains[rules]


def load_sector(sector: str) -> Sector:
    """Load a sector's whole description: commands, importers, sample; raises Unavailable where this build lacks it."""
    if sector not in sector_names():
        raise Unavailable(f"this build has no sector {sector}")
    described: Sector = importlib.import_module(f"services.{sector}.sector").SECTOR
    return described
