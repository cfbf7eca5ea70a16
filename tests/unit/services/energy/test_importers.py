from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import RuleViolated
from services.energy.importers import DAY_AHEAD, IMPORTERS, PLANTS, SOLAR, WIND
from services.energy.importers.amounts import minor_price, watt_hours
from services.energy.importers.kyiv import FIRST_YEAR, LAST_YEAR, hour_begin, hours_of, midnight, month_of, read_day
from tests.support.energy import Imports

OUTPUT = "date,hour,actual,projected\n"
MARKET = "country,hour,date,price_uah,volume,rate,price_eur_mwh\n"
SPRING, AUTUMN = date(2022, 3, 27), date(2022, 10, 30)


def day_of(day: str, hours: int = 24, actual: str = "1.5") -> str:
    return "".join(f"{day},{hour},{actual},2\n" for hour in range(1, hours + 1))


def price(day: str, hour: int, **changes: str) -> str:
    given = {"price_uah": "1700", "volume": "5910.6", "rate": "30.9226", "eur": "54.975972266238934", **changes}
    label = f"{day}T{hour:02}:00:00Z"
    return f"UA,{label},{day},{given['price_uah']},{given['volume']},{given['rate']},{given['eur']}\n"


def take(importer, *files: str) -> Imports:
    imports = Imports()
    for file in files:
        imports.take(importer, file.encode())
    return imports


def counts(imports: Imports) -> tuple[int, ...]:
    return tuple(imports.counts[name] for name in ("admitted", "merged", "flagged", "refused"))


def test_days_have_23_24_or_25_hours():
    assert [hours_of(day) for day in (SPRING, AUTUMN, date(2022, 7, 1))] == [23, 25, 24]
    assert midnight(SPRING).isoformat() == "2022-03-26T22:00:00+00:00"
    assert hour_begin(SPRING, 4).isoformat() == "2022-03-27T01:00:00+00:00"
    assert hour_begin(AUTUMN, 25).isoformat() == "2022-10-30T21:00:00+00:00"
    with pytest.raises(RuleViolated, match="no-such-hour"):
        hour_begin(SPRING, 24)
    assert month_of(SPRING)[1] - month_of(SPRING)[0] == (midnight(date(2022, 4, 1)) - midnight(date(2022, 3, 1)))


@given(st.dates(date(FIRST_YEAR, 1, 1), date(2037, 12, 31)))
def test_midnights_are_those_of_the_time_zone_table(day):
    try:
        kyiv = ZoneInfo("Europe/Kyiv")
    except ZoneInfoNotFoundError:
        pytest.skip("this machine has no table of time zones")
    assert midnight(day) == datetime(day.year, day.month, day.day, tzinfo=kyiv)


@pytest.mark.parametrize("text", ["2022-02-30", "2022-2-3", "1996-12-31", f"{LAST_YEAR + 1}-01-01", "", "²022-01-01"])
def test_other_days_are_refused(text):
    with pytest.raises(RuleViolated, match="day-form"):
        read_day(text)


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**20 - 1), st.integers(0, 20))
def test_watt_hours_are_the_nearest_and_say_whether_they_are_exact(whole, fraction, places):
    text = f"{whole}" if not places else f"{whole}.{fraction % 10**places:0{places}}"
    if len(text.lstrip("-").partition(".")[0]) > 9:
        return
    exact = Fraction(text) * 10**6
    wh, is_exact = watt_hours(text)
    assert (wh, is_exact) == (round(exact), exact.denominator == 1)


@pytest.mark.parametrize("text", ["", "1e3", "1,5", "+1", ".5", "1.", "--1", "nan", "١"])
def test_no_other_amounts(text):
    with pytest.raises(RuleViolated, match="energy-form"):
        watt_hours(text)


def test_prices_of_either_sign():
    assert (minor_price("-12.3"), minor_price("1049.96"), minor_price("0")) == (-1230, 104996, 0)
    with pytest.raises(RuleViolated, match="price-form"):
        minor_price("1.005")


