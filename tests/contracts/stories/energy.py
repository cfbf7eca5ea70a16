"""Stories of energy: every event of every stream at least once, and streams that are never left in peace."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from litopys.sourcing import commands as common
from litopys.sourcing.common import LIVE
from litopys.sourcing.facts import Fact
from services.energy.domain.generation_account import commands as a
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.guarantee_of_origin import commands as g
from services.energy.domain.guarantee_of_origin.state import GuaranteeState
from services.energy.domain.hours import hour_at
from services.energy.domain.market_interval import commands as m
from services.energy.domain.market_interval.state import IntervalState, Price, Rate
from services.energy.domain.recording import Record
from tests.support.driving import COURT, Driven, busy_frame, frame_stories, keep_busy
from tests.support.energy import (
    BEGIN,
    BUYER,
    DOMAIN,
    END,
    HOUSEHOLD,
    LAW,
    METERS,
    MWH,
    PLANT,
    SETTLED,
    SUPPLIER,
    TRADER,
    ZONE,
    Account,
    Batch,
    Interval,
    at,
    readings,
)

RULES = 1
MOST = 2**34 - 1
OCTOBER = "1949-09-30T22:00:00Z"


def stories() -> dict[str, Driven]:
    """Streams by name of the story."""
    return {
        "month": _month(),
        "household": _household(),
        "account_recorded": _account_recorded(),
        "batch": _batch(),
        "part_redeemed": _part_redeemed(),
        "part_expired": Batch(61, 100, seed=13).separate(_name(1, 100)),
        "batch_withdrawn": _batch_withdrawn(),
        "batch_recorded": _batch_recorded(),
        "price": _price(),
        "price_recorded": _price_recorded(),
        **frame_stories(DOMAIN),
    }


def busy(aggregate: str, count: int) -> Iterator[Fact]:
    """Facts of one stream, `count` of them, by commands drawn at random: whatever the rules allow."""
    if aggregate == "generation_account":
        return _kept_busy(_quarter_hours(), _any_of_account, count)
    if aggregate == "guarantee_of_origin":
        return _kept_busy(_batch_recorded(), _any_of_batch, count)
    if aggregate == "market_interval":
        return _kept_busy(_price(), _any_of_interval, count)
    return busy_frame(DOMAIN, aggregate, count)


def _kept_busy(stream: Driven, anything: Callable[..., object], count: int) -> Iterator[Fact]:
    return keep_busy(stream, lambda draw, on: anything(stream, draw, on), count)


def _name(first: int, last: int) -> str:
    return f"guarantee_of_origin:{PLANT}:2024-03:{first}-{last}"


def _month() -> Account:
    p = Account(seed=1).open(carried_in_wh=None)
    p.do(a.CarryRemainder(carried_in_wh=417_000, closed_at=748, basis=METERS))
    p.meter(0, -14_171_000, -12_752_000).meter(10, 100 * MWH + 171_000).meter(11, 90 * MWH)
    p.correct(11, 90 * MWH, 89 * MWH + 1, corrects=5)
    p.issue(150).use(1).issue()
    p.void()
    p.correct(10, 100 * MWH + 171_000, 91 * MWH, corrects=4)
    p.both(a.WithdrawCertificate(first=151, last=162, valid_from=SETTLED, basis=COURT))
    p.both(a.WithdrawCertificate(first=1, last=50, withdrawn_at=4, valid_from=SETTLED, basis=COURT))
    p.both(common.Correct(field="technology", old="solar", new="mixed", basis=COURT))
    p.close()
    p.both(common.Reinstate(by="registrar", basis=COURT))
    p.both(common.Annul(by="court", basis=COURT, from_version=4))
    p.both(common.Supersede(by="generation_account:99WUA-GB-WIND--R:2024-03", basis=COURT))
    return p


def _household() -> Account:
    p = Account(f"generation_account:{HOUSEHOLD}:2024-03", seed=2).household(interval="PT15M")
    sealed = p.sealed(*[1_204, -310, 4, 0] * 2)
    p.do(a.MeterSealedOutput(valid_from=at(4), hours=2, readings=sealed, basis=METERS))
    p.do(a.CorrectSealedReading(valid_from=at(5), corrects=2, readings=p.sealed(1, 2, 3, 4), basis=METERS))
    p.do(a.CertifyOutput(certified_wh=3_204_118, basis=METERS))
    p.issue().use(1).close()
    return p


def _account_recorded() -> Account:
    p = Account(seed=3)
    p.do(Record(as_of="2024-04-01", state=Account().open().meter(3, 5 * MWH).state, basis=METERS))
    return p


def _batch() -> Batch:
    p = Batch(seed=11).issue().transfer(TRADER)
    p.both(common.Correct(field="technology", old="solar", new="mixed", basis=COURT))
    p.both(common.Annul(by="court", basis=COURT, from_version=2))
    p.void()
    p.do(g.SplitGuarantee(holder=BUYER, mwh=(60, 40), valid_from="2024-05-02", basis=METERS))
    return p


def _part_redeemed() -> Batch:
    p = Batch(1, 60, seed=12).separate(_name(1, 100)).redeem()
    p.both(common.Reinstate(by="court", basis=COURT))
    p.do(g.ExpireGuarantee(basis=LAW))
    return p


def _batch_withdrawn() -> Batch:
    p = Batch(101, 150, seed=14).issue(certificate=2, certified_at=9)
    p.both(g.WithdrawGuarantee(valid_from="2024-05-02", basis=COURT))
    p.both(common.Supersede(by=_name(1, 150), basis=COURT))
    return p


def _batch_recorded() -> Batch:
    p = Batch(1, 7, seed=15)
    p.do(Record(as_of="1950", state=_long_lived(), basis=METERS))
    return p


def _price() -> Interval:
    p = Interval(seed=21)
    price, rate = Price(-299_990, "UAH"), Rate("EUR", "41.3455")
    p.do(m.ClearInterval(market="day_ahead", price=price, volume_wh=3_130_900_000, rate=rate, basis=METERS))
    p.both(common.Correct(field="price/minor", old=-299_990, new=299_990, basis=COURT))
    p.both(common.Annul(by="registrar", basis=COURT, from_version=1))
    p.void()
    p.both(common.Reinstate(by="registrar", basis=COURT))
    return p


def _price_recorded() -> Interval:
    p = Interval(f"{ZONE}:2024-03-01T09:15:00Z:PT15M", seed=22)
    state = IntervalState(LIVE, ZONE, "2024-03-01T09:15:00Z", "PT15M", "intraday", Price(0, "EUR"), None, None)
    p.do(Record(as_of="2024-04-01", state=state, basis=METERS))
    p.both(common.Supersede(by=f"market_interval:{ZONE}:2024-03-01T09:00:00Z:PT60M", basis=COURT))
    return p


def _long_lived() -> GuaranteeState:
    return GuaranteeState(
        standing=LIVE,
        account=f"generation_account:{PLANT}:2024-03",
        first=1,
        last=7,
        produced_from=BEGIN,
        produced_to=END,
        technology="solar",
        holder=BUYER,
        since="1950",
        held_since="1950",
        transfer_until="9998-12-31T00:00:00Z",
        expires="9998-12-31T00:00:00Z",
        beneficiary=None,
        ended_by=None,
    )


def _quarter_hours() -> Account:
    """An account with the most hours that a month can have, in the shortest intervals."""
    p = Account(f"generation_account:{PLANT}:1949-10", seed=5)
    p.open(valid_from=OCTOBER, valid_to="1949-10-31T23:00:00Z", interval="PT15M")
    return p


def _hour(place: int) -> str:
    begin = datetime.fromisoformat(OCTOBER) + timedelta(hours=place)
    return f"{begin.isoformat()[:19]}Z"


def _any_of_account(stream: Account, draw: random.Random, on: str) -> object:
    """Some command that is often enough allowed: hours are metered until all are, then corrected for ever."""
    state: AccountState = stream.state
    if state.metered < 745:
        count = min(25, 745 - state.metered)
        return a.MeterOutput(valid_from=_hour(state.metered), readings=readings(*[MOST] * 4 * count), basis=METERS)
    if draw.random() < 0.7:
        place = draw.randrange(745)
        hour = hour_at(state.hours, place)
        old, new = readings(hour.fed_wh, 0, 0, -hour.drawn_wh), readings(MOST - draw.randrange(MOST), -MOST, 0, 0)
        return a.CorrectReading(valid_from=_hour(place), corrects=hour.version, old=old, new=new, basis=METERS)
    unused = state.certificates[-1].first if state.certificates else 1
    other = {"solar": "mixed", "mixed": "solar"}[state.technology]
    return draw.choice(
        (
            lambda: a.IssueCertificate(valid_from=on, basis=METERS, mwh=draw.randrange(1, 4)),
            lambda: a.UseCertificate(number=max(1, state.numbers - draw.randrange(14)), valid_from=on, basis=METERS),
            lambda: a.WithdrawCertificate(
                first=unused, last=unused, withdrawn_at=draw.choice((None, 3)), valid_from=on, basis=COURT
            ),
            lambda: common.Correct(field="technology", old=state.technology, new=other, basis=COURT),
        )
    )()


def _any_of_batch(stream: Batch, draw: random.Random, on: str) -> object:
    state: GuaranteeState = stream.state
    to = draw.choice([holder for holder in (BUYER, TRADER, SUPPLIER, HOUSEHOLD) if holder != state.holder])
    other = {"solar": "mixed", "mixed": "solar"}[state.technology]
    return draw.choice(
        (
            lambda: g.TransferGuarantee(holder=state.holder, to=to, valid_from=on, basis=METERS),
            lambda: common.Correct(field="technology", old=state.technology, new=other, basis=COURT),
        )
    )()


def _any_of_interval(stream: Interval, draw: random.Random, _on: str) -> object:
    state: IntervalState = stream.state
    new = draw.randrange(-(10**12), 10**12)
    return common.Correct(field="price/minor", old=state.price.minor, new=new, basis=COURT)
