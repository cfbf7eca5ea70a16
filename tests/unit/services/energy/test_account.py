import dataclasses

import pytest

from litopys.event.streams import Citation
from litopys.sourcing import commands as common
from litopys.sourcing.facts import Decided
from services.energy.domain.generation_account import commands as a
from services.energy.domain.generation_account import events as e
from services.energy.domain.generation_account.account import previous_account
from services.energy.domain.generation_account.state import Closing, Units
from services.energy.domain.generation_account.sums import remainder_wh
from services.energy.domain.hours import Hour, with_hour
from services.energy.domain.recording import Record
from tests.support.driving import COURT, refused
from tests.support.energy import (
    BEGIN,
    END,
    HOUSEHOLD,
    METERS,
    MWH,
    PLANT,
    Account,
    at,
    readings,
)


def test_readings_add_up_by_the_net_rule():
    net = Account().open().meter(0, 3 * MWH, -MWH)
    gross = Account().open(net_rule="gross").meter(0, 3 * MWH, -MWH)
    assert (net.state.metered, net.state.fed_wh, net.state.drawn_wh) == (2, 3 * MWH, MWH)
    assert remainder_wh(net.state) == 2 * MWH
    assert remainder_wh(gross.state) == 3 * MWH


@pytest.mark.parametrize(
    "subject",
    [
        "generation_account:99WUA-GB-SOLAR-V:2024-13",
        "generation_account:99WUA-GB-SOLAR-V",
        f"generation_account:{HOUSEHOLD}:2024-03",
        "generation_account:99wUA-GB-SOLAR-V:2024-03",
    ],
)
def test_an_account_is_named_by_an_eic_and_a_month(subject):
    opened = Account().open().events[0]
    fact = Account().domain.fact(opened)._replace(subject=subject)
    with refused("account-key"):
        Account().domain.apply(None, fact)


def test_a_household_is_named_by_a_random_id():
    with refused("account-key"):
        Account().household()


def test_a_recorded_state_is_of_the_account_that_it_opens():
    with refused("account-key"):
        Account(f"generation_account:{PLANT}:2024-04").do(
            Record(as_of="2024", state=Account().open().state, basis=METERS)
        )


@pytest.mark.parametrize(
    "period",
    [
        (BEGIN, BEGIN),
        (END, BEGIN),
        (BEGIN, "2024-03-31T21:00:01Z"),
        ("2024-02-29T22:30:00Z", "2024-03-31T21:30:00Z"),
        ("2024-02-28T22:00:00Z", END),
        (BEGIN, "2024-04-02T21:00:00Z"),
        ("2024-01-31T22:00:00Z", "2024-02-29T22:00:00Z"),
    ],
)
def test_the_period_is_the_month_of_the_key(period):
    with refused("account-period"):
        Account().open(valid_from=period[0], valid_to=period[1])


def test_the_check_characters_are_right():
    with refused("eic-check"):
        Account(f"generation_account:{PLANT[:-1]}W:2024-03").open()
    with refused("eic-check"):
        Account().open(holder="99XGUAR-BUYER--E")


def test_what_last_month_left_over_is_cited_and_entered_once():
    with refused("carry-not-cited"):
        Account().open(carried_in_wh=5)
    p = Account().open(carried_in_wh=-5, closed_at=3)
    assert p.events[0].cites == (Citation(f"generation_account:{PLANT}:2024-02", 3),)
    with refused("carried-already"):
        p.do(a.CarryRemainder(carried_in_wh=0, basis=METERS))
    late = Account().open(carried_in_wh=None)
    with refused("carry-not-cited"):
        late.do(a.CarryRemainder(carried_in_wh=7, basis=METERS))
    assert late.do(a.CarryRemainder(carried_in_wh=7, closed_at=9, basis=METERS)) == ["remainder_carried"]
    assert remainder_wh(late.state) == 7


def test_the_month_before():
    assert previous_account("x", "2024-01") == "generation_account:x:2023-12"
    assert previous_account("x", "2024-10") == "generation_account:x:2024-09"


def test_nothing_is_certified_or_closed_before_the_carry_is_known():
    p = Account().open(carried_in_wh=None).meter(0, 5 * MWH)
    with refused("carry-unknown"):
        p.issue()
    with refused("carry-unknown"):
        p.close()


