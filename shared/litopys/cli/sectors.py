"""Reaching the sectors of this build through the one entry point `catalogue`: the library imports no service."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from litopys.cli.console import WrongUse
from litopys.cli.shell import shell_needed
from litopys.errors import Unavailable

if TYPE_CHECKING:
    from litopys.service.sector import Sector

GROUP = "litopys"
NAME = "catalogue"


def load_catalogue() -> Any:  # noqa: ANN401 -- a module, known by its functions alone
    """Return the catalogue of sectors; raises WrongUse where none is installed."""
    found = [point for point in entry_points(group=GROUP) if point.name == NAME]
    if not found:
        raise WrongUse("no catalogue of sectors is installed")
    return found[0].load()


def load_sector(name: str, *, command: str) -> Sector:
    """Load a sector's description; raises WrongUse for one that this build lacks."""
    with shell_needed(command):
        catalogue = load_catalogue()
        try:
            sector: Sector = catalogue.load_sector(name)
        except Unavailable as error:
            raise WrongUse(f"{error}; it has {', '.join(catalogue.sector_names())}") from error
    return sector
