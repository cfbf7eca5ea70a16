"""Stories of legal entities and establishments, and streams of them that are never left in peace."""

import random
from collections.abc import Iterator

from litopys.sourcing import commands as common
from litopys.sourcing.common import Original
from litopys.sourcing.facts import Fact
from litopys.sourcing.money import Money
from services.registers.domain.establishment import commands as ec
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity.events import Activity
from services.registers.domain.legal_entity.state import Activities, Address, Naming, Statute
from tests.support.driving import CONTRACT, COURT, Driven, keep_busy
from tests.support.entities import DECISION, DETAILS, ENTITY_ID, PLACE, UAH, Entity, School


def stories() -> dict[str, Driven]:
    """Streams by name of the story."""
    return {
        "entity": _entity(),
        "entity-migrated": _migrated(),
        "entity-ended": _ended(),
        "school": _school(),
        "school-migrated": _migrated_school(),
    }


def busy(aggregate: str, count: int) -> Iterator[Fact]:
    """Facts of one stream of such an aggregate."""
    return _busy_entity(count) if aggregate == "legal_entity" else _busy_school(count)


def _entity() -> Entity:
    e = Entity(seed=40).register(
        record="77001", form="ТОВ", short_name="ТОВ «ЗРАЗОК»", address="місто Вигадане", katottg="UA99000000000000001"
    )
    basis = {"basis": DECISION}
    e.do(c.Rename(name="ТОВАРИСТВО «ВЗІРЕЦЬ»", short_name="ТОВ «ВЗІРЕЦЬ»", form=None, valid_from="2016-01", **basis))
    e.do(c.ChangeAddress(address="місто Уявне", katottg=None, koatuu="9910100000", valid_from="2016-02", **basis))
    activities = (Activity("62.01", "Комп'ютерне програмування"), Activity("58.29", None))
    e.do(c.ChangeActivities(activities=activities, primary="62.01", valid_from="2016-03", **basis))
    e.do(c.ChangeCapital(amount=UAH, contributed=UAH, valid_from="2016-04", **basis))
    e.do(c.ChangeStatute(text="статут", model="F22", valid_from="2016-05", **basis))
    beside = e.beside(contacts="example@example.ua", members="[]")
    e.do(
        c.ChangeParticulars(beside=beside, original=(Original("STAN", '"зареєстровано"'),), valid_from="2017", **basis)
    )
    e.do(c.AppointHead(head=e.person(role="директор", code="9900012342"), valid_from="2015-03-02", **basis))
    e.do(c.AppointHead(head=e.person("Прикладенко Іван"), valid_from="2018-03-02", **basis))
    e.do(c.AppointSigner(signer=e.person(), valid_from="2016", valid_to="2030", **basis))
    e.do(c.DismissSigner(number=1, valid_from="2019", **basis))
    e.join(country="Україна", share="1/2", contribution="50000")
    e.join(name="ТОВ «МАКЕТ»", kind="legal", edrpou="99000011")
    same = e.person(known_as=e.state.founders[0].id, share="1/1")
    e.do(c.ChangeFounderShare(number=1, founder=same, valid_from="2019", **basis))
    e.do(c.LeaveFounder(number=2, contributed=UAH, valid_from="2019-05-01T10:00:00Z", **basis))
    e.do(c.SetBeneficiaries(beneficiaries=(e.person(role="прямий"),), valid_from="2020", **basis))
    e.do(c.SetBeneficiaries(reason="немає", valid_from="2021", **basis))
    e.void()
    return e


def _migrated() -> Entity:
    e = Entity("f" * 32, seed=41).record(original=(Original("VP_DATES", "null"),))
    e.both(common.Correct(field="naming/short_name", old="ТОВ «ЗРАЗОК»", new="ТОВ «ЗРАЗКИ»", basis=COURT))
    e.both(common.Annul(by="court", basis=COURT, from_version=2))
    e.both(common.Supersede(by=f"legal_entity:{ENTITY_ID}", basis=COURT))
    return e


