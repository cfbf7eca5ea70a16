"""From a feature of the State Land Cadastre to what a parcel's events hold; whatever they do not stays as original."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from litopys.errors import RuleViolated
from litopys.exports.geojson import Feature
from litopys.exports.json_text import NumberText, is_plain_text, write_json
from litopys.exports.rows import Row
from litopys.service.imports.importer import Target
from litopys.sourcing.common import Original
from litopys.sourcing.constraints import MaxBytes
from services.registers.domain.land_parcel.events import Boundary
from services.registers.domain.land_parcel.state import CADASTRAL_NUMBER, Details
from services.registers.importers.areas import square_metres

SOURCE: Final = "Державний земельний кадастр"

_CADASTRAL_NUMBER: Final = re.compile(CADASTRAL_NUMBER)
_PURPOSE_CODE: Final = re.compile(r"[0-9]{2}\.[0-9]{2}")
_OWNERSHIP: Final[dict[str, Literal["private", "communal", "state"] | None]] = {
    "100": "private",
    "200": "communal",
    "300": "state",
    "0": None,
}
# Fields that a parcel's state holds verbatim, with the most bytes that it takes.
_VERBATIM: Final = {
    name: MaxBytes(most) for name, most in {"address": 700, "category": 250, "purpose": 700, "use": 700}.items()
}
_CODE_SIZE: Final = MaxBytes(5)
# No word of JSON and no text can be written with these alone.
_NUMBERS_IN_LISTS: Final = re.compile(r"[][,0-9eE.+-]*")


@dataclass(frozen=True, slots=True)
class CadastreRow:
    """What one feature says, in the domain's terms; `original` holds every field that these do not hold verbatim."""

    cadastral_number: str
    area_m2: int
    details: Details
    boundary: Boundary | None
    original: tuple[Original, ...]


def targets(row: Row) -> tuple[Target]:
    """Tell which parcel a row is about; raises RuleViolated where it does not name one."""
    number = _cadastral_number(_feature(row))
    return (Target(number, "land_parcel", number),)


def read_cadastre_row(row: Row, *, elsewhere: frozenset[str] = frozenset()) -> CadastreRow:
    """Read a feature; raises RuleViolated. Properties named in `elsewhere` are read by the caller."""
    feature = _feature(row)
    given = feature.properties
    texts = {name: _verbatim(given.get(name), most) for name, most in _VERBATIM.items()}
    code = _verbatim(given.get("purpose_code"), _CODE_SIZE)
    purpose_code = code if code and _PURPOSE_CODE.fullmatch(code) else None
    details = Details(
        address=texts["address"],
        category=texts["category"],
        purpose_code=purpose_code,
        purpose=texts["purpose"],
        use=texts["use"],
        ownership=_ownership(given.get("ownershipcode")),
    )
    held = {name for name, text in texts.items() if text is not None} | {"cadnum"} | elsewhere
    held |= {"purpose_code"} if purpose_code else set()
    boundary, beside = read_boundary(feature)
    original = [Original(name, write_json(value)) for name, value in given.items() if name not in held]
    original += [Original(f"geometry/{name}", write_json(value)) for name, value in beside.items()]
    original += [Original(f"feature/{name}", write_json(value)) for name, value in feature.others.items()]
    return CadastreRow(_cadastral_number(feature), area_of(given), details, boundary, tuple(original))


def read_boundary(feature: Feature) -> tuple[Boundary | None, dict[str, Any]]:
    """Read a geometry; gives what it has beside type and coordinates too. Raises RuleViolated for another kind."""
    geometry = feature.geometry
    if geometry is None:
        return None, {}
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(geometry.get("coordinates"), list):
        raise RuleViolated("geometry-kind", "a boundary is a Polygon or a MultiPolygon")
    coordinates = write_json(geometry["coordinates"])
    if not _NUMBERS_IN_LISTS.fullmatch(coordinates):
        raise RuleViolated("geometry-kind", "coordinates are numbers in lists")
    beside = {name: value for name, value in geometry.items() if name not in ("type", "coordinates")}
    return Boundary(feature.crs, kind, coordinates), beside


def area_of(properties: dict[str, Any]) -> int:
    """Read the area in whole square metres; raises RuleViolated. A number and its text say the same."""
    area, unit = properties.get("area"), properties.get("unit_area")
    if not isinstance(area, str) or not isinstance(unit, str):
        raise RuleViolated("area-form", "the row has no area with its unit")
    return square_metres(area, unit)


def _feature(row: Row) -> Feature:
    feature: Feature = row.value
    return feature


def _cadastral_number(feature: Feature) -> str:
    number = feature.properties.get("cadnum")
    if not isinstance(number, str) or not _CADASTRAL_NUMBER.fullmatch(number):
        raise RuleViolated("cadastral-number", "the row has no well-formed cadastral number")
    return number


def _verbatim(value: object, size: MaxBytes) -> str | None:
    """Give a text that a state can hold as it is; None for whatever stays as original only."""
    if not isinstance(value, str) or isinstance(value, NumberText) or not value or not is_plain_text(value):
        return None
    return value if size.refusal(value) is None else None


def _ownership(code: object) -> Literal["private", "communal", "state"] | None:
    if code is None:
        return None
    if not isinstance(code, str) or code not in _OWNERSHIP:
        raise RuleViolated("ownership-code", "the code of ownership is none of 100, 200, 300, 0")
    return _OWNERSHIP[code]
