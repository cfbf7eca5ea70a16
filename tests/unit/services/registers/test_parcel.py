from dataclasses import replace

import pytest

from litopys.event.cloudevents import format_event
from litopys.event.streams import Citation
from litopys.sourcing import MOST_STATE_BYTES, decode_state, encode_state
from litopys.sourcing import commands as common
from litopys.sourcing.common import Approved, Basis, Corrected, Proposal, Proposed, Standing, Voided
from litopys.sourcing.facts import Decided
from litopys.sourcing.money import Money
from litopys.sourcing.shapes import ShapeMismatch
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel import events as e
from services.registers.domain.land_parcel import state as st
from services.registers.domain.land_parcel.events import Boundary
from tests.support.parcels import CONTRACT, COURT, IMPORTED, MIGRATION, ONE, THREE, TWO, Parcel, refused


def correct(field="details/purpose_code", old="01.01", new="01.03"):
    return common.Correct(field=field, old=old, new=new, basis=COURT)


SQUARE = Boundary("EPSG:4326", "Polygon", "[[[33.940184,49.297266],[33.938536,49.299035],[33.940184,49.297266]]]")


def test_nothing_but_recorded_begins():
    parcel = Parcel()
    for command in (parcel.seize(), parcel.transfer(), correct()):
        with refused("not-open"):
            parcel.do(command)
    parcel.record("1/1")
    with refused("already-open"):
        parcel.record("1/1")


def test_boundary_and_valuation():
    parcel = Parcel().record(boundary=SQUARE)
    first = parcel.state.boundary
    parcel.do(c.CorrectBoundary(area_m2=34810, boundary=None, valid_from="2026-03-01", basis=CONTRACT))
    assert (parcel.state.area_m2, parcel.state.boundary) == (34810, None)
    parcel.do(c.CorrectBoundary(area_m2=34800, boundary=SQUARE, valid_from="2026-03-02", basis=CONTRACT))
    assert parcel.state.boundary == first
    parcel.do(c.CorrectBoundary(area_m2=5, boundary=None, valid_from="2026-02-28", basis=CONTRACT))  # late
    assert (parcel.state.area_m2, parcel.state.boundary) == (34800, first)
    parcel.do(c.Value(amount=Money(10191409, "UAH"), valid_from="2024", basis=CONTRACT))
    parcel.do(c.Value(amount=Money(1, "UAH"), valid_from="2023", basis=CONTRACT))  # late: recorded, not the latest
    assert parcel.state.valuation.amount.minor == 10191409


@pytest.mark.parametrize("area", [0, -1, 10**13])
def test_area_is_whole_square_metres(area):
    with pytest.raises(ShapeMismatch):
        Parcel().record(area_m2=area)


@pytest.mark.rule("boundary-digest", "holders-not-described", "state-unsound")
def test_a_recorded_state_says_what_the_event_carries():
    parcel = Parcel().record("1/1", boundary=SQUARE)
    recorded = parcel.facts[0].data
    for bad, code in (
        (replace(recorded, boundary=None), "boundary-digest"),
        (replace(recorded, holders=()), "holders-not-described"),
        (replace(recorded, state=replace(recorded.state, ended_by="closed")), "state-unsound"),
        (replace(recorded, state=replace(recorded.state, holdings=recorded.state.holdings * 2)), "state-unsound"),
    ):
        with refused(code):
            Parcel().take(Decided("recorded", 1, bad))


@pytest.mark.parametrize(
    "ending",
    [
        Decided("divided", 1, e.Divided(("5322081200:00:001:0101", "5322081200:00:001:0102"), "2026", CONTRACT, None)),
        Decided("merged", 1, e.Merged("5322081200:00:001:0101", "2026-03-01", CONTRACT, None)),
        Decided("closed", 1, e.Closed("скасування", "2026-03-01", CONTRACT, None)),
    ],
)
def test_what_has_ended_accepts_nothing_but_correction(ending):
    parcel = Parcel().record("1/1")
    parcel.take(ending)
    assert parcel.state.standing.status == "ended"
    for later in (parcel.seize(), parcel.mortgage(), parcel.transfer()):
        with refused("ended"):
            parcel.do(later)
    with refused("ended"):
        parcel.take(ending)
    parcel.both(correct())
    assert parcel.state.details.purpose_code == "01.03"
    parcel.both(common.Reinstate(by="court", basis=COURT))
    assert (parcel.state.standing.status, parcel.state.ended_by) == ("live", None)
    parcel.do(parcel.seize())


def test_an_ended_parcel_takes_no_proposal_of_a_transfer():
    living, ended = Parcel().record("1/1"), Parcel().record("1/1")
    living.do(living.transfer())
    proposed = Decided("proposed", 1, living.facts[-1].data)
    ended.do(c.Close(reason="скасування", valid_from="2026-03-01", basis=CONTRACT))
    with refused("ended"):
        ended.take(proposed)