def test_an_hour_is_an_event_and_the_first_opens_its_month():
    imports = take(SOLAR, OUTPUT + "2022-01-31,24,-0.5,1\n2022-02-01,1,1458.688,460.411\n")
    january, february = imports.streams.values()
    assert january.subject == "generation_account:99WUA-GB-SOLAR-V:2022-01"
    assert [fact.name for fact in february.facts] == ["opened", "output_metered"]
    said = february.facts[1].data
    assert said.valid_from == "2022-01-31T22:00:00Z"
    assert (said.readings[0].wh, said.readings[0].raw) == (1_458_688_000, "1458.688")
    assert [(one.name, one.text) for one in said.original] == [("projected", "460.411")]
    assert (january.state.drawn_wh, january.state.carried_in_wh) == (500_000, None)
    assert (said.imported.record, said.imported.offset) == (2, len(OUTPUT) + len("2022-01-31,24,-0.5,1\n"))


def test_hour_24_of_a_day_of_23_is_no_interval():
    imports = take(SOLAR, OUTPUT + day_of("2022-03-27") + "2022-03-28,1,7,7\n")
    assert counts(imports) == (24, 0, 0, 1)
    assert imports.remarks[0][:2] == (24, "refused")
    (account,) = imports.streams.values()
    assert account.facts[-1].data.valid_from == "2022-03-27T21:00:00Z"


def test_a_missing_hour_25_is_a_gap_that_is_reported_and_never_a_zero():
    imports = take(SOLAR, OUTPUT + day_of("2022-10-30") + "2022-10-31,1,7,7\n")
    assert counts(imports) == (25, 0, 1, 0)
    assert imports.remarks == [
        (24, "flagged", "1 h missing after this row: 2022-10-30T21:00:00Z to 2022-10-30T22:00:00Z is a gap")
    ]
    (account,) = imports.streams.values()
    assert account.state.metered == 25
    whole = take(SOLAR, OUTPUT + day_of("2022-10-30", 25) + "2022-10-31,1,7,7\n")
    assert counts(whole) == (26, 0, 0, 0)


def test_what_is_finer_than_a_wh_is_reported_and_its_text_kept():
    imports = take(SOLAR, OUTPUT + "2024-08-15,10,2458.3464520000002,1\n")
    assert counts(imports) == (1, 0, 1, 0)
    assert "entered as 2458346452 Wh" in imports.remarks[0][2]
    (account,) = imports.streams.values()
    assert account.facts[-1].data.readings[0].raw == "2458.3464520000002"


def test_the_same_file_again_says_nothing_and_a_changed_row_is_a_correction():
    old = OUTPUT + "2022-01-01,1,5,1\n2022-01-01,2,6,1\n2022-01-01,3,7,1\n"
    imports = take(SOLAR, old, old)
    assert counts(imports) == (3, 3, 0, 0)
    imports.take(SOLAR, old.replace(",2,6,1", ",2,6.5,1").replace(",3,7,1", ",3,7,2").encode())
    assert counts(imports) == (4, 5, 1, 0)
    assert imports.remarks[-1][1:] == (
        "flagged",
        "only the forecast changed, which no correction holds: it is not carried",
    )
    (account,) = imports.streams.values()
    corrected = account.facts[-1]
    assert (corrected.name, corrected.data.corrects) == ("reading_corrected", 3)
    assert account.state.fed_wh == 18_500_000


@pytest.mark.parametrize(
    "row",
    ["2022-01-01,25,1,1", "2022-01-01,0,1,1", "2022-01-01,x,1,1", "2022-13-01,1,1,1", "2022-01-01,1,null,1", "1,2"],
)
def test_rows_without_meaning_are_refused(row):
    assert counts(take(WIND, f"{OUTPUT}{row}\n2022-01-01,1,1,1\n")) == (1, 0, 0, 1)


