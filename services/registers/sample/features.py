"""A GeoJSON export of any size, piece by piece: the same rows and seed give the same bytes."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from services.registers.sample.dirt import spoil
from services.registers.sample.lives import Life

# No region has the code 99: these cadastral numbers belong to nowhere.
_REGION: Final = 99
_HEAD: Final = b'{"crs":{"properties":{"name":"EPSG:4326"},"type":"name"},"type":"FeatureCollection","features":[\n'
_ROWS_PER_PIECE: Final = 200
_PURPOSES: Final = (
    ("01.01", "Для ведення товарного сільськогосподарського виробництва"),
    ("01.03", "Для ведення особистого селянського господарства"),
    ("02.01", "Для будівництва і обслуговування житлового будинку (присадибна ділянка)"),
)
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def sample(*, rows: int, seed: int, events_per_row: float = 4.0, dirt: bool = False) -> Iterator[bytes]:
    """Yield an export of `rows` parcels in pieces; a row comes to `events_per_row` events on average (≥ 1).

    With `dirt` one row in twenty has a fault that real exports have.
    """
    return _collection(rows, seed=seed, dirt=dirt, make=lambda number: _feature(number, seed, events_per_row))


def sample_parcels(*, rows: int, seed: int, events_per_row: float, dirt: bool) -> Iterator[bytes]:
    """Yield parcels as the cadastre exports them, without titles: a row is one event, whatever is asked for."""
    del events_per_row
    return _collection(rows, seed=seed, dirt=dirt, make=lambda number: _without_title(number, seed))


def sample_valuations(*, rows: int, seed: int, events_per_row: float, dirt: bool) -> Iterator[bytes]:
    """Yield valuations of the same parcels: a row is the parcel, if it is not known, and its valuation."""
    del events_per_row
    return _collection(rows, seed=seed, dirt=dirt, make=lambda number: _valued(number, seed))


def _collection(rows: int, *, seed: int, dirt: bool, make: Callable[[int], dict[str, Any]]) -> Iterator[bytes]:
    yield _HEAD
    for first in range(0, rows, _ROWS_PER_PIECE):
        last = min(first + _ROWS_PER_PIECE, rows)
        features = [make(number) for number in range(first, last)]
        if dirt:
            features = [spoil(one, Random(f"{seed}/dirt/{number}")) for number, one in enumerate(features, first)]
        yield (",\n".join(map(_encode, features)) + (",\n" if last < rows else "\n")).encode()
    yield b"]}\n"


def cadastral_number(number: int, seed: int) -> str:
    """Give a parcel's number: the seed makes the settlement, so that samples of two seeds do not meet."""
    number, parcel = divmod(number, 9999)
    number, quarter = divmod(number, 999)
    return f"{_REGION}{seed % 10**8:08}:{number % 100:02}:{quarter + 1:03}:{parcel + 1:04}"


def _feature(number: int, seed: int, events_per_row: float) -> dict[str, Any]:
    random = Random(f"{seed}/{number}")
    life = Life(random)
    life.live(int(random.random() * 2 * (events_per_row - 1) + random.random()))
    code, use = random.choice(_PURPOSES)
    properties = {
        "address": "" if random.random() < 0.9 else f"с. Вигадане, вул. Уявна, {random.randrange(1, 200)}",
        "area": f"{random.randrange(1, 10)}.{random.randrange(10_000):04}",
        "cadnum": cadastral_number(number, seed),
        "category": "Землі сільськогосподарського призначення",
        "id": number + 1,
        "ownership": "Приватна власність",
        "ownershipcode": 100,
        "purpose": f"{code} {use}",
        "purpose_code": code,
        "unit_area": "га",
        "use": use,
        "title": life.title,
        "history": life.acts,
    }
    return {"geometry": _square(number), "properties": properties, "type": "Feature"}


def _without_title(number: int, seed: int) -> dict[str, Any]:
    feature = _feature(number, seed, 1.0)
    del feature["properties"]["title"], feature["properties"]["history"]
    return feature


def _valued(number: int, seed: int) -> dict[str, Any]:
    feature, random = _without_title(number, seed), Random(f"{seed}/value/{number}")
    # As in the real export: amounts are texts, and times are local without a zone.
    feature["properties"] |= {
        "valuation_date": f"2021-{random.randint(1, 12):02}-{random.randint(1, 28):02}T14:03:48.000",
        "valuation_value": f"{random.randrange(1_000, 900_000)}.{random.randrange(100):02}",
    }
    return feature


def _square(number: int) -> dict[str, Any]:
    x, y = 30 + number % 1000 / 1000, 48 + number // 1000 % 1000 / 1000
    ring = [[x, y], [x + 0.001, y], [x + 0.001, y + 0.001], [x, y + 0.001], [x, y]]
    return {"coordinates": [[[round(a, 6), round(b, 6)] for a, b in ring]], "type": "Polygon"}
