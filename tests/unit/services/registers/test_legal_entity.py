"""Rules of a legal entity, each broken once."""

import dataclasses

import pytest

from litopys.sourcing import commands as common
from litopys.sourcing.common import LIVE, Original
from litopys.sourcing.facts import Decided
from litopys.sourcing.money import Money
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity import events as e
from services.registers.domain.legal_entity.membership import MOST_NUMBER
from services.registers.domain.legal_entity.state import MOST_FOUNDERS, MOST_SIGNERS, Activities
from tests.support.driving import COURT, IMPORTED, ONE, TWO, refused
from tests.support.entities import DECISION, EDRPOU, UAH, Entity

SINCE = {"valid_from": "2020-03-01", "basis": DECISION}


def liquidated(**changes) -> Entity:
    entity = Entity().register()
    entity.do(c.DecideTermination(**{**SINCE, **changes}))
    return entity


def test_a_new_entity_has_a_sound_code():
    with refused("edrpou-check"):
        Entity().register(code_is_sound=False)
    with refused("not-yet"):
        Entity().register(valid_from="2031")
    entity = Entity().register()
    assert (entity.state.edrpou, entity.state.registered) == (EDRPOU, "2015-03-02")
    assert entity.state.standing == LIVE


def test_a_failing_code_is_inherited_as_a_text():
    entity = Entity().record(code="093016", code_is_sound=False)
    assert (entity.state.edrpou, entity.state.other_code) == (None, "093016")
    entity.both(common.Correct(field="other_code", old="093016", new=None, basis=COURT))
    entity.both(common.Correct(field="edrpou", old=None, new=EDRPOU, basis=COURT))
    with refused("entity-unsound"):
        entity.do(common.Correct(field="other_code", old=None, new="1", basis=COURT))


def test_what_is_told_last_counts_and_a_late_telling_changes_nothing():
    entity = Entity().register()
    entity.do(c.Rename(name="Другий", valid_from="2020", basis=DECISION))
    entity.do(c.Rename(name="Перший", valid_from="2018", basis=DECISION))
    assert entity.state.naming.name == "Другий"
    entity.do(c.ChangeAddress(address="тут", **SINCE))
    entity.do(c.ChangeAddress(address="там", valid_from="2019", basis=DECISION))
    assert entity.state.address.text == "тут"
    entity.do(c.ChangeStatute(text="новий", **SINCE))
    entity.do(c.ChangeStatute(text="старий", valid_from="2019", basis=DECISION))
    assert entity.state.statute.text == "новий"
    entity.do(c.ChangeCapital(amount=UAH, **SINCE))
    entity.do(c.ChangeCapital(amount=Money(1, "UAH"), valid_from="2019", basis=DECISION))
    assert entity.state.capital.amount == UAH


def test_activities_are_named_once():
    entity = Entity().register()
    one = e.Activity("62.01", None)
    with refused("activities"):
        entity.do(c.ChangeActivities(activities=(one, one), primary=None, **SINCE))
    with refused("activities"):
        entity.do(c.ChangeActivities(activities=(one,), primary="58.29", **SINCE))
    entity.do(c.ChangeActivities(activities=(e.Activity("72.19", None), one), primary="62.01", **SINCE))
    assert entity.state.activities == Activities("62.01", ("72.19",), "2020-03-01")


def test_a_recorded_state_is_what_its_event_carries():
    entity = Entity().record(original=(Original("STAN", '"зареєстровано"'),))
    recorded = entity.facts[0].data
    for broken in (
        dataclasses.replace(recorded, original=()),
        dataclasses.replace(recorded, beside=dataclasses.replace(recorded.beside, id="0" * 32)),
    ):
        with refused("particulars-digest"):
            Entity().take(Decided("recorded", 1, broken))
    known = Entity().register()
    known.join()
    state = dataclasses.replace(recorded.state, founders=known.state.founders, numbers=known.state.numbers)
    with refused("persons-recorded"):
        Entity().take(Decided("recorded", 1, dataclasses.replace(recorded, state=state)))
    twice = dataclasses.replace(recorded.state, activities=Activities("62.01", ("62.01",), None))
    with refused("entity-unsound"):
        Entity().take(Decided("recorded", 1, dataclasses.replace(recorded, state=twice)))


def test_heads_follow_each_other_whenever_they_are_told_of():
    entity = Entity().register()
    for on in ("2016", "2020", "2018"):
        entity.do(c.AppointHead(head=entity.person(), valid_from=on, basis=DECISION))
    assert [(h.valid_from, h.valid_to) for h in entity.state.heads] == [
        ("2016", "2018"),
        ("2020", None),
        ("2018", "2020"),
    ]
    entity.do(c.AppointHead(head=entity.person(), **{**SINCE, "valid_from": "2020"}))
    assert sum(head.valid_to is None for head in entity.state.heads) == 1
    for on in ("2021", "2022", "2023"):
        entity.do(c.AppointHead(head=entity.person(), valid_from=on, basis=DECISION))
    assert entity.state.horizon == "2020"
    with refused("before-horizon"):
        entity.do(c.AppointHead(head=entity.person(), valid_from="2017", basis=DECISION))
    with refused("person-unnamed"):
        entity.do(c.AppointHead(head=entity.person(None), valid_from="2024", basis=DECISION))