def test_an_interval_has_one_reading():
    p = Account().open().meter(5, 1, 2)
    for hour in (4, 5, 6):
        with refused("metered-already"):
            p.meter(hour, 7, 8)
    p.meter(4, 7).meter(7, 7)
    assert p.state.metered == 4


@pytest.mark.parametrize("instant", ["2024-02-29T21:00:00Z", END, "2024-03-01T09:30:00Z"])
def test_readings_are_of_hours_of_the_month(instant):
    with refused("outside-period"):
        Account().open().do(a.MeterOutput(valid_from=instant, readings=readings(1), basis=METERS))


def test_readings_do_not_reach_beyond_the_month():
    with refused("outside-period"):
        Account().open().meter(742, 1, 1)


def test_an_hour_has_as_many_readings_as_intervals():
    p = Account().open(interval="PT15M")
    with refused("readings-count"):
        p.meter(0, 1, 2, 3)
    p.meter(0, 1, 2, -3, 4)
    assert (p.state.fed_wh, p.state.drawn_wh) == (7, 3)
    with refused("readings-count"):
        p.meter(1, *[2**35] * 4)
    with refused("readings-count"):
        p.take(
            Decided("reading_corrected", 1, e.ReadingCorrected(at(0), 2, readings(4), readings(5), (), METERS, None))
        )


def test_an_hour_is_read_when_it_is_over():
    p = Account().open()
    with refused("future"):
        p.do(a.MeterOutput(valid_from=at(9), readings=readings(1), basis=METERS), time="2024-03-01T07:59:59.000Z")
    p.do(a.MeterOutput(valid_from=at(9), readings=readings(1), basis=METERS), time="2024-03-01T08:00:00.000Z")


def test_a_correction_names_what_it_corrects():
    p = Account().open().meter(0, 5).meter(1, 7)
    for hour, old, version in ((0, 5, 3), (1, 7, 2), (2, 7, 3), (0, 6, 2)):
        data = e.ReadingCorrected(at(hour), version, readings(old), readings(9), (), METERS, None)
        with refused("not-what-stands"):
            p.take(Decided("reading_corrected", 1, data))
    with refused("nothing-corrected"):
        p.correct(0, 5, 5, corrects=2)
    p.correct(0, 5, -9, corrects=2).correct(0, -9, 4, corrects=4)
    with refused("not-what-stands"):
        p.correct(0, 5, 3, corrects=2)
    with refused("old-readings"):
        p.correct(1, 6, 3, corrects=3)
    assert (p.state.fed_wh, p.state.drawn_wh, p.state.metered) == (11, 0, 2)


def test_the_ledger_itself_refuses_other_sums_and_the_register_other_readings():
    p = Account().open(interval="PT30M").meter(0, 5, 7)
    same_sum = a.CorrectReading(valid_from=at(0), corrects=2, old=readings(6, 6), new=readings(1, 1), basis=METERS)
    with refused("old-readings"):
        p.do(same_sum)
    data = e.ReadingCorrected(at(0), 2, readings(5, 8), readings(1, 1), (), METERS, None)
    with refused("not-what-stands"):
        p.take(Decided("reading_corrected", 1, data))


def test_a_households_readings_are_digests_and_its_sum_is_public():
    p = Account(f"generation_account:{HOUSEHOLD}:2024-03").household()
    with refused("readings-sealed"):
        p.meter(0, 5)
    with refused("readings-sealed"):
        Account().open().do(a.CertifyOutput(certified_wh=5, basis=METERS))
    p.do(a.MeterSealedOutput(valid_from=at(0), hours=3, readings=p.sealed(1, 2, 3), basis=METERS))
    with refused("metered-already"):
        p.do(a.MeterSealedOutput(valid_from=at(2), hours=1, readings=p.sealed(1), basis=METERS))
    with refused("not-what-stands"):
        p.do(a.CorrectSealedReading(valid_from=at(2), corrects=1, readings=p.sealed(1), basis=METERS))
    p.do(a.CorrectSealedReading(valid_from=at(2), corrects=2, readings=p.sealed(4), basis=METERS))
    p.do(a.CertifyOutput(certified_wh=2 * MWH + 1, basis=METERS))
    with refused("exceeds-output"):
        p.issue(3)
    p.issue()
    assert (p.state.metered, p.state.issued, remainder_wh(p.state)) == (3, 2, 1)
    plain = b"".join(repr(event.data).encode() for event in p.events)
    assert b"62Z0000000000017" not in plain


