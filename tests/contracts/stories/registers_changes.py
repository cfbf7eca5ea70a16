"""Stories of changes of parcels: a division, a merger, one given up, one that a court undoes; all their parcels."""

from collections.abc import Iterator

from litopys.sourcing.common import Voided
from litopys.sourcing.facts import Fact
from services.registers.domain.land_parcel import commands as parcels
from services.registers.domain.land_parcel.events import Boundary
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change.events import PlacedUseRight, PlannedShare
from tests.support.changes import APPLICATION, CHANGE, LATER, Land, number
from tests.support.driving import CONTRACT, COURT, TWO
from tests.support.parcels import DETAILS, Parcel

SQUARE = Boundary("EPSG:4326", "Polygon", "[[[33.940184,49.297266],[33.938536,49.299035],[33.940184,49.297266]]]")


def stories() -> dict[str, Parcel]:
    """Streams by name of the story."""
    division, merger, abandoned = _division(), _merger(), _abandoned()
    return {
        "change_division": division.stream(CHANGE),
        "change_division_parent": division.parcel(1),
        "change_division_child": division.parcel(11),
        "change_merger": merger.stream(CHANGE),
        "change_merger_parent": merger.parcel(1),
        "change_merger_child": merger.parcel(11),
        "change_abandoned": abandoned.stream(CHANGE),
        "change_abandoned_parent": abandoned.parcel(1),
        "change_abandoned_child": abandoned.parcel(11),
        "change_recorded": _recorded().stream(CHANGE),
    }


def busy_change(count: int) -> Iterator[Fact]:
    """A change with as many parcels as there can be, annulled in the end; its own events are few, so it is voided."""
    land = Land()
    land.record(1, "1/1")
    land.carry_through([1], {100 + place: 1 if place else 34_769 for place in range(32)})
    stream = _annulled(land).stream(CHANGE)
    yield from stream.facts
    for version in range(stream.version + 1, count + 1):
        yield stream.facts[0]._replace(version=version, name="voided", data=Voided("rule"))


def _division() -> Land:
    """Divide a burdened, mortgaged parcel in three; a seizure comes while it is under way; a court undoes it all."""
    land = Land()
    parcel = land.record(1, "1/3", "2/3")
    parcel.do(
        parcels.RegisterUseRight(
            kind="servitude", holder=parcel.person(), area_m2=120, valid_from="2020", valid_to="2031", basis=CONTRACT
        )
    )
    parcel.do(parcel.mortgage())
    parcel.do(parcels.ConsentToTransfer(mortgage=1, valid_from="2026-02-01", basis=CONTRACT))
    one, two = parcel.holders()
    children = (
        c.NewParcel(number=number(11), area_m2=10_000, boundary=SQUARE, use_rights=(PlacedUseRight(number(1), 1),)),
        c.NewParcel(number=number(12), area_m2=10_000, title=(PlannedShare(number(1), one, "1/1"),)),
        c.NewParcel(number=number(13), area_m2=14_799, details=DETAILS, title=(PlannedShare(number(1), two, "1/1"),)),
    )
    land.propose([1], {}, children=children, tolerance_m2=1)
    land.keep()
    land.approve()
    parcel.do(parcel.seize(on="2026-11-22"))
    land.follow()
    return _annulled(land)


def _annulled(land: Land) -> Land:
    land.do(CHANGE, c.AnnulChange(by="court", basis=COURT))
    land.do(CHANGE, c.ApproveChange(proposal=land.stream(CHANGE).version), actor=TWO)
    return land


def _recorded() -> Land:
    """Take over a division whose areas never added up; a court undoes it."""
    land = Land()
    land.do(CHANGE, told_division(12_000, 22_000))
    return _annulled(land)


def told_division(*areas: int) -> c.RecordChange:
    """A division of 34,800 m² that another register carried out."""
    return c.RecordChange(
        as_of="2021-11-03",
        kind="division",
        phase="completed",
        parents=(c.ToldParcel(number=number(1), area_m2=34_800),),
        children=tuple(c.ToldParcel(number=number(10 + place), area_m2=area) for place, area in enumerate(areas, 1)),
        valid_from="2019-03-01",
        basis=CONTRACT,
    )


def _merger() -> Land:
    land = Land()
    land.record(1, "1/1", area_m2=100)
    land.record(2, area_m2=200)
    title = (PlannedShare(number(1), land.parcel(1).holders()[0], "1/1"),)
    land.propose([1, 2], {}, children=(c.NewParcel(number=number(11), area_m2=300, title=title),))
    land.keep()
    land.approve()
    land.follow()
    return land


def _abandoned() -> Land:
    land = Land()
    land.record(1, "1/1")
    land.propose([1], {11: 30_000, 12: 4_800})
    land.keep()
    land.do(CHANGE, c.AbandonChange(reason="expired", basis=APPLICATION), time=LATER)
    for last in (1, 11, 12):
        land.do(f"land_parcel:{number(last)}", c.ReleaseParcel(change=CHANGE), time=LATER)
    land.record(11, "1/1", area_m2=77)
    return land
