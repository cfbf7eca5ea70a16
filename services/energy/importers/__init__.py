"""Importers: hourly output of solar and wind plants, of plants that the file names, and the day-ahead market."""

from pathlib import Path
from typing import Final

from litopys.service.imports.importer import Importer
from services.energy.importers import day_ahead
from services.energy.importers.output import COLUMNS, FILE, PLANT_COLUMNS, Series, read_rows

# The exports name no plant and no company. No office gives codes that begin with 99: these are nobody's.
BUYER: Final = "99XGUAR-BUYER--D"
SOLAR_PLANT: Final = "99WUA-GB-SOLAR-V"
WIND_PLANT: Final = "99WUA-GB-WIND--R"


def _has_columns(path: Path, *columns: str) -> bool:
    return tuple(FILE.first(path)) == columns


def _is_solar(path: Path) -> bool:
    return _has_columns(path, *COLUMNS) and "solar" in path.name.lower()


def _is_wind(path: Path) -> bool:
    return _has_columns(path, *COLUMNS) and "wind" in path.name.lower()


def _is_plants(path: Path) -> bool:
    return _has_columns(path, *PLANT_COLUMNS, *COLUMNS)


def _is_day_ahead(path: Path) -> bool:
    return _has_columns(path, *day_ahead.COLUMNS)


_SOLAR: Final = Series(SOLAR_PLANT, "solar", BUYER)
_WIND: Final = Series(WIND_PLANT, "wind", BUYER)
_PLANTS: Final = Series("", "", "")  # each row names its own

SOLAR: Final = Importer(
    name="solar-output",
    register="Guaranteed Buyer: hourly output, solar",
    title="Hourly output of solar plants, CSV",
    mapping_version=1,
    recognises=_is_solar,
    holds_personal_fields=False,
    count_rows=FILE.count,
    rows=read_rows,
    targets=_SOLAR.targets,
    decide=_SOLAR.decide,
)

WIND: Final = Importer(
    name="wind-output",
    register="Guaranteed Buyer: hourly output, wind",
    title="Hourly output of wind plants, CSV",
    mapping_version=1,
    recognises=_is_wind,
    holds_personal_fields=False,
    count_rows=FILE.count,
    rows=read_rows,
    targets=_WIND.targets,
    decide=_WIND.decide,
)

PLANTS: Final = Importer(
    name="plant-output",
    register="Hourly output by plant (synthetic)",
    title="Hourly output of plants that the file names, CSV",
    mapping_version=1,
    recognises=_is_plants,
    holds_personal_fields=False,
    count_rows=FILE.count,
    rows=read_rows,
    targets=_PLANTS.targets,
    decide=_PLANTS.decide,
)

DAY_AHEAD: Final = Importer(
    name="day-ahead",
    register="Market Operator: day-ahead market",
    title="Prices of the day-ahead market, CSV",
    mapping_version=1,
    recognises=_is_day_ahead,
    holds_personal_fields=False,
    count_rows=FILE.count,
    rows=day_ahead.read_rows,
    targets=day_ahead.targets,
    decide=day_ahead.decide,
)

IMPORTERS: Final = (SOLAR, WIND, PLANTS, DAY_AHEAD)
