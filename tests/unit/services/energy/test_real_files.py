"""The real exports, where they lie beside the checkout: what becomes of each, and that nothing in them is lost."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.energy.importers import DAY_AHEAD, SOLAR, WIND
from services.energy.importers.kyiv import midnight
from tests.support.energy import Imports

ROOT = Path(__file__).parents[4]
FOLDERS = [folder / "data" / "energy" for folder in (ROOT, *(parent / "shared" for parent in ROOT.parents))]
HOUR = timedelta(hours=1)


def file_of(name: str) -> Path:
    found = next((folder / name for folder in FOLDERS if (folder / name).exists()), None)
    if found is None:
        pytest.skip(f"{name} does not lie beside the checkout")
    return found


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
    imports = Imports().take(importer, path.read_bytes())
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