def test_a_parcel_does_not_become_itself():
    parcel = Parcel().record()
    own = parcel.subject.partition(":")[2]
    with refused("into-itself"):
        parcel.take(Decided("merged", 1, e.Merged(own, "2026-03-01", CONTRACT, None)))
    with refused("into-itself"):
        parcel.take(Decided("divided", 1, e.Divided((own, "5322081200:00:001:0102"), "2026-03-01", CONTRACT, None)))


def test_a_correction_says_what_stood_there():
    parcel = Parcel().record("1/1")
    parcel.do(parcel.mortgage())
    with refused("old-value"):
        parcel.do(correct(old="01.02"))
    with refused("nothing-corrected"):
        parcel.do(correct(new="01.01"))
    for field in ("details", "details/nothing", "mortgages/2/valid_to", "holdings"):
        with refused("no-such-field"):
            parcel.do(correct(field=field))
    for field in ("numbers/seizure", "standing/status", "horizon", "boundary", "ended_by"):
        with refused("not-correctable"):
            parcel.do(correct(field=field))
    with pytest.raises(ShapeMismatch):
        parcel.do(correct(field="area_m2", old=34800, new=-1))
    parcel.both(correct(field="mortgages/1/valid_from", old="2026-01-10", new="2026-01-11"))
    assert parcel.state.mortgages[0].valid_from == "2026-01-11"
    holder = parcel.holders()[0]
    with refused("contradiction"):
        parcel.do(correct(field=f"holdings/{holder}/share", old="1/1", new="1/2"))


def test_a_correction_of_an_inherited_contradiction():
    parcel = Parcel().record("1/2", "1/3")
    holder = parcel.holders()[1]
    parcel.both(correct(field=f"holdings/{holder}/share", old="1/3", new="1/2"))
    assert parcel.state.standing.inconsistent == ()


def test_annulment_takes_the_state_before_a_version():
    parcel = Parcel().record("1/1")
    before = parcel.state
    parcel.both(parcel.transfer("1/2", "1/2"))
    parcel.do(parcel.seize(on="2026-04-01"))
    with refused("annulled-from"):
        parcel.do(common.Annul(by="court", basis=COURT, from_version=9))
    with refused("annulled-state"):
        parcel.do(common.Annul(by="court", basis=COURT, from_version=1))
    with refused("annulled-from"):
        parcel.do(common.Annul(by="court", basis=COURT, from_version=2, from_moment="2026", state=before))
    parcel.both(common.Annul(by="court", basis=COURT, from_version=2))
    assert parcel.state.holdings == before.holdings
    assert parcel.state.seizures == ()
    assert parcel.state.numbers.seizure == 1  # no number is given twice
    parcel.do(parcel.seize(on="2026-05-01"))
    assert parcel.state.seizures[0].number == 2


def test_an_annulled_state_is_checked():
    parcel = Parcel().record("1/1")
    unsound = replace(parcel.state, holdings=(replace(parcel.state.holdings[0], share="1/2"),))
    parcel.do(common.Annul(by="court", basis=COURT, from_moment="2020", state=unsound))
    assert parcel.events[-1].data["content"]["state"]["standing"]["inconsistent"] == ["shares-not-whole"]
    content = {**parcel.events[-1].data["content"]}
    content["state"] = {**content["state"], "standing": {"status": "live", "proposals": [], "inconsistent": []}}
    parcel.take(Decided("proposed", 1, Proposed("annulled", 1, content)))
    with refused("contradictions-unlisted"):
        parcel.agree()


def test_superseded_lives_no_more():
    parcel = Parcel().record("1/1")
    with refused("superseded-by-itself"):
        parcel.do(common.Supersede(by=parcel.subject, basis=COURT))
    parcel.both(common.Supersede(by="land_parcel:5322081200:00:001:0101", basis=COURT))
    assert parcel.state.standing.status == "superseded"
    with refused("ended"):
        parcel.do(parcel.seize())


def test_voided_is_accepted_in_every_state_and_changes_nothing():
    parcel = Parcel()
    void = Decided("voided", 1, Voided("rule"))
    parcel.take(void)
    assert parcel.state is None
    parcel.record("1/1")
    state = parcel.state
    parcel.take(void)
    assert parcel.state is state
    parcel.do(c.Close(reason="скасування", valid_from="2026-03-01", basis=CONTRACT))
    state = parcel.state
    parcel.take(void)
    assert parcel.state is state


def test_what_is_approved_is_what_was_proposed():
    parcel = Parcel().record("1/1")
    parcel.do(correct())
    parcel.take(Decided("approved", 1, Approved(2)), TWO)
    for data in (
        Corrected("details/purpose_code", "01.01", "01.02", COURT, None),
        Corrected("details/purpose_code", "01.01", "01.03", CONTRACT, None),
    ):
        with refused("four-eyes"):
            parcel.take(Decided("corrected", 1, data), ONE)
    parcel.take(Decided("corrected", 1, Corrected("details/purpose_code", "01.01", "01.03", COURT, None)), ONE)
    with refused("four-eyes"):  # used up
        parcel.take(Decided("corrected", 1, Corrected("details/purpose_code", "01.03", "01.01", COURT, None)), ONE)


