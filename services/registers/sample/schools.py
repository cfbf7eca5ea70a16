"""A register of schools as CSV, piece by piece: the same rows and seed give the same bytes."""

import csv
import io
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from services.registers.sample.bodies import body_code, spoilt_code

_COLUMNS: Final = (
    "university_name",
    "edrpou",
    "university_type_name",
    "education_type_name",
    "university_level",
    "location_type",
    "university_financing_type_name",
    "post_index",
    "koatuu_id",
    "language",
    "koatuu_name",
    "university_address",
    "post_index_u",
    "koatuu_id_u",
    "region_name_u",
    "koatuu_name_u",
    "university_address_u",
    "university_site",
)
_ROWS_PER_PIECE: Final = 500
_ONE_IN: Final = 20
_KINDS: Final = ("Ліцей", "Гімназія", "Початкова школа", "Загальноосвітня школа")
_PLACES: Final = (("МІСТО", "Вигадане"), ("СЕЛО", "Уявне"), ("СЕЛО", "Нетутешнє"), ("МІСТО", "Взірцеве"))
_BYTE_ORDER_MARK: Final = "\ufeff"

Row = dict[str, str]


def sample_schools(*, rows: int, seed: int, events_per_row: float, dirt: bool) -> Iterator[bytes]:
    """Yield a register of `rows` schools in pieces.

    A school with an entity of its own comes to two events: with fewer a row, several schools share an entity.
    """
    yield (_BYTE_ORDER_MARK + _lines([dict(zip(_COLUMNS, _COLUMNS, strict=True))])).encode()
    share = 1 if events_per_row >= 2 else min(rows, round(1 / max(events_per_row - 1, 1e-9)))
    for first in range(0, rows, _ROWS_PER_PIECE):
        numbers = range(first, min(first + _ROWS_PER_PIECE, rows))
        yield _lines([_school(number, seed, number // max(share, 1), dirt=dirt) for number in numbers]).encode()


def _school(number: int, seed: int, body: int, *, dirt: bool) -> Row:
    random = Random(f"{seed}/{number}")
    kind = random.choice(_KINDS)
    location, place = random.choice(_PLACES)
    postcode, koatuu = f"99{random.randrange(1000):03}", f"99{random.randrange(10**8):08}"
    address = f"вул. Уявна, {random.randrange(1, 200)}"
    row = {
        "university_name": f'{kind} "{place} № {number + 1}"',
        "edrpou": body_code(body, seed),
        "university_type_name": "заклад середньої освіти",
        "education_type_name": kind.lower(),
        "university_level": random.choice(("I", "I-II", "I-III")),
        "location_type": location,
        "university_financing_type_name": random.choice(("комунальна", "державна", "приватна")),
        "post_index": postcode,
        "koatuu_id": koatuu,
        "language": "! not applicable",
        "koatuu_name": place,
        "university_address": address,
        "region_name_u": "Вигадана область",
        "university_site": "" if random.random() < 0.5 else f"http://school{number}.example.ua",
    }
    if dirt and random.randrange(_ONE_IN) == 0:
        random.choice(_FAULTS)(row, random)
    repeated = {f"{name}_u": row[name] for name in ("post_index", "koatuu_id", "koatuu_name", "university_address")}
    return {**repeated, **row}


def _lines(rows: list[Row]) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerows([[row[name] for name in _COLUMNS] for row in rows])
    return file.getvalue()


def _fail_code(row: Row, random: Random) -> None:
    row["edrpou"] = spoilt_code(row["edrpou"], random)


def _no_name(row: Row, _random: Random) -> None:
    row["university_name"] = ""


def _short_postcode(row: Row, _random: Random) -> None:
    row["post_index"] = row["post_index"][1:]


def _no_place(row: Row, _random: Random) -> None:
    row.update({"koatuu_name": "null", "post_index": ""})


def _other_copy(row: Row, _random: Random) -> None:
    row["university_address_u"] = ","


_FAULTS: Final[tuple[Callable[[Row, Random], None], ...]] = (
    _fail_code,
    _fail_code,
    _no_name,
    _short_postcode,
    _no_place,
    _other_copy,
)
