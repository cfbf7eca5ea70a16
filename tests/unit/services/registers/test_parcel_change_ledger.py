"""What the ledger refuses of a change whatever its sector says: events are taken in as a careless sector sent them."""

import dataclasses

import pytest

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.common import Approved, Proposed
from litopys.sourcing.facts import Decided
from services.registers.domain.land_parcel import change_events as p
from services.registers.domain.land_parcel import commands as parcels
from services.registers.domain.land_parcel.events import Divided as DividedBefore
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change import events as e
from services.registers.domain.parcel_change.evolve import PARCEL_CHANGE
from tests.support.changes import APPLICATION, CHANGE, LATER, Land, number
from tests.support.driving import CONTRACT, COURT, TWO, refused

THREE = {11: 10_000, 12: 10_000, 13: 14_800}
FIRST = (Citation(CHANGE, 1),)
DECIDED = (Citation(CHANGE, 4),)


def subject(last: int) -> str:
    return f"land_parcel:{number(last)}"


@pytest.fixture
def land() -> Land:
    """A parcel with a lease and a mortgage, and a plan to divide it."""
    land = Land()
    parcel = land.record(1, "1/2", "1/2")
    tenant = parcel.person()
    right = {"kind": "lease", "area_m2": 500, "valid_from": "2020", "basis": CONTRACT}
    parcel.do(parcels.RegisterUseRight(holder=tenant, **right))
    parcel.do(parcel.mortgage())
    parcel.do(parcels.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    land.propose([1], THREE)
    return land


def events_of(land: Land, last: int, command: object) -> Decided:
    """What a parcel would say in the change, without its being said."""
    before = len(land.parcel(last).events), land.parcel(last).state
    land.do(subject(last), command)
    fact = land.parcel(last).facts[-1]
    land.parcel(last).events, land.parcel(last).state = land.parcel(last).events[: before[0]], before[1]
    return Decided(fact.name, fact.type_version, fact.data, fact.cites)


def change(decided: Decided, **fields: object) -> Decided:
    return decided._replace(data=dataclasses.replace(decided.data, **fields))  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"change": "parcel_change:2026-118"}, "change-not-cited"),
        ({"area_m2": 34_801}, "not-as-planned"),
        ({"holders": ()}, "not-as-planned"),
        ({"consents": ()}, "consent-missing"),
        ({"consents": (4, 5)}, "consent-not-cited"),
        ({"expires": "2026-11-23T10:00:00Z"}, "reservation-over"),
        ({"expires": "2026-12"}, "reservation-over"),
        ({"valid_from": "2014"}, "later-title"),
    ],
)
@pytest.mark.rule("change-not-cited", "not-as-planned", "consent-missing", "reservation-over")
def test_reservations_that_are_refused(land, fields, code):
    decided = events_of(land, 1, c.ReserveParcel(change=CHANGE))
    with pytest.raises(RuleViolated, match=code):
        land.take(subject(1), change(decided, **fields))


@pytest.mark.rule("change-not-cited", "reservation-over")
def test_a_number_is_kept_by_citing_the_change_until_a_stated_second(land):
    decided = events_of(land, 11, c.ForeseeParcel(change=CHANGE))
    for bad, code in (
        (decided._replace(cites=()), "change-not-cited"),
        (change(decided, expires="2026-11-22T00:00:00Z"), "reservation-over"),
    ):
        with refused(code):
            land.take(subject(11), bad)
    land.take(subject(11), decided)
    with refused("already-open"):
        land.take(subject(11), decided)


@pytest.mark.rule("not-reserved", "not-expired")
def test_a_release_cites_what_decided_the_change_and_no_earlier_than_it_says(land):
    land.keep()
    for last in (1, 11):
        for data, cites, code in (
            (p.Released(CHANGE, "withdrawn"), FIRST, "change-not-cited"),
            (p.Released("parcel_change:2026-118", "withdrawn"), (Citation(CHANGE, 2),), "not-reserved"),
            (p.Released(CHANGE, "expired"), (Citation(CHANGE, 2),), "not-expired"),
        ):
            with refused(code):
                land.take(subject(last), Decided("released", 1, data, cites))
        land.take(
            subject(last), Decided("released", 1, p.Released(CHANGE, "expired"), (Citation(CHANGE, 2),)), time=LATER
        )
    with refused("not-reserved"):
        land.take(subject(1), Decided("released", 1, p.Released(CHANGE, "withdrawn"), (Citation(CHANGE, 2),)))