def test_a_file_of_plants_names_them():
    head = "plant,technology,holder,date,hour,actual,projected\n"
    imports = take(
        PLANTS,
        head
        + "99WUA-GB-WIND--R,wind,99XGUAR-BUYER--D,2022-01-01,1,5,1\n"
        + "99WUA-GB-WIND--Q,wind,99XGUAR-BUYER--D,2022-01-01,1,5,1\n"
        + "somewhere,wind,99XGUAR-BUYER--D,2022-01-01,1,5,1\n"
        + "99WUA-GB-SOLAR-V,steam,99XGUAR-BUYER--D,2022-01-01,1,5,1\n",
    )
    assert counts(imports) == (1, 0, 0, 3)
    assert [reason.partition(":")[0] for _, _, reason in imports.remarks][:2] == ["eic-check", "plant-form"]


def test_a_trading_hour_is_counted_from_midnight_in_kyiv():
    imports = take(DAY_AHEAD, MARKET + price("2022-03-27", 3) + price("2022-03-27", 22) + price("2022-07-01", 0))
    starts = [subject.split(":", 2)[2] for subject in imports.streams]
    assert starts == ["2022-03-27T01:00:00Z:PT60M", "2022-03-27T20:00:00Z:PT60M", "2022-06-30T21:00:00Z:PT60M"]
    state = next(iter(imports.streams.values())).state
    assert (state.price.minor, state.volume_wh, state.rate.text) == (170_000, 5_910_600_000, "30.9226")
    kept = next(iter(imports.streams.values())).facts[0].data.original
    assert [(one.name, one.text) for one in kept] == [
        ("price_uah", "1700"),
        ("volume", "5910.6"),
        ("price_eur_mwh", "54.975972266238934"),
    ]


def test_labels_beyond_the_day_and_machine_made_rates():
    imports = take(DAY_AHEAD, MARKET + price("2022-03-27", 23) + price("2022-03-28", 0, rate="32.193600000000004"))
    assert counts(imports) == (1, 0, 1, 1)
    assert "32.193600000000004" in imports.remarks[1][2]


def test_a_price_said_otherwise_is_corrected():
    old = MARKET + price("2022-01-01", 0)
    imports = take(DAY_AHEAD, old, old, MARKET + price("2022-01-01", 0, price_uah="-1.5", rate="31"))
    assert counts(imports) == (2, 1, 0, 0)
    (interval,) = imports.streams.values()
    assert [fact.name for fact in interval.facts] == ["cleared", "corrected", "corrected"]
    assert (interval.state.price.minor, interval.state.rate.text) == (-150, "31")
    imports.take(DAY_AHEAD, (MARKET + price("2022-01-01", 0, price_uah="-1.50", rate="31")).encode())
    assert counts(imports) == (2, 2, 1, 0)


@pytest.mark.parametrize("change", [{"volume": "-1"}, {"volume": "x"}, {"rate": "1e3"}, {"price_uah": "1.001"}])
def test_prices_without_meaning_are_refused(change):
    assert counts(take(DAY_AHEAD, MARKET + price("2022-01-01", 0, **change))) == (0, 0, 0, 1)


def test_files_are_recognised(tmp_path):
    def recognised(name: str, text: str) -> list[str]:
        path = tmp_path / name
        path.write_text(text)
        return [importer.name for importer in IMPORTERS if importer.recognises(path)]

    assert recognised("yield_solar_UA.csv", OUTPUT + day_of("2022-01-01")) == ["solar-output"]
    assert recognised("yield_WIND_UA.csv", OUTPUT + day_of("2022-01-01")) == ["wind-output"]
    assert recognised("yield.csv", OUTPUT + day_of("2022-01-01")) == []
    assert recognised("dam.csv", MARKET + price("2022-01-01", 0)) == ["day-ahead"]
    assert recognised("other.csv", "a,b\n1,2\n") == []