def test_a_closing_says_what_the_account_has_and_ends_metering():
    p = Account().open().meter(0, 5 * MWH + 3, -2).issue().close()
    closed = p.facts[-1].data
    assert (closed.metered, closed.missing, closed.certified, closed.carried_wh) == (2, 741, 5, 1)
    with refused("month-closed"):
        p.meter(2, 1)
    with refused("month-closed"):
        p.close()
    with refused("month-closed"):
        p.issue(1)
    lie = dataclasses.replace(closed, carried_wh=2)
    with refused("closing-sums"):
        Account().open().meter(0, 5 * MWH + 3, -2).issue().take(Decided("closed", 1, lie))
    with refused("closing-sums"):
        Account().open().take(Decided("closed", 1, closed))


def test_a_remainder_lapses_where_the_rule_says_so_but_a_deficit_goes_on():
    lapsed = Account().open(carry_rule="lapse").meter(0, 5).close()
    assert lapsed.facts[-1].data.carried_wh == 0
    owing = Account().open(carry_rule="lapse").meter(0, -5).close()
    assert owing.facts[-1].data.carried_wh == -5


def test_a_month_is_settled_after_its_end():
    p = Account().open().meter(0, 5 * MWH)
    with refused("month-not-over"):
        p.do(a.CloseAccount(valid_from="2024-03-31", basis=METERS))
    with refused("future"):
        p.do(a.CloseAccount(valid_from="2030", basis=METERS))
    with refused("month-not-over"):
        p.do(a.IssueCertificate(valid_from="2024-03-30", basis=METERS))


def test_a_closed_month_is_opened_again_by_two_persons():
    p = Account().open().meter(0, 5).close()
    p.both(common.Reinstate(by="registrar", basis=COURT))
    p.meter(1, 7)
    assert p.state.closing is None


def test_an_annulment_keeps_what_was_certified():
    p = Account().open().meter(0, 5 * MWH).issue().use(1)
    p.both(common.Annul(by="court", basis=COURT, from_version=2))
    assert (p.state.metered, p.state.issued, p.state.standing.inconsistent) == (0, 5, ("deficit",))


@pytest.mark.parametrize(
    "changes",
    [
        {"fed_wh": 4},
        {"metered": 2},
        {"hours": with_hour("", 743, Hour(1, 5, 0))},
        {"hours": with_hour("", 0, Hour(0, 5, 0))},
        {"certified_wh": 5},
        {"issued": 1, "numbers": 1, "withdrawn": (Units(1, 2),)},
        {"issued": 9, "withdrawn": (Units(1, 2), Units(3, 4))},
        {"issued": 9, "withdrawn": (Units(3, 4), Units(1, 1))},
    ],
)
def test_a_carried_state_makes_sense(changes):
    state = dataclasses.replace(Account().open().meter(0, 5).state, **changes)
    subject = f"generation_account:{state.plant}:{state.month}"
    with refused("state-unsound"):
        Account(subject).do(Record(as_of="2024", state=state, basis=METERS))


def test_a_household_in_a_carried_state_has_no_readings():
    p = Account(f"generation_account:{HOUSEHOLD}:2024-03").household()
    with refused("state-unsound"):
        p.domain.aggregates["generation_account"].check_state(
            dataclasses.replace(p.state, hours=with_hour("", 0, Hour(1, 5, 0)), metered=1, fed_wh=5)
        )


def test_a_recorded_deficit_is_listed_not_refused():
    state = dataclasses.replace(Account().open().meter(0, 5).state, closing=Closing(6))
    p = Account()
    p.do(Record(as_of="2024", state=state, basis=METERS))
    assert p.state.standing.inconsistent == ("deficit",)


def test_a_recorded_household_is_described():
    state = Account(f"generation_account:{HOUSEHOLD}:2024-03").household().state
    with refused("owner-not-described"):
        Account(f"generation_account:{HOUSEHOLD}:2024-03").do(Record(as_of="2024", state=state, basis=METERS))
