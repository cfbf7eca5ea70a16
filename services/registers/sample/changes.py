"""Divisions and mergers that another register decided, as histories: parcels and numbers belong to nowhere."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from litopys.exports.dirt import ONE_IN
from litopys.service.imports.histories import format_history

_BASIS: Final = {"kind": "migration", "document": "журнал поділів та об'єднань, вигаданий"}


def sample_changes(*, rows: int, seed: int, events_per_row: float = 1.0, dirt: bool = False) -> Iterator[bytes]:
    """Yield `rows` changes, each one event: most of them completed, areas of some not adding up.

    With `dirt` some lines name a parcel twice, divide it into one, or say when something else was.
    """
    del events_per_row  # what another register decided is told at once
    for number in range(rows):
        random = Random(f"{seed}/change/{number}")
        told = _told(random, seed, number)
        if dirt and random.randrange(ONE_IN) == 0:
            told.update(random.choice(_FAULTS)(told))
        key = f"{2000 + number % 20}-{seed % 1000}{number:06}"
        yield format_history(source_key=key, aggregate="parcel_change", key=key, commands=[("record", told)])


def _told(random: Random, seed: int, number: int) -> dict[str, Any]:
    several = random.randrange(2, 5)
    areas = [random.randrange(100, 20_000) for _ in range(several)]
    difference = random.randrange(1, 9) if random.random() < 0.05 else 0
    one = [_parcel(seed, number * 8, sum(areas) + difference)]
    parts = [_parcel(seed, number * 8 + place, area) for place, area in enumerate(areas, 1)]
    kind = random.choice(("division", "merger"))
    parents, children = (one, parts) if kind == "division" else (parts, one)
    return {
        "as_of": "2021-11-03",
        "kind": kind,
        "phase": random.choice(("completed", "completed", "completed", "abandoned")),
        "parents": parents,
        "children": children,
        "valid_from": f"{random.randrange(2000, 2021)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}",
        "basis": _BASIS,
    }


def _parcel(seed: int, number: int, area_m2: int) -> dict[str, Any]:
    number, parcel = divmod(number, 9999)
    place, quarter = divmod(number, 999)
    name = f"99{seed % 10**8:08}:{50 + place % 50:02}:{quarter + 1:03}:{parcel + 1:04}"
    return {"number": name, "area_m2": area_m2}


def _into_one(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"parents": told["parents"][:1], "children": told["children"][:1]}


def _twice(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"children": [*told["children"], told["parents"][0]]}


def _no_day(_told: Mapping[str, Any]) -> dict[str, Any]:
    return {"valid_from": "2019-02-30"}


_FAULTS: Final = (_into_one, _twice, _no_day)
