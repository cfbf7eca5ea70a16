"""The real exports of the cadastre go through whole: every member of every feature is found again in its events."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from litopys.exports.geojson import Feature, read_rows
from litopys.exports.json_text import write_json
from services.registers.importers import PARCELS, VALUATIONS
from services.registers.sector import SECTOR
from tests.support.memory_imports import Disclosed, MemoryImports
from tests.support.real_files import real_file

HELD = ("address", "category", "purpose_code", "purpose", "use")


def said_by(stream: Disclosed) -> dict[str, Any]:
    """Put a feature together again from the events of its parcel."""
    found: dict[str, Any] = {"cadnum": json.dumps(stream.subject.partition(":")[2])}
    for fact in stream.facts:
        data: Any = fact.data
        found |= {original.name: original.text for original in data.original}
        if fact.name == "recorded":
            details = {name: getattr(data.state.details, name) for name in HELD}
            found |= {name: write_json(text) for name, text in details.items() if text is not None}
            found["geometry"] = (data.boundary.kind, data.boundary.coordinates, data.boundary.crs)
    return found


def stated_in(feature: Feature) -> dict[str, Any]:
    """What a feature says, each member as the text that stood there."""
    geometry = feature.geometry
    assert geometry is not None
    assert (set(geometry), feature.others) == ({"type", "coordinates"}, {})
    boundary = (geometry["type"], write_json(geometry["coordinates"]), feature.crs)
    return {name: write_json(value) for name, value in feature.properties.items()} | {"geometry": boundary}


def features(path) -> Iterator[Feature]:
    with path.open("rb") as file:
        yield from (row.value for row in read_rows(file, number=1, offset=0))


@pytest.mark.parametrize(
    ("importer", "name", "rows"),
    [
        (PARCELS, "land_parcels_vakulivka.geojson", 1288),
        (VALUATIONS, "land_parcels_valuation_dobrobut.geojson", 123),
    ],
    ids=["parcels", "valuations"],
)
def test_an_export_goes_through_and_every_member_is_found_again(importer, name, rows):
    path = real_file("registers", name)
    memory = MemoryImports(SECTOR)
    assert importer.count_rows(path) == rows
    assert memory.run(importer, path).sums == (rows, 0, 0, 0)
    stated = {feature.properties["cadnum"]: stated_in(feature) for feature in features(path)}
    assert {stream.subject.partition(":")[2]: said_by(stream) for stream in memory.of("land_parcel")} == stated
    assert memory.run(importer, path).sums == (0, rows, 0, 0)
