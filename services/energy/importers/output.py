"""Hourly output: rows of day, number of the hour, MWh put into the grid and MWh that were forecast.

One row is one hour and one event. The reader looks one row ahead, so that an hour that the export leaves out is
reported where it is missing, and stays a gap.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, Final, NamedTuple

from litopys.errors import RuleViolated
from litopys.exports.delimited import Delimited
from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address
from litopys.service.imports.importer import ImportMark, Target, Verdict
from litopys.service.sealing import Sealing
from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.context import Context
from litopys.sourcing.episode import Episode
from services.energy.domain.generation_account.commands import CorrectReading, MeterOutput, OpenAccount
from services.energy.domain.generation_account.decide import DECIDER
from services.energy.domain.generation_account.metering import place_of
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.hours import hour_at
from services.energy.domain.measures import EIC, Reading
from services.energy.importers.amounts import Energy, watt_hours
from services.energy.importers.kyiv import format_instant, hour_begin, month_of, read_day

FILE: Final = Delimited(delimiter=",")
COLUMNS: Final = ("date", "hour", "actual", "projected")
PLANT_COLUMNS: Final = ("plant", "technology", "holder")
BASIS: Final = Basis("migration", "Гарантований покупець: погодинний відпуск", None)
_EIC: Final = re.compile(EIC)
_HOUR: Final = timedelta(hours=1)


class HourRow(NamedTuple):
    """A row's fields, and the fields of the row after it; None at the end of the file."""

    fields: dict[str, str]
    following: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Series:
    """Whose output a file holds where it does not say so itself; EICs of nobody, in a range that no office gives."""

    plant: str
    technology: str
    holder: str

    def targets(self, row: Row) -> tuple[Target]:
        """Tell which account a row is about; raises RuleViolated where the row names no hour."""
        said = _Said.of(row, self)
        account = f"{said.plant}:{said.day.isoformat()[:7]}"
        return (Target(f"{said.plant}:{said.fields['date']}:{said.fields['hour']}", "generation_account", account),)

    def decide(
        self,
        row: Row,
        target: Target,
        state: AccountState | None,
        *,
        context: Context,
        mark: ImportMark,
        sealing: Sealing,
        already: bool,
        before: Mapping[str, Address],
    ) -> Verdict:
        """Decide on a row: the account is opened if need be, then its hour metered, or corrected if it was."""
        del target, sealing, before  # a row is about its account alone, and names no person
        said = _Said.of(row, self)
        imported = Imported(mark.import_id, mark.record, mark.offset)
        episode = Episode(DECIDER, state, context)
        if state is None:
            episode.do(said.opening(imported))
        said.enter(episode, imported)
        flags = list(said.flags())
        if already and not episode.decided:
            flags.append("only the forecast changed, which no correction holds: it is not carried")
        return Verdict(episode.decided, flags)


def read_rows(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    """Yield the rows that begin at an offset, each with the fields of the one after it."""
    waiting: Row | None = None
    for row in FILE.rows(file, number=number, offset=offset):
        if waiting is not None:
            yield _with_following(waiting, row)
        waiting = row
    if waiting is not None:
        yield _with_following(waiting, None)


def _with_following(row: Row, after: Row | None) -> Row:
    if row.refusal is not None:
        return row
    following = None if after is None or after.refusal is not None else after.value
    return row._replace(value=HourRow(row.value, following))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says, in the domain's terms."""

    fields: dict[str, str]
    following: dict[str, str] | None
    plant: str
    technology: str
    holder: str
    day: date
    begin: datetime
    energy: Energy

    @classmethod
    def of(cls, row: Row, series: Series) -> "_Said":
        """Read a row; raises RuleViolated."""
        fields, following = row.value
        day, begin = _hour(fields)
        plant = fields.get("plant", series.plant)
        if not _EIC.fullmatch(plant):
            raise RuleViolated("plant-form", "the plant is named by no EIC")
        return cls(
            fields=fields,
            following=following,
            plant=plant,
            technology=fields.get("technology", series.technology),
            holder=fields.get("holder", series.holder),
            day=day,
            begin=begin,
            energy=watt_hours(fields["actual"]),
        )

    def opening(self, imported: Imported) -> OpenAccount:
        """Make the command that opens the month: what the one before left over is not known yet."""
        begin, end = month_of(self.day)
        return OpenAccount(
            valid_from=format_instant(begin),
            valid_to=format_instant(end),
            interval="PT60M",
            technology=self.technology,
            holder=self.holder,
            net_rule="net_of_consumption",
            carry_rule="remainder",
            basis=BASIS,
            imported=imported,
        )

    def enter(self, episode: Episode, imported: Imported) -> None:
        """Meter the hour; correct it where the state has another reading; nothing where it has this one."""
        state: AccountState = episode.state
        instant = format_instant(self.begin)
        stood = hour_at(state.hours, place_of(state, instant))
        common: dict[str, Any] = {
            "valid_from": instant,
            "original": (Original("projected", self.fields["projected"]),),
            "basis": BASIS,
            "imported": imported,
        }
        readings = (Reading(self.energy.wh, self.fields["actual"]),)
        if stood is None:
            episode.do(MeterOutput(readings=readings, **common))
        elif stood.fed_wh - stood.drawn_wh != self.energy.wh:
            old = (Reading(stood.fed_wh - stood.drawn_wh, None),)
            episode.do(CorrectReading(corrects=stood.version, old=old, new=readings, **common))

    def flags(self) -> Iterator[str]:
        """Yield what somebody should look at: what is finer than a Wh, and a gap that follows."""
        if not self.energy.is_exact:
            actual = self.fields["actual"]
            yield f"actual {actual} MWh is finer than a Wh: entered as {self.energy.wh} Wh, its text kept"
        gap = self._gap_after()
        if gap is not None:
            first, after = gap
            missing = (after - first) // _HOUR
            yield f"{missing} h missing after this row: {format_instant(first)} to {format_instant(after)} is a gap"

    def _gap_after(self) -> tuple[datetime, datetime] | None:
        if self.following is None or self.following.get("plant", self.plant) != self.plant:
            return None
        try:
            _, begin = _hour(self.following)
        except RuleViolated:
            return None  # it is refused when its turn comes
        first = self.begin + _HOUR
        return (first, begin) if first < begin else None


def _hour(fields: Mapping[str, str]) -> tuple[date, datetime]:
    """Read the day of a row, and when its hour begins; raises RuleViolated."""
    day, number = read_day(fields["date"]), fields["hour"]
    if not (number.isascii() and number.isdigit() and len(number) <= 2):
        raise RuleViolated("hour-form", "the hour is no number")
    return day, hour_begin(day, int(number))
