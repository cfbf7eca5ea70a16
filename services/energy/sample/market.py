"""Prices of bidding zones that do not exist, as a CSV of any size: a year for each zone, then the next zone."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from services.energy.importers.day_ahead import COLUMNS
from services.energy.importers.kyiv import hours_of
from services.energy.sample.codes import made_up_eic

_FIRST_DAY: Final = date(2021, 1, 1)
_DAYS: Final = 365
_ROWS_PER_PIECE: Final = 1_000
ONE_IN: Final = 20  # with dirt, one row in so many is spoilt


def sample(*, rows: int, seed: int, events_per_row: float = 1.0, dirt: bool = False) -> Iterator[bytes]:
    """Yield `rows` hours, one event each. With `dirt` rates come out of a machine, labels leave their day."""
    del events_per_row  # an hour is cleared once
    yield (",".join(COLUMNS) + "\n").encode()
    piece: list[str] = []
    for number, row in enumerate(_hours(seed, dirt=dirt)):
        if number == rows:
            break
        piece.append(row)
        if len(piece) == _ROWS_PER_PIECE:
            yield "".join(piece).encode()
            piece = []
    yield "".join(piece).encode()


def _hours(seed: int, *, dirt: bool) -> Iterator[str]:
    number = 0
    while True:
        random = Random(f"{seed}/{number}")
        zone = made_up_eic("Y", seed=seed, number=number)
        for past in range(_DAYS):
            day = _FIRST_DAY + timedelta(days=past)
            rate = f"{random.randrange(280_000, 450_000) / 10_000:.4f}"
            for hour in range(hours_of(day)):
                yield _row(zone, day, hour, rate=rate, random=random, dirt=dirt)
        number += 1


def _row(zone: str, day: date, hour: int, *, rate: str, random: Random, dirt: bool) -> str:
    kopiykas = random.randrange(-20_000, 600_000)
    price, volume = f"{kopiykas / 100:.2f}", f"{random.randrange(10_000, 60_000) / 10:.1f}"
    euro = repr(kopiykas / 100 / float(rate))
    label = f"{day.isoformat()}T{hour:02}:00:00Z"
    if dirt and random.randrange(ONE_IN) == 0:
        fault = random.randrange(4)
        rate = f"{rate}00000000004" if fault == 0 else rate
        price = "-" if fault == 1 else price
        label = f"{(day + timedelta(days=1)).isoformat()}T00:00:00Z" if fault == 2 else label
        volume = f"-{volume}" if fault == 3 else volume
    return f"{zone},{label},{day.isoformat()},{price},{volume},{rate},{euro}\n"