@pytest.mark.rule("burden-dropped", "into-itself")
def test_a_parcel_ends_as_reserved_and_drops_no_burden(land):
    with refused("not-reserved"):
        data = p.Divided(CHANGE, (number(11), number(12)), (1,), (1,), (), "2026-11-20", APPLICATION)
        land.take(subject(1), Decided("divided", 2, data, (Citation(CHANGE, 2),)))
    land.keep()
    land.approve()
    decided = events_of(land, 1, c.EndParcel(change=CHANGE))
    for bad, code in (
        (decided._replace(cites=FIRST), "change-not-cited"),
        (change(decided, change="parcel_change:2026-118"), "not-reserved"),
        (change(decided, into=(number(1), number(11))), "into-itself"),
        (change(decided, mortgages=()), "burden-dropped"),
        (change(decided, use_rights=()), "burden-dropped"),
        (change(decided, seizures=(1,)), "burden-dropped"),
    ):
        with refused(code):
            land.take(subject(1), bad)
    before = DividedBefore((number(11), number(12)), "2026-11-20", APPLICATION, None)
    with refused("reserved"):
        land.take(subject(1), Decided("divided", 1, before))
    land.parcel(1).do(parcels.EndUseRight(number=1, valid_from="2026-11-19", basis=CONTRACT))
    with refused("burden-dropped"):
        land.take(subject(1), decided)


@pytest.mark.rule("parent-not-cited", "burden-origin", "not-foreseen", "number", "area-exceeded", "person-id-used")
def test_a_parcel_is_formed_of_its_number_with_what_its_parents_had(land):
    land.keep()
    land.approve()
    land.do(subject(1), c.EndParcel(change=CHANGE))
    decided = events_of(land, 11, c.FormParcel(change=CHANGE))
    data: p.Formed = decided.data  # type: ignore[assignment]
    owner, (right,), (mortgage,) = data.owners[0], data.use_rights, data.mortgages
    for bad, code in (
        (decided._replace(cites=DECIDED), "parent-not-cited"),
        (decided._replace(cites=decided.cites[1:]), "change-not-cited"),
        (change(decided, change="parcel_change:2026-118"), "not-reserved"),
        (change(decided, owners=(owner,)), "shares-not-whole"),
        (change(decided, owners=(owner, owner)), "person-id-used"),
        (change(decided, mortgages=(dataclasses.replace(mortgage, number=2),)), "number"),
        (change(decided, mortgages=(dataclasses.replace(mortgage, parent=number(2)),)), "burden-origin"),
        (change(decided, mortgages=(mortgage, dataclasses.replace(mortgage, number=2))), "burden-origin"),
        (change(decided, mortgages=(dataclasses.replace(mortgage, valid_to="2025"),)), "valid-time"),
        (change(decided, use_rights=(dataclasses.replace(right, area_m2=10_001),)), "area-exceeded"),
    ):
        with refused(code):
            land.take(subject(11), bad)
    with refused("not-foreseen"):
        land.record(2, "1/1")
        land.take(subject(2), decided)
    land.take(subject(11), decided)


def test_a_person_who_passes_on_is_sealed_anew(land, monkeypatch):
    land.keep()
    land.approve()
    land.do(subject(1), c.EndParcel(change=CHANGE))
    monkeypatch.setattr("services.registers.gathering._persons", lambda _parcel: set())
    with refused("person-not-sealed"):
        land.do(subject(11), c.FormParcel(change=CHANGE))


