from litopys.sourcing.chronicle import Chronicle, Dated
from litopys.sourcing.commands import Annul, Approve, Correct, Reinstate
from tests.support.lamp import BASIS, LAMP, Broken, Hanging, Hung, Lit, Renamed

CHRONICLE = Chronicle(
    aggregate=LAMP,
    spans=("burnings",),
    dated=(Dated(fields=("name",), told_by={"renamed": lambda data: (data.name,)}),),
    ended_by=frozenset({"broken"}),
    begins=lambda state: state.hung,
)


def hung(since: str | None = "2020") -> Hanging:
    lamp = Hanging()
    lamp.do(Hung("перша", since, None))
    return lamp


def both(lamp: Hanging, command: object) -> None:
    lamp.do(command, "one")
    lamp.do(Approve(proposal=len(lamp.facts)), "two")


def name_at(lamp: Hanging, moment: str) -> str:
    return CHRONICLE.view_at(lamp.facts, moment)["name"]


def test_nothing_is_shown_before_it_was_there():
    assert CHRONICLE.view_at([], "2020") is None
    assert CHRONICLE.view_at(hung().facts, "2019-12-31") is None
    assert name_at(hung(), "2020-06") == "перша"
    assert name_at(hung(since=None), "1900") == "перша"


def test_a_late_fact_takes_its_place_by_valid_time():
    lamp = hung()
    both(lamp, Renamed("третя", "2023", None))
    both(lamp, Renamed("друга", "2021", None))
    assert [name_at(lamp, year) for year in ("2020", "2021", "2022", "2023")] == ["перша", "друга", "друга", "третя"]


def test_of_two_from_one_moment_the_one_told_later_counts():
    lamp = hung()
    both(lamp, Renamed("друга", "2021", None))
    both(lamp, Renamed("третя", "2021", None))
    assert name_at(lamp, "2021") == "третя"


def test_spans_are_shown_while_they_hold():
    lamp = hung()
    lamp.do(Lit("2021", "2022"))
    lamp.do(Lit("2023", None))
    shown = {
        year: [b["number"] for b in CHRONICLE.view_at(lamp.facts, year)["burnings"]]
        for year in ("2021", "2022", "2024")
    }
    assert shown == {"2021": [1], "2022": [], "2024": [2]}


def test_a_correction_was_right_from_the_beginning():
    lamp = hung()
    both(lamp, Renamed("друга", "2021", None))
    lamp.do(Lit("2021", None))
    both(lamp, Correct(field="name", old="друга", new="інша", basis=BASIS))
    both(lamp, Correct(field="burnings/1/valid_from", old="2021", new="2022", basis=BASIS))
    assert [name_at(lamp, year) for year in ("2020", "2021")] == ["перша", "інша"]
    assert CHRONICLE.view_at(lamp.facts, "2021")["burnings"] == []


def test_what_was_annulled_never_held():
    lamp = hung()
    both(lamp, Renamed("друга", "2021", None))
    both(lamp, Annul(by="court", basis=BASIS, from_version=2))
    assert name_at(lamp, "2022") == "перша"


def test_what_ended_lived_before_and_again_when_reinstated():
    lamp = hung()
    lamp.do(Broken("2023"))
    status = [CHRONICLE.view_at(lamp.facts, year)["standing"]["status"] for year in ("2022", "2023")]
    assert status == ["live", "ended"]
    both(lamp, Reinstate(by="court", basis=BASIS))
    assert CHRONICLE.view_at(lamp.facts, "2024")["standing"]["status"] == "live"