def test_a_person_comes_under_a_fresh_id():
    entity = Entity().register()
    entity.join()
    same = entity.person(known_as=entity.state.founders[0].id)
    with refused("person-id-used"):
        entity.do(c.AppointHead(head=same, **SINCE))


def test_founders_come_and_go_once():
    entity = Entity().register()
    entity.join()
    entity.do(c.LeaveFounder(number=1, **SINCE))
    with refused("ended-already"):
        entity.do(c.LeaveFounder(number=1, **SINCE))
    with refused("no-such-number"):
        entity.do(c.LeaveFounder(number=2, **SINCE))
    with refused("not-a-member"):
        same = entity.person(known_as=entity.state.founders[0].id)
        entity.do(c.ChangeFounderShare(number=1, founder=same, **SINCE))
    joined = entity.facts[1].data
    with refused("next-number"):
        entity.take(Decided("founder_joined", 1, dataclasses.replace(joined, number=5)))


def test_founders_beyond_the_list_leave_once_too():
    entity = Entity().register()
    for _ in range(MOST_FOUNDERS + 30):
        entity.join()
    assert len(entity.state.founders) == MOST_FOUNDERS
    beyond = MOST_FOUNDERS + 7
    entity.do(c.ChangeFounderShare(number=beyond, founder=entity.person(), **SINCE))
    entity.do(c.LeaveFounder(number=beyond, **SINCE))
    with refused("no-such-number"):
        entity.do(c.LeaveFounder(number=beyond, **SINCE))
    with refused("not-a-member"):
        entity.do(c.ChangeFounderShare(number=beyond, founder=entity.person(), **SINCE))
    entity.do(c.LeaveFounder(number=1, **SINCE))
    entity.join()
    assert entity.state.founders[-1].number == MOST_FOUNDERS + 31


def test_members_beyond_the_list_have_a_limit():
    entity = Entity().register()
    for _ in range(MOST_FOUNDERS):
        entity.join()
    numbers = dataclasses.replace(entity.state.numbers, founder=MOST_NUMBER)
    entity.state = dataclasses.replace(entity.state, numbers=numbers)
    with refused("members-limit"):
        entity.join()


def test_signers_beyond_the_list_are_dismissed_too():
    entity = Entity().register()
    for _ in range(MOST_SIGNERS + 2):
        entity.do(c.AppointSigner(signer=entity.person(), **SINCE))
    entity.do(c.DismissSigner(number=MOST_SIGNERS + 2, **SINCE))
    with refused("no-such-number"):
        entity.do(c.DismissSigner(number=MOST_SIGNERS + 2, **SINCE))
    with refused("valid-time"):
        entity.do(c.AppointSigner(signer=entity.person(), valid_to="2019", **SINCE))


def test_money_of_founders_is_flagged_and_not_refused():
    entity = Entity().register()
    entity.do(c.ChangeCapital(amount=UAH, contributed=Money(5, "UAH"), **SINCE))
    assert entity.state.capital.founders_total == "differs"
    entity.do(c.JoinFounder(founder=entity.person(), contributed=UAH, **SINCE))
    assert entity.state.capital.founders_total == "agrees"
    entity.join()
    assert entity.state.capital.founders_total == "unknown"
    entity.do(c.LeaveFounder(number=2, contributed=Money(UAH.minor, "EUR"), **SINCE))
    assert entity.state.capital.founders_total == "unknown"


def test_beneficiaries_are_set_as_a_whole():
    entity = Entity().register()
    with refused("beneficiary-or-reason"):
        entity.do(c.SetBeneficiaries(**SINCE))
    with refused("beneficiary-or-reason"):
        entity.do(c.SetBeneficiaries(beneficiaries=(entity.person(),), reason="немає", **SINCE))
    code = {"code": "2000000015"}
    with refused("named-twice"):
        entity.do(c.SetBeneficiaries(beneficiaries=(entity.person(**code), entity.person(**code)), **SINCE))
    entity.do(c.SetBeneficiaries(beneficiaries=tuple(entity.person() for _ in range(15)), **SINCE))
    assert (len(entity.state.beneficiaries), entity.state.other_beneficiaries) == (12, 3)
    entity.do(c.SetBeneficiaries(reason="немає", valid_from="2021", basis=DECISION))
    assert all(one.valid_to == "2021" for one in entity.state.beneficiaries)
    assert entity.state.other_beneficiaries == 0
    late = (entity.person(),)
    entity.do(c.SetBeneficiaries(beneficiaries=late, valid_from="2019", basis=DECISION))
    assert all(one.valid_to is not None for one in entity.state.beneficiaries)