@pytest.mark.rule("another-plan", "reservation-not-cited", "change-expired")
def test_what_is_authorised_is_this_plan_in_time_with_everything_kept(land):
    land.keep()
    kept = tuple(Citation(subject(last), 1) for last in THREE)
    fine = (Citation(subject(1), 5), *kept)
    authorised = Decided("authorised", 1, e.Authorised(land.change.plan))
    other = Decided("authorised", 1, e.Authorised("A" * 43))
    stream = land.stream(CHANGE)
    content = PARCEL_CHANGE.encode_data(other)
    land.take(CHANGE, Decided("proposed", 1, Proposed("authorised", 1, content)))
    for proposal in (2, 3):
        land.take(CHANGE, Decided("approved", 1, Approved(proposal)), actor=TWO)
    assert all(proposal.approved for proposal in stream.state.standing.proposals)
    for decided, how, code in (
        (other._replace(cites=fine), {}, "another-plan"),
        (authorised._replace(cites=kept), {}, "reservation-not-cited"),
        (authorised._replace(cites=(Citation(subject(1), 4), *kept)), {}, "reservation-not-cited"),
        (authorised._replace(cites=fine[:-1]), {}, "reservation-not-cited"),
        (authorised._replace(cites=fine), {"time": LATER}, "change-expired"),
    ):
        with refused(code):
            land.take(CHANGE, decided, **how)
    land.take(CHANGE, authorised._replace(cites=fine), actor=TWO)
    with refused("four-eyes"):
        land.take(CHANGE, authorised._replace(cites=fine), actor=TWO)


@pytest.mark.rule("parts-not-cited", "not-as-planned", "burden-dropped")
def test_a_change_is_completed_by_all_its_parts_and_no_others(land):
    land.keep()
    land.approve()
    land.follow()
    stream = land.stream(CHANGE)
    fact = stream.facts[-1]
    stream.events = stream.events[:-1]
    stream.state = dataclasses.replace(
        stream.state, standing=dataclasses.replace(stream.state.standing, status="live"), phase="authorised"
    )
    decided = Decided("completed", 1, fact.data, fact.cites)
    data: e.Completed = fact.data  # type: ignore[assignment]
    (ending,), formations, (right,) = data.endings, data.formations, data.use_rights
    lighter = tuple(dataclasses.replace(one, area_m2=one.area_m2 - 1) for one in formations)
    unburdened = (dataclasses.replace(formations[0], mortgages=0), *formations[1:])
    for bad, code in (
        (decided._replace(cites=decided.cites[1:]), "parts-not-cited"),
        (decided._replace(cites=(*decided.cites, Citation(CHANGE, 1))), "parts-not-cited"),
        (change(decided, formations=lighter), "not-as-planned"),
        (change(decided, formations=unburdened), "burden-dropped"),
        (change(decided, use_rights=()), "burden-dropped"),
        (change(decided, use_rights=(right, right)), "burden-dropped"),
        (change(decided, use_rights=(dataclasses.replace(right, children=(1, 2)),)), "burden-dropped"),
        (change(decided, endings=(dataclasses.replace(ending, seizures=(1,)),)), "burden-dropped"),
    ):
        with refused(code):
            land.take(CHANGE, bad)
    fewer = change(decided, formations=formations[1:])
    with refused("not-as-planned"):
        land.take(CHANGE, fewer._replace(cites=tuple(c for c in decided.cites if c.subject != subject(11))))
    land.take(CHANGE, decided)


def test_an_annulment_carries_the_same_change_without_effect(land):
    with refused("change-phase"):
        land.do(CHANGE, c.AnnulChange(by="court", basis=COURT))
    land.keep()
    land.approve()
    land.do(CHANGE, c.AnnulChange(by="court", basis=COURT))
    proposed = land.stream(CHANGE).facts[-1]
    content = dict(proposed.data.content)  # type: ignore[attr-defined]
    content["state"] = {**content["state"], "tolerance_m2": 5}
    with refused("another-plan"):
        land.take(CHANGE, Decided("proposed", 1, Proposed("annulled", 1, content)))


@pytest.mark.parametrize("fields", [{"kind": "merger"}, {"phase": "planned"}, {"children": ()}])
def test_a_carried_state_is_a_change(land, fields):
    land.keep()
    land.approve()
    state = dataclasses.replace(land.change, standing=dataclasses.replace(land.change.standing, status="ended"))
    with pytest.raises(RuleViolated):
        PARCEL_CHANGE.check_state(dataclasses.replace(state, **fields))
