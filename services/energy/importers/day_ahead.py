"""The day-ahead market: rows of zone, trading hour, price in UAH and EUR, volume and the rate between the two.

The hour's label ends in `Z`, and is none of UTC: it is the trading hour of Kyiv, from 00 to 22, 23 or 24.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, Final

from litopys.errors import RuleViolated
from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address
from litopys.service.imports.importer import ImportMark, Target, Verdict
from litopys.service.sealing import Sealing
from litopys.sourcing.commands import Correct
from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.context import Context
from litopys.sourcing.episode import Episode
from services.energy.domain.market_interval.commands import ClearInterval
from services.energy.domain.market_interval.decide import DECIDER
from services.energy.domain.market_interval.state import IntervalState, Price, Rate
from services.energy.domain.measures import EIC
from services.energy.importers.amounts import minor_price, watt_hours
from services.energy.importers.kyiv import format_instant, hour_begin, read_day
from services.energy.importers.output import HourRow
from services.energy.importers.output import read_rows as read_hours

COLUMNS: Final = ("country", "hour", "date", "price_uah", "volume", "rate", "price_eur_mwh")
BASIS: Final = Basis("migration", "Оператор ринку: ринок «на добу наперед»", None)
ZONES: Final = {"UA": "10Y1001C--00003F"}
# The National Bank publishes four places; more than this comes out of a machine's own arithmetic.
_MOST_RATE_PLACES: Final = 6
_EIC: Final = re.compile(EIC)
_LABEL: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):00:00Z")
_RATE: Final = re.compile(r"[0-9]{1,15}(?:\.([0-9]{1,30}))?")
_KEPT: Final = ("price_uah", "volume", "price_eur_mwh")
_HOUR: Final = timedelta(hours=1)


def read_rows(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    """Yield the rows that begin at an offset, each with the fields of the one after it."""
    return read_hours(file, number=number, offset=offset)


def targets(row: Row) -> tuple[Target]:
    """Tell which interval a row is about; raises RuleViolated where it names none."""
    fields = row.value.fields
    begin = format_instant(_hour(fields))
    return (Target(f"{fields['country']}:{fields['hour']}", "market_interval", f"{_zone(fields)}:{begin}:PT60M"),)


def decide(
    row: Row,
    target: Target,
    state: IntervalState | None,
    *,
    context: Context,
    mark: ImportMark,
    sealing: Sealing,
    already: bool,
    before: Mapping[str, Address],
) -> Verdict:
    """Decide on a row: the interval is cleared, or corrected where it was cleared otherwise."""
    del target, sealing, before  # a row is about its interval alone, and names no person
    said = _Said.of(row.value)
    imported = Imported(mark.import_id, mark.record, mark.offset)
    episode = Episode(DECIDER, state, context)
    if state is None:
        episode.do(said.clearing(imported))
    else:
        said.correct(episode, imported)
    flags = list(said.flags())
    if already and not episode.decided:
        flags.append("only fields changed that no correction holds: they are not carried")
    return Verdict(episode.decided, flags)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says, in the domain's terms."""

    fields: dict[str, str]
    following: dict[str, str] | None
    price: Price
    volume_wh: int
    rate: Rate
    rate_places: int

    @classmethod
    def of(cls, value: HourRow) -> "_Said":
        """Read a row; raises RuleViolated."""
        fields = value.fields
        volume = watt_hours(fields["volume"])
        if not volume.is_exact or volume.wh < 0:
            raise RuleViolated("energy-form", "a volume is whole Wh, none below 0")
        rate = _RATE.fullmatch(fields["rate"])
        if rate is None:
            raise RuleViolated("rate-form", "the rate is no plain decimal")
        return cls(
            fields=fields,
            following=value.following,
            price=Price(minor_price(fields["price_uah"]), "UAH"),
            volume_wh=volume.wh,
            rate=Rate("EUR", fields["rate"]),
            rate_places=len(rate[1] or ""),
        )

    def clearing(self, imported: Imported) -> ClearInterval:
        """Make the command that enters the price; what events do not hold verbatim is kept as it was written."""
        return ClearInterval(
            market="day_ahead",
            price=self.price,
            volume_wh=self.volume_wh,
            rate=self.rate,
            original=tuple(Original(name, self.fields[name]) for name in _KEPT),
            basis=BASIS,
            imported=imported,
        )

    def correct(self, episode: Episode, imported: Imported) -> None:
        """Enter what the row says otherwise than the state."""
        state: IntervalState = episode.state
        found: tuple[tuple[str, Any, Any], ...] = (
            ("price/minor", state.price.minor, self.price.minor),
            ("volume_wh", state.volume_wh, self.volume_wh),
            ("rate/text", None if state.rate is None else state.rate.text, self.rate.text),
        )
        for field, old, new in found:
            if old != new:
                episode.do(Correct(field=field, old=old, new=new, basis=BASIS, imported=imported))

    def flags(self) -> Iterator[str]:
        """Yield what somebody should look at: a rate out of a machine's arithmetic, a gap that follows."""
        if self.rate_places > _MOST_RATE_PLACES:
            yield f"the rate {self.fields['rate']} has more places than any bank publishes: its text is kept"
        if self.following is None or self.following.get("country") != self.fields["country"]:
            return
        try:
            after = _hour(self.following)
        except RuleViolated:
            return  # it is refused when its turn comes
        first = _hour(self.fields) + _HOUR
        if first < after:
            missing = (after - first) // _HOUR
            yield f"{missing} h missing after this row: {format_instant(first)} to {format_instant(after)} is a gap"


def _zone(fields: Mapping[str, str]) -> str:
    country = fields["country"]
    zone = ZONES.get(country, country)
    if not _EIC.fullmatch(zone):
        raise RuleViolated("zone-unknown", "the country names no bidding zone")
    return zone


def _hour(fields: Mapping[str, str]) -> datetime:
    found = _LABEL.fullmatch(fields["hour"])
    if found is None or found[1] != fields["date"]:
        raise RuleViolated("hour-form", "the hour is not labelled as a trading hour of its day")
    day: date = read_day(fields["date"])
    return hour_begin(day, int(found[2]) + 1)
