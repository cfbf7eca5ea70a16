from litopys.sourcing.spans import at, check_span, ended, later, make_room
from tests.support.driving import refused
from tests.support.lamp import Burning

FIRST, SECOND = Burning(1, "2020", "2021-06"), Burning(2, "2021-03", None)
NOW = "2026-11-25T10:00:00.000Z"


def test_what_held_at_a_moment():
    assert at((FIRST, SECOND), "2020-12-31") == (FIRST,)
    assert at((FIRST, SECOND), "2021-04") == (FIRST, SECOND)
    assert at((FIRST, SECOND), "2021-06") == (SECOND,)


def test_a_time_ends_after_it_begins():
    check_span("2020", None)
    check_span("2020", "2021")
    for end in ("2020", "2019-12-31"):
        with refused("valid-time"):
            check_span("2020", end)
    with refused("valid-time"):
        ended((SECOND,), 2, "2021-02")


def test_what_has_ended_ends_earlier_but_not_again():
    assert ended((FIRST, SECOND), 2, "2022")[1].valid_to == "2022"
    assert ended((FIRST,), 1, "2020-07")[0].valid_to == "2020-07"
    with refused("ended-already"):
        ended((FIRST,), 1, "2021-06")
    with refused("no-such-number"):
        ended((FIRST, SECOND), 3, "2022")


def test_room_is_made_by_forgetting_what_ended_first():
    full = (SECOND, FIRST)
    assert make_room(full, limit=3, now=NOW) == (full, None)
    assert make_room(full, limit=2, now=NOW) == ((SECOND,), "2021-06")
    with refused("too-many"):
        make_room((SECOND,), limit=1, now=NOW)
    with refused("too-many"):
        make_room((FIRST,), limit=1, now=NOW, protect=lambda span: span.number == 1)
    with refused("too-many"):
        make_room((FIRST,), limit=1, now="2021-05-01T00:00:00.000Z")


def test_the_later_of_two_moments():
    assert later(None, "2020") == later("2020", None) == "2020"
    assert later("2020", "2021") == later("2021", "2020") == "2021"
