import pytest

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.commands import Annul, Approve, Correct, Reinstate, Supersede
from litopys.sourcing.common import Imported
from litopys.sourcing.context import Context
from litopys.sourcing.episode import Episode
from tests.support.lamp import BASIS, DECIDER, SUBJECT, Broken, Hanging, Hung, Lit, Renamed

IMPORTED = Imported("a" * 32, 1, 0)


def hung() -> Hanging:
    lamp = Hanging()
    lamp.do(Hung("перша", "2020", None))
    return lamp


def both(lamp: Hanging, command: object) -> list[str]:
    (proposed,) = lamp.do(command, "one")
    assert proposed.name == "proposed"
    return [decided.name for decided in lamp.do(Approve(proposal=len(lamp.facts)), "two")]


def refusal(lamp: Hanging, command: object, actor: str = "one") -> str:
    with pytest.raises(RuleViolated) as refused:
        lamp.do(command, actor)
    return refused.value.code


def test_nothing_but_an_opener_begins_a_stream():
    assert refusal(Hanging(), Lit("2021", None)) == "not-open"
    assert hung().state.name == "перша"


def test_what_needs_four_eyes_is_proposed_and_takes_effect_when_another_agrees():
    lamp = hung()
    assert both(lamp, Renamed("друга", "2021", None)) == ["approved", "renamed"]
    assert lamp.state.name == "друга"
    assert lamp.state.standing.proposals == ()


def test_who_proposed_cannot_approve():
    lamp = hung()
    lamp.do(Renamed("друга", "2021", None), "one")
    assert refusal(lamp, Approve(proposal=2), "one") == "four-eyes"
    assert refusal(lamp, Approve(proposal=1), "two") == "no-such-proposal"


def test_a_migrated_change_cites_its_import_instead():
    (change,) = hung().do(Renamed("друга", "2021", IMPORTED))
    assert change.name == "renamed"
    assert change.cites == (Citation(f"toy_import:{'a' * 32}", 1),)


def test_a_proposal_that_a_rule_refuses_is_never_made():
    assert refusal(hung(), Correct(field="name", old="інша", new="друга", basis=BASIS)) == "old-value"


def test_an_annulment_gives_the_state_before_the_version():
    lamp = hung()
    lamp.do(Lit("2021", None))
    lamp.do(Lit("2022", None))
    both(lamp, Annul(by="court", basis=BASIS, from_version=3))
    assert [burning.valid_from for burning in lamp.state.burnings] == ["2021"]
    assert refusal(lamp, Annul(by="court", basis=BASIS, from_version=1)) == "annulled-state"
    assert refusal(lamp, Annul(by="court", basis=BASIS, from_moment="2021")) == "annulled-state"


def test_what_ended_is_reinstated_or_stays_superseded():
    lamp = hung()
    lamp.do(Broken("2023"))
    assert refusal(lamp, Lit("2024", None)) == "ended"
    both(lamp, Reinstate(by="court", basis=BASIS))
    assert lamp.state.standing.status == "live"
    both(lamp, Supersede(by="lamp:2", basis=BASIS))
    assert lamp.state.standing.status == "superseded"


def test_an_episode_sees_what_its_commands_did():
    context = Context(subject=SUBJECT, version=0, actor="one", time="2026-11-25T10:00:00.000Z")
    episode = Episode(DECIDER, None, context)
    with pytest.raises(LookupError):
        _ = episode.state
    episode.do(Hung("перша", None, IMPORTED))
    episode.do(Renamed("друга", "2021", IMPORTED))
    assert episode.state.name == "друга"
    assert episode.context.version == len(episode.decided) == 2
