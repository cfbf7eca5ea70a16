"""Importers: parcels and valuations of the State Land Cadastre, parcels with titles, schools, legal entities."""

from pathlib import Path
from typing import Final

from litopys.exports.geojson import count_rows, first_properties, read_rows
from litopys.service.imports.importer import Importer
from services.registers.importers.cadastre import targets
from services.registers.importers.deciding import decide_parcel, decide_valuation
from services.registers.importers.edr.importers import ENTITIES_JSON, ENTITIES_XML
from services.registers.importers.schools import SCHOOLS
from services.registers.importers.titles import TITLE_FIELDS, decide_title

# The key of a row is its register and the cadastral number: both exports of the cadastre speak of the same parcels.
_PARCELS: Final = "State Land Cadastre: parcels"
_VALUATIONS: Final = "State Land Cadastre: normative valuations"
_TITLES: Final = "State Land Cadastre with titles (synthetic)"


def _is_valuations(path: Path) -> bool:
    return "valuation_value" in first_properties(path)


def _is_titles(path: Path) -> bool:
    return bool(TITLE_FIELDS & set(first_properties(path)))


def _is_parcels(path: Path) -> bool:
    names = set(first_properties(path))
    return "cadnum" in names and "valuation_value" not in names and not TITLE_FIELDS & names


PARCELS: Final = Importer(
    name="parcels",
    register=_PARCELS,
    title="Parcels of the State Land Cadastre, GeoJSON",
    mapping_version=1,
    recognises=_is_parcels,
    holds_personal_fields=False,
    count_rows=count_rows,
    rows=read_rows,
    targets=targets,
    decide=decide_parcel,
)

VALUATIONS: Final = Importer(
    name="valuations",
    register=_VALUATIONS,
    title="Normative valuations of parcels, GeoJSON",
    mapping_version=1,
    recognises=_is_valuations,
    holds_personal_fields=False,
    count_rows=count_rows,
    rows=read_rows,
    targets=targets,
    decide=decide_valuation,
)

TITLES: Final = Importer(
    name="titles",
    register=_TITLES,
    title="Parcels with titles and life cycles, GeoJSON",
    mapping_version=1,
    recognises=_is_titles,
    holds_personal_fields=True,
    count_rows=count_rows,
    rows=read_rows,
    targets=targets,
    decide=decide_title,
)

IMPORTERS: Final = (PARCELS, VALUATIONS, TITLES, SCHOOLS, ENTITIES_JSON, ENTITIES_XML)
