"""Hourly output of plants that do not exist, as a CSV of any size: a year for each plant, then the next plant."""

import math
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from services.energy.importers.kyiv import hours_of
from services.energy.importers.output import COLUMNS, PLANT_COLUMNS
from services.energy.sample.codes import made_up_eic

_FIRST_DAY: Final = date(2021, 1, 1)
_DAYS: Final = 365
_ROWS_PER_PIECE: Final = 1_000
ONE_IN: Final = 20  # with dirt, one row in so many is spoilt


def sample(*, rows: int, seed: int, events_per_row: float = 1.0, dirt: bool = False) -> Iterator[bytes]:
    """Yield `rows` hours; each is one event, and the first of a month opens its account as well.

    With `dirt` days have 24 hours whatever the clocks do, and some rows say nothing or too much, as real ones do.
    """
    del events_per_row  # an hour is read once
    yield (",".join((*PLANT_COLUMNS, *COLUMNS)) + "\n").encode()
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
        plant = made_up_eic("W", seed=seed, number=number)
        technology = random.choice(("solar", "wind"))
        holder = made_up_eic("X", seed=seed, number=number % 7)
        for past in range(_DAYS):
            day = _FIRST_DAY + timedelta(days=past)
            for hour in range(1, (24 if dirt else hours_of(day)) + 1):
                actual = _mwh(technology, hour, random)
                if dirt and random.randrange(ONE_IN) == 0:
                    actual = random.choice(("null", "1e3", "", f"{actual}0000000000009"))
                projected = _mwh(technology, hour, random)
                yield f"{plant},{technology},{holder},{day.isoformat()},{hour},{actual},{projected}\n"
        number += 1


def _mwh(technology: str, hour: int, random: Random) -> str:
    """Make up an hour's output in MWh: by day for the sun, at any time for the wind; a little is drawn otherwise."""
    height = math.sin((hour - 6) / 12 * math.pi) if technology == "solar" else random.random() - 0.05
    kwh = random.randrange(3_000, 40_000) * height if height > 0 else -random.randrange(500)
    return f"{kwh / 1000:.3f}"
