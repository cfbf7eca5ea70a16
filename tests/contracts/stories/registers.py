"""Stories of the registers: every event of every stream at least once, and a parcel that is never left in peace."""

import random
from collections.abc import Iterator

from litopys.sourcing import commands as common
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.money import Money
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.events import Boundary, Closed, Divided, Merged
from services.registers.domain.land_parcel.state import Details
from tests.contracts.stories import registers_changes as changes
from tests.contracts.stories import registers_entities
from tests.support.driving import Driven, busy_frame, frame_stories, keep_busy
from tests.support.parcels import CONTRACT, COURT, DOMAIN, MIGRATION, Parcel

RULES = 1
SQUARE = Boundary("EPSG:4326", "Polygon", "[[[33.940184,49.297266],[33.938536,49.299035],[33.940184,49.297266]]]")


def stories() -> dict[str, Driven]:
    """Streams by name of the story."""
    return {
        "life": _life(),
        "divided": _ended("divided", Divided((_number(2), _number(3)), "2026-03-01", CONTRACT, None), 10),
        "merged": _ended("merged", Merged(_number(2), "2026-03", CONTRACT, None), 11),
        "closed": _ended("closed", Closed("скасування реєстрації", "2026", COURT, None), 12),
        "superseded": _superseded(),
        **changes.stories(),
        **registers_entities.stories(),
        **frame_stories(DOMAIN),
    }


def busy(aggregate: str, count: int) -> Iterator[Fact]:
    """Facts of one stream, `count` of them, by commands drawn at random: whatever the rules allow."""
    if aggregate == "land_parcel":
        return _busy_parcel(count)
    if aggregate == "parcel_change":
        return changes.busy_change(count)
    if aggregate in ("legal_entity", "establishment"):
        return registers_entities.busy(aggregate, count)
    return busy_frame(DOMAIN, aggregate, count)


def _number(last: int) -> str:
    return f"5322081200:00:001:{last:04}"


def _life() -> Parcel:
    p = Parcel(seed=1).record(boundary=SQUARE)
    owners = (p.owner("1/2", persons=2), p.owner("1/3"), p.owner("1/6"))
    p.do(c.RegisterTitle(owners=owners, valid_from="2015-03-02", basis=CONTRACT))
    p.do(c.CorrectBoundary(area_m2=34810, boundary=SQUARE, valid_from="2016", basis=CONTRACT))
    p.do(c.Value(amount=Money(10191409, "UAH"), valid_from="2017-05", basis=CONTRACT))
    lease = {"kind": "lease", "holder": p.person("ТОВ «Зразкове поле»", kind="legal", code="99000015")}
    p.do(c.RegisterUseRight(**lease, valid_from="2018", valid_to="2030", basis=CONTRACT))
    p.do(c.EndUseRight(number=1, valid_from="2019-01-01T10:00:00Z", basis=CONTRACT))
    p.do(p.mortgage(on="2020-01-01", amount=Money(25000000, "UAH")))
    p.do(c.ConsentToTransfer(mortgage=1, valid_from="2020-02-01", basis=CONTRACT))
    holder = p.holders()[2]
    gift = {"ground": "gift", "valid_from": "2020-03-01", "basis": CONTRACT, "consents": (p.version,)}
    p.both(c.TransferShare(holder=holder, owners=(p.owner("1/12"),), **gift))
    p.do(c.ReleaseMortgage(number=1, valid_from="2020-06", basis=CONTRACT))
    p.both(c.Inherit(holder=p.holders()[0], owners=(p.owner("1/2"),), valid_from="2021", basis=CONTRACT))
    p.do(p.seize(on="2022-01-01"))
    p.void()
    p.both(p.transfer("2/3", "1/3", on="2022-02-01", ground="court"))
    p.both(c.LiftSeizure(number=1, valid_from="2022-03-01", basis=COURT))
    p.both(common.Correct(field="details/purpose_code", old="01.01", new="01.03", basis=COURT))
    p.both(common.Annul(by="court", basis=COURT, from_version=p.version - 6))
    return p


def _ended(name: str, data: object, seed: int) -> Parcel:
    p = Parcel(f"land_parcel:{_number(seed)}", seed=seed).record("1/2", "1/3")
    p.take(Decided(name, 1, data))
    p.both(common.Reinstate(by="court", basis=COURT))
    return p


def _superseded() -> Parcel:
    p = Parcel(f"land_parcel:{_number(20)}", seed=20).record()
    p.both(common.Supersede(by=f"land_parcel:{_number(1)}", basis=COURT))
    return p


def _busy_parcel(count: int) -> Iterator[Fact]:
    long = "ї" * 350
    details = Details(long, long[:125], "01.01", long, long, "private")
    p = Parcel(seed=5).record(*["1/32"] * 32, details=details, since="1950", basis=MIGRATION)
    return keep_busy(p, lambda draw, on: _anything(p, draw, on), count)


def _anything(p: Parcel, draw: random.Random, on: str) -> object:
    """Some command that is often enough allowed, and more often adds than ends."""
    if draw.random() < 0.02:
        return p.transfer(*["1/32"] * 32, on=on, ground="court")
    kinds = ("lease", "emphyteusis", "superficies", "servitude")
    return draw.choice(
        (
            lambda: p.mortgage(on=on),
            lambda: p.seize(on=on, until=f"{on[:8]}{int(on[8:]) + 1:02}T00:00:00Z"),
            lambda: c.ConsentToTransfer(mortgage=p.state.numbers.mortgage or 1, valid_from=on, basis=CONTRACT),
            lambda: c.RegisterUseRight(
                kind=draw.choice(kinds), holder=p.person(), valid_from=on, area_m2=5, basis=CONTRACT
            ),
            lambda: c.EndUseRight(number=max(1, p.state.numbers.use_right - 15), valid_from=on, basis=CONTRACT),
            lambda: c.ReleaseMortgage(number=max(1, p.state.numbers.mortgage - 11), valid_from=on, basis=CONTRACT),
            lambda: c.Value(amount=Money(2**53 - 1, "UAH"), valid_from=on, basis=CONTRACT),
        )
    )()