def _ended() -> Entity:
    e = Entity("d" * 32, seed=42).record()
    basis = {"basis": COURT}
    e.do(c.StartReorganisation(kind="spin_off", others=("99000011",), valid_from="2016", **basis))
    e.do(c.DecideTermination(valid_from="2017-01", claims_until="2017-03", commission=e.person(), **basis))
    e.do(c.OpenBankruptcy(manager=e.person(), valid_from="2017-02", **basis))
    e.do(c.CloseBankruptcy(number=3, valid_from="2017-06", **basis))
    e.do(c.RevokeTermination(number=2, valid_from="2017-07", **basis))
    e.end(on="2018", ground="court", successors=("ТОВ «МАКЕТ»",))
    e.both(c.CancelTermination(valid_from="2019", **basis))
    e.end(on="2020")
    e.both(common.Reinstate(by="court", basis=COURT))
    return e


def _school() -> School:
    s = School(seed=43).open()
    changed = {**s.given(), "details": DETAILS, "valid_from": "2016"}
    s.do(ec.ChangeDetails(**changed))
    s.do(ec.CloseEstablishment(reason="рішення ради", valid_from="2020", basis=DECISION))
    s.both(common.Reinstate(by="court", basis=COURT))
    return s


def _migrated_school() -> School:
    s = School(f"schools:{'6' * 32}", seed=44).record(original=(Original("language", '"! not applicable"'),))
    s.both(common.Correct(field="place/postcode", old="55202", new="55203", basis=COURT))
    s.both(common.Annul(by="court", basis=COURT, from_version=2))
    s.both(common.Supersede(by=f"establishment:schools:{'5' * 32}", basis=COURT))
    return s


def _busy_entity(count: int) -> Iterator[Fact]:
    e = Entity(seed=6)
    long = "ї" * 600
    e.record(
        naming=Naming(long, long[:200], None),
        address=Address(long[:400], "UA99000000000000001", "9910100000", None),
        activities=Activities("99.99", tuple(f"{n:02}.{n % 10}{n % 7}" for n in range(98)), None),
        statute=Statute(long[:200], long[:20], None),
        form=long[:125],
        registered="1950",
    )
    return keep_busy(e, lambda draw, on: _anything(e, draw, on), count)


def _busy_school(count: int) -> Iterator[Fact]:
    s = School(seed=7).record()

    def anything(_draw: random.Random, on: str) -> object:
        return ec.ChangeDetails(**{**s.given(), "place": PLACE, "valid_from": on})

    return keep_busy(s, anything, count)


def _anything(e: Entity, draw: random.Random, on: str) -> object:
    """Some command that is often enough allowed, and more often adds than ends."""
    basis = {"valid_from": on, "basis": CONTRACT}
    later = f"{on}T10:00:00Z"
    numbers = e.state.numbers
    if e.state.standing.status == "ended":
        return c.CancelTermination(valid_from=later, basis=CONTRACT)
    return draw.choice(
        (
            lambda: c.JoinFounder(founder=e.person(), valid_from=later, basis=CONTRACT),
            lambda: c.JoinFounder(founder=e.person(), valid_from=later, basis=CONTRACT),
            lambda: c.LeaveFounder(number=max(1, numbers.founder - draw.randrange(30)), **basis),
            lambda: c.AppointSigner(signer=e.person(), valid_from=later, basis=CONTRACT),
            lambda: c.DismissSigner(number=max(1, numbers.signer - draw.randrange(20)), **basis),
            lambda: c.AppointHead(head=e.person(), valid_from=later, basis=CONTRACT),
            lambda: c.SetBeneficiaries(beneficiaries=tuple(e.person() for _ in range(9)), **basis),
            lambda: c.DecideTermination(claims_until=on, **basis),
            lambda: c.StartReorganisation(kind=draw.choice(("spin_off", "merger")), **basis),
            lambda: c.RevokeTermination(number=max(1, numbers.proceeding), **basis),
            lambda: c.OpenBankruptcy(valid_from=later, basis=CONTRACT),
            lambda: c.CloseBankruptcy(number=max(1, numbers.proceeding), **basis),
            lambda: c.ChangeCapital(amount=Money(2**53 - 1, "UAH"), **basis),
            lambda: c.Terminate(ground="court", **basis),
            lambda: common.Correct(field="record", old=e.state.record, new=f"{draw.randrange(10**9)}", basis=CONTRACT),
        )
    )()
