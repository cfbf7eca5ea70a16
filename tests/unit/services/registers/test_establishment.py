"""Rules of an establishment, each broken once."""

import dataclasses

from litopys.event.streams import Citation
from litopys.sourcing import commands as common
from litopys.sourcing.common import Original
from litopys.sourcing.facts import Decided
from services.registers.domain.establishment import commands as c
from services.registers.domain.establishment.state import Owner
from services.registers.domain.establishment.views import view_at
from tests.support.driving import COURT, refused
from tests.support.entities import DECISION, DETAILS, EDRPOU, ENTITY_ID, School

NOBODY = Owner(None, None, "1111")


def test_the_entity_that_is_named_is_cited():
    school = School().open()
    assert school.events[0].cites == ((f"legal_entity:{ENTITY_ID}", 1),)
    with refused("entity-not-cited"):
        School().open(cited=None)
    with refused("entity-not-cited"):
        School().record(cited=Citation(f"legal_entity:{'a' * 32}", 1))
    with refused("entity-not-cited"):
        school.do(c.ChangeDetails(**school.given(cited=None), valid_from="2016"))


def test_a_code_alone_is_inherited_and_not_entered():
    assert School().record(owner=NOBODY, cited=None).state.owner == NOBODY
    with refused("no-entity"):
        School().open(owner=NOBODY, cited=None)
    school = School().open()
    with refused("no-entity"):
        school.do(c.ChangeDetails(**school.given(owner=NOBODY, cited=None), valid_from="2016"))


def test_a_code_is_an_edrpou_or_it_is_none():
    for open_stream in (School().open, School().record):
        with refused("owner-codes"):
            open_stream(owner=Owner(f"legal_entity:{ENTITY_ID}", EDRPOU, "1111"))


def test_a_recorded_state_names_what_its_event_keeps():
    school = School().record(original=(Original("language", '"!"'),))
    broken = dataclasses.replace(school.facts[0].data, original=())
    with refused("originals-digest"):
        School().take(Decided("recorded", 1, broken, school.events[0].cites))


def test_what_is_told_last_counts():
    school = School().open()
    renamed = dataclasses.replace(DETAILS, name="Ліцей № 1")
    school.do(c.ChangeDetails(**school.given(details=renamed), valid_from="2020"))
    late = dataclasses.replace(DETAILS, name="Гімназія № 1")
    school.do(c.ChangeDetails(**school.given(details=late), valid_from="2018"))
    assert school.state.details.name == "Ліцей № 1"
    names = {year: view_at(school.facts, year)["details"]["name"] for year in ("2016", "2018", "2021")}
    assert names == {"2016": "Школа № 1", "2018": "Гімназія № 1", "2021": "Ліцей № 1"}
    assert view_at(school.facts, "2014") is None


def test_a_closed_school_accepts_nothing_but_correction():
    school = School().open()
    with refused("closed-unopened"):
        school.do(c.CloseEstablishment(reason="рішення", valid_from="2014", basis=DECISION))
    school.do(c.CloseEstablishment(reason="рішення", valid_from="2020", basis=DECISION))
    with refused("ended"):
        school.do(c.ChangeDetails(**school.given(), valid_from="2021"))
    assert view_at(school.facts, "2019")["standing"]["status"] == "live"
    assert view_at(school.facts, "2020")["standing"]["status"] == "ended"
    school.both(common.Correct(field="place/postcode", old="55202", new="55203", basis=COURT))
    school.both(common.Reinstate(by="court", basis=COURT))
    assert school.state.standing.status == "live"
