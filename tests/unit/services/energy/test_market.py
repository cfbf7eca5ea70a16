import dataclasses

import pytest

from litopys.sourcing import commands as common
from services.energy.domain.market_interval import commands as m
from services.energy.domain.market_interval.state import Price, Rate
from services.energy.domain.market_interval.views import period_of, view_at
from services.energy.domain.recording import Record
from tests.support.driving import COURT, refused
from tests.support.energy import METERS, ZONE, Interval


def clear(price=-299_990):
    rate = Rate("EUR", "32.193600000000004")
    return m.ClearInterval(
        market="day_ahead", price=Price(price, "UAH"), volume_wh=5_910_600_000, rate=rate, basis=METERS
    )


def test_prices_have_either_sign_and_the_rate_is_text():
    p = Interval()
    p.do(clear())
    assert (p.state.price, p.state.rate.text) == (Price(-299_990, "UAH"), "32.193600000000004")


@pytest.mark.parametrize(
    "key",
    [
        f"{ZONE}:2024-02-30T09:00:00Z:PT60M",
        f"{ZONE}:2024-03-01T09:30:00Z:PT60M",
        f"{ZONE}:2024-03-01T09:20:00Z:PT15M",
        f"{ZONE}:2024-03-01T09:00:01Z:PT60M",
        f"{ZONE}:2024-03-01T09:00:00Z:PT20M",
        f"{ZONE}:2024-03-01",
    ],
)
def test_an_interval_begins_at_a_multiple_of_its_length(key):
    with refused("interval-key"):
        Interval(key).do(clear())


def test_a_recorded_state_is_of_the_interval_that_it_opens():
    p = Interval()
    p.do(clear())
    with refused("interval-key"):
        Interval(f"{ZONE}:2024-03-01T10:00:00Z:PT60M").do(Record(as_of="2024", state=p.state, basis=METERS))


def test_the_zone_has_the_right_check_character():
    with refused("eic-check"):
        Interval("10Y1001C--00004F:2024-03-01T09:00:00Z:PT60M").do(clear())


def test_it_is_cleared_once_then_corrected_or_annulled():
    p = Interval()
    p.do(clear())
    with refused("already-open"):
        p.do(clear())
    with refused("cleared-already"):
        p.domain.aggregates["market_interval"].evolve(p.state, p.facts[0])
    p.both(common.Correct(field="price/minor", old=-299_990, new=1, basis=COURT))
    assert p.state.price.minor == 1
    with refused("not-correctable"):
        p.do(common.Correct(field="start", old=p.state.start, new="2024-03-01T10:00:00Z", basis=COURT))
    p.both(common.Annul(by="registrar", basis=COURT, from_version=1))
    assert p.state.standing.status == "ended"
    p.both(common.Reinstate(by="court", basis=COURT))
    assert p.state.standing.status == "live"


def test_the_price_holds_within_the_interval():
    p = Interval()
    p.do(clear())
    assert period_of(p.subject) == ("2024-03-01T09:00:00Z", "2024-03-01T10:00:00Z")
    assert view_at(p.facts, "2024-03-01T09:59:59Z")["price"]["minor"] == -299_990
    assert view_at(p.facts, "2024-03-01T10:00:00Z") is None
    assert view_at(p.facts, "2024-03-01T08:59:59Z") is None


def test_a_state_that_begins_at_no_real_time_is_refused():
    p = Interval()
    p.do(clear())
    state = dataclasses.replace(p.state, length="PT60M", start="2024-03-01T09:30:00Z")
    with refused("interval-key"):
        p.domain.aggregates["market_interval"].check_state(state)