def test_one_way_out_at_a_time():
    entity = liquidated()
    with refused("under-way"):
        entity.do(c.StartReorganisation(kind="merger", **SINCE))
    entity.do(c.StartReorganisation(kind="spin_off", **SINCE))
    entity.do(c.OpenBankruptcy(**SINCE))
    with refused("under-way"):
        entity.do(c.OpenBankruptcy(**SINCE))
    with refused("not-under-way"):
        entity.do(c.RevokeTermination(number=3, **SINCE))
    with refused("not-under-way"):
        entity.do(c.CloseBankruptcy(number=1, **SINCE))
    entity.do(c.RevokeTermination(number=1, valid_from="2021", basis=DECISION))
    with refused("under-way"):
        entity.do(c.StartReorganisation(kind="merger", **SINCE))
    entity.do(c.StartReorganisation(kind="merger", valid_from="2021", basis=DECISION))
    with refused("claims-before"):
        liquidated(claims_until="2020-02")


def test_what_was_forgotten_of_proceedings_is_annulled():
    entity = Entity().register()
    for year in range(2016, 2024):
        entity.do(c.DecideTermination(valid_from=f"{year}", basis=DECISION))
        entity.do(c.RevokeTermination(number=entity.state.numbers.proceeding, valid_from=f"{year}-06", basis=DECISION))
    assert entity.state.horizon == "2017-06"
    with refused("before-horizon"):
        entity.do(c.OpenBankruptcy(valid_from="2016", basis=COURT))


def test_an_end_needs_no_liquidation_and_is_listed_without_one():
    entity = Entity().register()
    with refused("ended-unborn"):
        entity.end(on="2014")
    with refused("not-yet"):
        entity.end(on="2031")
    entity.end()
    assert entity.state.standing.status == "ended"
    assert entity.state.standing.inconsistent == ("terminated-without-start",)
    entity = liquidated()
    entity.end()
    assert entity.state.standing.inconsistent == ()


def test_an_officer_ends_an_entity_in_order():
    entity = liquidated(claims_until="2026-05-01")
    with refused("reorganisation-missing"):
        entity.end(ground="accession")
    with refused("claims-open"):
        entity.end()
    entity.do(c.OpenBankruptcy(**SINCE))
    with refused("under-bankruptcy"):
        entity.end(on="2026-06-01")
    entity.end(on="2026-06-01", ground="bankruptcy")
    assert entity.state.standing.inconsistent == ()


def test_an_inherited_end_is_taken_as_it_is():
    entity = Entity().record()
    entity.do(c.OpenBankruptcy(imported=IMPORTED, **SINCE))
    entity.end(on="2021", imported=IMPORTED)
    assert entity.state.standing.inconsistent == ("terminated-under-bankruptcy",)


def test_what_has_ended_accepts_correction_and_the_cancelling_of_its_end():
    entity = Entity().register()
    with refused("not-terminated"):
        entity.do(c.CancelTermination(**SINCE))
    entity.end()
    for command in (
        c.Rename(name="Новий", **SINCE),
        c.JoinFounder(founder=entity.person(), **SINCE),
        c.DecideTermination(**SINCE),
        c.Terminate(ground="court", **SINCE),
    ):
        with refused("ended"):
            entity.do(command)
    entity.both(common.Correct(field="record", old=None, new="7", basis=COURT))
    assert entity.do(c.CancelTermination(valid_from="2026-04", basis=COURT), ONE) == ["proposed"]
    with refused("four-eyes"):
        entity.agree(ONE)
    entity.agree(TWO)
    assert (entity.state.standing.status, entity.state.standing.inconsistent) == ("live", ())
    assert entity.state.terminations[0].valid_to == "2026-04"
    entity.do(c.Rename(name="Новий", valid_from="2026-05", basis=DECISION))
    entity.end(on="2026-06")
    assert entity.state.numbers.termination == 2


def test_a_superseded_entity_is_not_brought_back_by_cancelling():
    entity = Entity().register()
    entity.end()
    entity.both(common.Supersede(by=f"legal_entity:{'a' * 32}", basis=COURT))
    with refused("ended"):
        entity.do(c.CancelTermination(valid_from="2026-04", basis=COURT))


def test_a_reinstated_entity_never_ended():
    entity = Entity().register()
    entity.end()
    entity.both(common.Reinstate(by="court", basis=COURT))
    assert (entity.state.standing, entity.state.terminations) == (LIVE, ())
    entity.end(on="2026-06")
    assert entity.state.terminations[0].number == 2


def test_an_annulment_gives_no_number_twice():
    entity = Entity().register()
    entity.join()
    entity.both(common.Annul(by="court", basis=COURT, from_version=2))
    assert entity.state.founders == ()
    entity.join()
    assert entity.state.founders[0].number == 2


def test_persons_are_digests_open_and_closed():
    entity = Entity().register()
    person = entity.person("Приклад Марія", code="2000000015", address="дім", share="1/2")
    entity.do(c.JoinFounder(founder=person, **SINCE))
    fields = {one.name: one.is_open for one in entity.sealing.kept(" ".join(person.sd).encode())}
    assert fields == {"kind": True, "name": True, "share": True, "code": False, "code_check": False, "address": False}
    assert len(person.sd) == e.PERSON_DIGESTS
    with pytest.raises(KeyError, match="phone"):
        entity.person(phone="1")