def test_approval_needs_a_proposal_and_comes_once():
    parcel = Parcel().record("1/1")
    with refused("no-such-proposal"):
        parcel.do(common.Approve(proposal=1))
    with refused("no-such-proposal"):
        parcel.do(common.Approve(proposal=7))
    parcel.do(correct())
    parcel.take(Decided("approved", 1, Approved(2)), TWO)
    with refused("already-approved"):
        parcel.take(Decided("approved", 1, Approved(2)), THREE)


def test_the_oldest_proposal_lapses():
    parcel = Parcel().record("1/1")
    for new in ("01.03", "01.04", "01.05", "01.06", "01.07"):
        parcel.do(correct(new=new))
    assert [p.version for p in parcel.state.standing.proposals] == [3, 4, 5, 6]
    with refused("no-such-proposal"):
        parcel.do(common.Approve(proposal=2), TWO)
    assert parcel.do(common.Approve(proposal=4), TWO) == ["approved", "corrected"]
    assert parcel.state.details.purpose_code == "01.05"
    with refused("old-value"):  # the other proposals speak of a value that stands there no more
        parcel.do(common.Approve(proposal=5), TWO)


def test_a_migrated_change_cites_its_import():
    parcel = Parcel().record("1/1")
    data = Corrected("details/purpose_code", "01.01", "01.03", MIGRATION, IMPORTED)
    with refused("four-eyes"):
        parcel.take(Decided("corrected", 1, data))
    other = (Citation(f"registers_import:{'b' * 32}", 1),)
    with refused("four-eyes"):
        parcel.take(Decided("corrected", 1, data, other))
    own = (Citation(f"registers_import:{IMPORTED.id}", 1),)
    with refused("four-eyes"):
        parcel.take(Decided("corrected", 1, replace(data, imported=None), own))
    parcel.take(Decided("corrected", 1, data, own))


def test_no_personal_field_gets_into_an_event():
    parcel = Parcel()
    secret = "Таємниця"
    owner = parcel.owner("1/1", name=secret, code="77777", document=f"паспорт {secret}", address=f"вул. {secret}")
    parcel.do(
        c.RecordParcel(
            as_of="2021",
            area_m2=1,
            details=replace(Parcel().record().state.details),
            boundary=None,
            basis=Basis("registrar", "картка", None),
            owners=(owner,),
        )
    )
    value = format_event(parcel.events[0]).decode()
    assert secret not in value
    assert "77777" not in value
    person = parcel.events[0].data["holders"][0]["persons"][0]
    assert list(person) == ["id", "_sd"]
    assert len(person["_sd"]) == 6
    assert parcel.events[0].data["_sd_alg"] == "sha-256"


def test_absent_fields_have_decoys():
    parcel = Parcel()
    bare = parcel.person(code=None, document=None)
    assert len(bare.sd) == len(parcel.person(address="вул. Уявна, 1").sd) == 6
    assert set(bare.fields) == {"kind", "name"}


def test_the_largest_state_that_its_shape_allows_is_small():
    moment, text = "2026-11-23T10:00:00Z", "ї" * 300 + '"' * 50
    holdings = tuple(st.Holding(f"{i:032x}", f"{10**8 + i}/999999937", moment, moment) for i in range(40))
    number, version = 2**53 - 1, 2**53 - 1
    state = st.ParcelState(
        standing=Standing(
            "superseded",
            (Proposal(version, "c" * 63, number, "D" * 43, "a" * 200, approved=False),) * 4,
            ("shares-not-whole",),
        ),
        area_m2=10**13 - 1,
        boundary="D" * 43,
        measured_from=moment,
        details=st.Details(text, text[:125], "01.01", text, text, "communal"),
        valuation=st.Valuation(Money(number, "UAH"), moment),
        holdings=holdings,
        use_rights=(st.UseRight(number, "permanent_use", moment, moment),) * 16,
        mortgages=(st.Mortgage(number, moment, moment),) * 12,
        consents=(st.Consent(version, number, moment, moment),) * 12,
        seizures=(st.Seizure(number, moment, moment),) * 12,
        numbers=st.Numbers(number, number, number),
        horizon=moment,
        ended_by="divided",
    )
    encoded = encode_state(state)
    assert decode_state(st.ParcelState, encoded) == state
    assert len(encoded) <= MOST_STATE_BYTES


def test_a_correction_reaches_the_latest_of_one_name():
    parcel = Parcel().record("1/1")
    giver = parcel.holders()[0]
    given = {"holder": giver, "ground": "gift", "valid_from": "2026-03-01", "basis": CONTRACT}
    parcel.both(c.TransferShare(owners=(parcel.owner("1/2"),), **given))
    parcel.both(correct(field=f"holdings/{giver}/valid_from", old="2026-03-01", new="2026-03-02"))
    assert [holding.valid_from for holding in parcel.state.holdings if holding.id == giver] == ["2015", "2026-03-02"]
