"""What the demonstration moves onto the ledger: a sample of each kind, and the real exports where they lie at hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from deploy.local.members import ROOT


class SampleShape(NamedTuple):
    """A sample of a sector: its name there, the file that it is written to, its part of all rows, events a row."""

    sector: str
    name: str
    file: str
    part: float
    events_per_row: float


class RealExport(NamedTuple):
    """A real export of a sector's register."""

    sector: str
    path: Path


# Most parcels come with their title alone, some with a life that follows.
SAMPLES: Final = (
    SampleShape("registers", "titles", "titles.geojson", 0.5, 1.25),
    SampleShape("registers", "schools", "schools.csv", 0.1, 2.0),
    SampleShape("registers", "entities", "entities.xml", 0.05, 4.0),
    SampleShape("energy", "output", "output.csv", 0.2, 1.0),
    SampleShape("energy", "market", "market.csv", 0.1, 1.0),
)

_REAL: Final = (
    ("registers", "land_parcels_*.geojson"),
    ("registers", "legal_entities_schools_*.csv"),
    ("registers", "edr_uo_*.json"),
    ("energy", "yield_*_UA.csv"),
    ("energy", "DAM_UA.csv"),
)
_FOLDERS: Final = (ROOT / "data", ROOT.parent / "shared" / "data")


def real_exports() -> Iterator[RealExport]:
    """Yield the real exports that lie in `data/` or beside the checkout, by sector."""
    for sector, pattern in _REAL:
        for folder in _FOLDERS:
            yield from (RealExport(sector, path) for path in sorted((folder / sector).glob(pattern)))
