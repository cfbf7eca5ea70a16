"""The real exports, where they lie beside the checkout: what becomes of each, and that nothing in them is lost."""

import copy
import functools
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.energy.balance.books import Books
from services.energy.importers import DAY_AHEAD, SOLAR, SOLAR_PLANT, WIND, WIND_PLANT
from services.energy.importers.amounts import watt_hours
from services.energy.importers.kyiv import midnight
from services.energy.issuing.__main__ import issue_months
from services.energy.issuing.months import months_between
from tests.support.driving import Driven
from tests.support.energy import Imports
from tests.support.energy_service import MemoryService

ROOT = Path(__file__).parents[4]
FOLDERS = [folder / "data" / "energy" for folder in (ROOT, *(parent / "shared" for parent in ROOT.parents))]
HOUR = timedelta(hours=1)


def file_of(name: str) -> Path:
    found = next((folder / name for folder in FOLDERS if (folder / name).exists()), None)
    if found is None:
        pytest.skip(f"{name} does not lie beside the checkout")
    return found


@functools.cache
def taken(name: str) -> Imports:
    """A file of hourly output, taken in once for all tests."""
    return Imports().take({"s": SOLAR, "w": WIND}[name[6]], file_of(name).read_bytes())


def kyiv(instant: str) -> tuple[str, int]:
    """The day and the hour's number that an export gives to an instant."""
    moment = datetime.fromisoformat(instant)
    day = max(
        moment.date() + timedelta(days=n) for n in (0, 1) if midnight(moment.date() + timedelta(days=n)) <= moment
    )
    return day.isoformat(), (moment - midnight(day)) // HOUR + 1


@pytest.mark.parametrize(
    ("importer", "name", "flagged", "finer"),
    [(SOLAR, "yield_solar_UA.csv", 17, 14), (WIND, "yield_wind_UA.csv", 18, 15)],
    ids=["solar", "wind"],
)
def test_hourly_output(importer, name, flagged, finer):
    path = file_of(name)
    assert importer.recognises(path)
    assert importer.count_rows(path) == 26_304
    imports = taken(name)
    assert imports.counts == {"read": 26_304, "admitted": 26_301, "flagged": flagged, "refused": 3}
    refused = [reason for _, done, reason in imports.remarks if done == "refused"]
    assert refused == ["no-such-hour: hour 24 of a day of 23 hours is no interval"] * 3
    flags = [reason for _, done, reason in imports.remarks if done == "flagged"]
    assert sum("finer than a Wh" in flag for flag in flags) == finer
    gaps = [flag.split()[-6] for flag in flags if "is a gap" in flag]
    assert gaps == [f"{day}T21:00:00Z" for day in ("2022-10-30", "2023-10-29", "2024-10-27")]
    _all_is_found_again(imports, path)


def _all_is_found_again(imports: Imports, path: Path) -> None:
    """Every field of every row stands in an event; what was refused stands in the report."""
    told = {}
    for stream in imports.streams.values():
        for fact in stream.facts[1:]:
            day, number = kyiv(fact.data.valid_from)
            told[day, str(number)] = (fact.data.readings[0].raw, fact.data.original[0].text)
    refused = {number for number, done, _ in imports.remarks if done == "refused"}
    for number, line in enumerate(path.read_text().splitlines()[1:], 1):
        day, hour, actual, projected = line.split(",")
        assert told.get((day, hour)) == (None if number in refused else (actual, projected))


def test_three_years_are_certified_and_add_up_to_the_wh():
    both = {**taken("yield_solar_UA.csv").streams, **taken("yield_wind_UA.csv").streams}
    service = MemoryService({subject: _copied(stream) for subject, stream in both.items()})
    months = months_between("2022-01", "2024-12")
    assert [issue_months(service, plant, months) for plant in (SOLAR_PLANT, WIND_PLANT)] == [36, 36]
    books = Books()
    for stream in service.streams.values():
        for event in stream.events:
            books.take(event)
    assert list(books.findings()) == []
    totals = books.totals()
    assert (totals.accounts, totals.hours) == (72, 52_602)
    wh = sum(watt_hours(line.split(",")[2]).wh for line in _lines("yield_solar_UA.csv", "yield_wind_UA.csv"))
    assert totals.fed_wh - totals.drawn_wh == totals.counted_wh == wh
    assert wh == totals.certified_mwh * 1_000_000 + totals.remainder_wh
    assert 0 <= totals.remainder_wh < 2_000_000
    assert totals.certified_mwh == totals.redeemed_mwh + totals.expired_mwh + totals.live_mwh
    assert totals.waiting_mwh == totals.withdrawn_mwh == 0


def _copied(stream: Driven) -> Driven:
    own = copy.copy(stream)
    own.events = [*stream.events]
    return own


def _lines(*names: str) -> list[str]:
    return [line for name in names for line in file_of(name).read_text().splitlines()[1:]]


def test_the_day_ahead_market():
    path = file_of("DAM_UA.csv")
    assert DAY_AHEAD.recognises(path)
    assert DAY_AHEAD.count_rows(path) == 26_301
    imports = Imports().take(DAY_AHEAD, path.read_bytes())
    assert imports.counts == {"read": 26_301, "admitted": 26_301, "flagged": 51}
    flags = [reason for _, _, reason in imports.remarks]
    assert sum("the rate" in flag for flag in flags) == 48
    assert sum("is a gap" in flag for flag in flags) == 3
    for (subject, stream), line in zip(imports.streams.items(), path.read_text().splitlines()[1:], strict=True):
        _, label, day, price, volume, rate, euro = line.split(",")
        said = stream.facts[0].data
        assert [one.text for one in said.original] == [price, volume, euro]
        assert said.rate.text == rate
        found, number = kyiv(subject.split(":", 2)[2].removesuffix(":PT60M"))
        assert (found, f"{found}T{number - 1:02}:00:00Z") == (day, label)
