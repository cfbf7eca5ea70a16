from services.energy.domain.generation_account import commands as a
from services.energy.domain.generation_account.views import view, view_at
from tests.support.energy import BEGIN, METERS, MWH, Account


def test_hours_that_had_begun_by_a_time():
    p = Account().open().meter(0, 1, 2, -3).meter(742, 10)
    assert view_at(p.facts, "2024-02-29T21:59:59Z") is None
    assert [view_at(p.facts, t)["metered"] for t in (BEGIN, "2024-02-29T23:00:00Z", "2024-03-01T00:59:59Z")] == [
        1,
        2,
        3,
    ]
    whole = view_at(p.facts, "2024-04-01")
    assert whole == view(p.state)
    part = view_at(p.facts, "2024-03-10")
    assert (part["metered"], part["fed_wh"], part["drawn_wh"]) == (3, 3, 3)


def test_a_late_correction_counts_for_the_hour_that_it_is_about():
    p = Account().open().meter(0, 5).correct(0, 5, 7, corrects=2)
    assert view_at(p.facts, "2024-03-01")["fed_wh"] == 7


def test_certificates_of_then():
    p = Account().open().meter(0, 5 * MWH + 1)
    p.do(a.IssueCertificate(valid_from="2024-04-05", basis=METERS))
    p.use(1).close()
    assert view_at(p.facts, "2024-04-04")["issued"] == 0
    then = view_at(p.facts, "2024-04-09")
    assert (then["issued"], len(then["certificates"]), then["closing"]) == (5, 1, None)
    now = view_at(p.facts, "2024-04-10")
    assert (now["certificates"], now["closing"]) == ([], {"carried_wh": 1})
