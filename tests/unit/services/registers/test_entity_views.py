"""What held at a valid time, of a legal entity."""

from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity.views import view, view_at
from tests.support.driving import COURT
from tests.support.entities import DECISION, UAH, Entity


def test_every_part_is_shown_as_it_was():
    entity = Entity().register()
    entity.do(c.Rename(name="Новий", valid_from="2018", basis=DECISION))
    entity.do(c.ChangeCapital(amount=UAH, valid_from="2019", basis=DECISION))
    entity.do(c.AppointHead(head=entity.person(), valid_from="2016", basis=DECISION))
    entity.do(c.AppointHead(head=entity.person(), valid_from="2020", basis=DECISION))
    entity.join(on="2016")
    entity.do(c.LeaveFounder(number=1, valid_from="2017", basis=DECISION))
    first, second = (head.id for head in entity.state.heads)
    assert view_at(entity.facts, "2014") is None
    then = view_at(entity.facts, "2016-06")
    assert then["naming"]["name"] == "ТОВАРИСТВО «ЗРАЗОК»"
    assert then["capital"] is None
    assert [head["id"] for head in then["heads"]] == [first]
    assert [founder["number"] for founder in then["founders"]] == [1]
    now = view_at(entity.facts, "2026")
    assert now["naming"]["name"] == "Новий"
    assert now["capital"]["amount"]["minor"] == UAH.minor
    assert ([head["id"] for head in now["heads"]], now["founders"]) == ([second], [])


def test_an_end_that_was_cancelled_held_until_then():
    entity = Entity().register()
    entity.end(on="2020-03-01")
    entity.both(c.CancelTermination(valid_from="2021-03-01", basis=COURT))
    statuses = {on: view_at(entity.facts, on)["standing"]["status"] for on in ("2019", "2020-06", "2022")}
    assert statuses == {"2019": "live", "2020-06": "ended", "2022": "live"}


def test_a_view_is_the_state():
    entity = Entity().register()
    assert view(entity.state)["edrpou"] == entity.state.edrpou
    assert set(view(entity.state)) == set(view_at(entity.facts, "2026"))


def test_whoever_was_replaced_from_the_first_moment_on_is_not_shown():
    entity = Entity().register()
    for changes in ({"valid_from": "2020"}, {"valid_from": "2020-01-01"}):
        entity.do(c.AppointHead(head=entity.person(), basis=DECISION, **changes))
        entity.do(c.SetBeneficiaries(beneficiaries=(entity.person(),), basis=DECISION, **changes))
    for name in ("heads", "beneficiaries"):
        assert [one["id"] for one in view_at(entity.facts, "2021")[name]] == [
            one.id for one in getattr(entity.state, name)
        ]
    entity.do(c.SetBeneficiaries(reason="немає", valid_from="2020", basis=DECISION))
    assert not view_at(entity.facts, "2021")["beneficiaries"]
