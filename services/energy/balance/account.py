"""The book of one generation account: its hours, certificates and remainders, as its events tell them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from litopys.event.cloudevents import Event

WH_PER_MWH: Final = 1_000_000
_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SLOT: Final = 16
_HOUR: Final = timedelta(hours=1)


class Hour(NamedTuple):
    """An hour's Wh, and the version of the event that says them."""

    version: int
    fed_wh: int
    drawn_wh: int


class Certified(NamedTuple):
    """A certificate as it was issued, and the version of its event."""

    number: int
    first: int
    last: int
    version: int


class Settled(NamedTuple):
    """A closing: its version, and what it carried on."""

    version: int
    carried_wh: int


@dataclass(slots=True)
class AccountBook:
    """What one account's events come to. `wrong` says what does not add up within it."""

    subject: str
    net_rule: str = "net_of_consumption"
    carry_rule: str = "remainder"
    per_hour: int = 1
    is_household: bool = False
    carried_in_wh: int | None = None
    carried_from: int = 0
    hours: dict[datetime, Hour] = field(default_factory=dict)
    certified_wh: int = 0
    certificates: dict[int, Certified] = field(default_factory=dict)
    unused: set[int] = field(default_factory=set)
    withdrawn: list[tuple[int, int]] = field(default_factory=list)
    settled: Settled | None = None
    wrong: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Take in the account's next event."""
        told = _TOLD.get(event.parts.name)
        if told is not None:
            told(self, event)

    @property
    def fed_wh(self) -> int:
        """What was fed in."""
        return sum(hour.fed_wh for hour in self.hours.values())

    @property
    def drawn_wh(self) -> int:
        """What was drawn."""
        return sum(hour.drawn_wh for hour in self.hours.values())

    @property
    def counted_wh(self) -> int:
        """What counts for certificates, under the net rule or as a household's public sum."""
        if self.is_household:
            return self.certified_wh
        return self.fed_wh if self.net_rule == "gross" else self.fed_wh - self.drawn_wh

    @property
    def issued(self) -> int:
        """The number of the last unit."""
        return max((one.last for one in self.certificates.values()), default=0)

    @property
    def certified_mwh(self) -> int:
        """What is certified and not withdrawn."""
        return self.issued - sum(last - first + 1 for first, last in self.withdrawn)

    @property
    def remainder_wh(self) -> int:
        """What is neither certified nor carried on."""
        carried_on = self.settled.carried_wh if self.settled else 0
        return (self.carried_in_wh or 0) + self.counted_wh - self.certified_mwh * WH_PER_MWH - carried_on

    def opened(self, event: Event) -> None:
        """Begin the month."""
        data = event.data
        self.net_rule, self.carry_rule = data["net_rule"], data["carry_rule"]
        self.per_hour = 60 // int(data["interval"][2:4])
        self.is_household = data["owner"] is not None
        self._carry(event, data["carried_in_wh"])

    def remainder_carried(self, event: Event) -> None:
        """Take what last month left over."""
        if self.carried_in_wh is not None:
            self.wrong.append("a remainder was carried in twice")
        self._carry(event, event.data["carried_in_wh"])

    def output_metered(self, event: Event) -> None:
        """Take readings, hour by hour."""
        wh = [reading["wh"] for reading in event.data["readings"]]
        begin = datetime.fromisoformat(event.data["valid_from"])
        for place in range(0, len(wh), self.per_hour):
            instant = begin + place // self.per_hour * _HOUR
            if instant in self.hours:
                self.wrong.append(f"{instant} is metered twice")
            self.hours[instant] = _hour(event.streamversion, wh[place : place + self.per_hour])

    def sealed_output_metered(self, event: Event) -> None:
        """Take note of hours whose readings are sealed."""
        begin = datetime.fromisoformat(event.data["valid_from"])
        for place in range(event.data["hours"]):
            self.hours[begin + place * _HOUR] = Hour(event.streamversion, 0, 0)

    def reading_corrected(self, event: Event) -> None:
        """Replace one hour; what is replaced must be what stood there."""
        instant = datetime.fromisoformat(event.data["valid_from"])
        old = [reading["wh"] for reading in event.data["old"]]
        if self.hours.get(instant) != _hour(event.data["corrects"], old):
            self.wrong.append(f"version {event.streamversion} corrects what does not stand at {instant}")
        self.hours[instant] = _hour(event.streamversion, [reading["wh"] for reading in event.data["new"]])

    def output_certified(self, event: Event) -> None:
        """Take a household's public sum."""
        self.certified_wh = event.data["certified_wh"]

    def certificate_issued(self, event: Event) -> None:
        """Take a certificate; it goes on where the one before ended, and there is output for it."""
        data = event.data
        if data["first"] != self.issued + 1:
            self.wrong.append(f"certificate {data['number']} does not go on from unit {self.issued}")
        self.certificates[data["number"]] = Certified(data["number"], data["first"], data["last"], event.streamversion)
        self.unused.add(data["number"])
        if self.remainder_wh < 0:
            self.wrong.append(f"certificate {data['number']} exceeds the output")

    def certificate_used(self, event: Event) -> None:
        """Take note that a certificate is used up."""
        if event.data["number"] not in self.unused:
            self.wrong.append(f"certificate {event.data['number']} is used up twice")
        self.unused.discard(event.data["number"])

    def certificate_withdrawn(self, event: Event) -> None:
        """Take units back."""
        first, last = event.data["first"], event.data["last"]
        if any(first <= b and a <= last for a, b in self.withdrawn):
            self.wrong.append(f"units {first} to {last} are withdrawn twice")
        self.withdrawn.append((first, last))
        self.unused = {n for n in self.unused if self.certificates[n].first != first}

    def closed(self, event: Event) -> None:
        """Settle the month; its sums are compared with those added up here."""
        data = event.data
        said = (data["metered"], data["fed_wh"], data["drawn_wh"], data["certified"])
        found = (len(self.hours), self.fed_wh, self.drawn_wh, self.certified_mwh)
        if said != found:
            self.wrong.append(f"its closing says {said}, its readings and certificates come to {found}")
        left = self.remainder_wh if self.carry_rule == "remainder" else min(self.remainder_wh, 0)
        if data["carried_wh"] != left:
            self.wrong.append(f"its closing carries {data['carried_wh']} Wh on, there were {left}")
        self.settled = Settled(event.streamversion, data["carried_wh"])

    def corrected(self, event: Event) -> None:
        """Take a correction of what counts here."""
        if event.data["field"] in ("net_rule", "carry_rule", "carried_in_wh"):
            setattr(self, event.data["field"], event.data["new"])

    def carried_state(self, event: Event) -> None:
        """Begin again with the state that an event carries."""
        state = event.data["state"]
        self.net_rule, self.carry_rule = state["net_rule"], state["carry_rule"]
        self.carried_in_wh, self.certified_wh = state["carried_in_wh"], state["certified_wh"] or 0
        self.is_household = state["owner"] is not None
        self.per_hour = 60 // int(state["interval"][2:4])
        self.hours = _read_hours(state["hours"], datetime.fromisoformat(state["valid_from"]))
        self.withdrawn = [(one["first"], one["last"]) for one in state["withdrawn"]]
        closing = state["closing"]
        self.settled = None if closing is None else Settled(event.streamversion, closing["carried_wh"])
        if event.parts.name == "recorded" and state["issued"]:
            self.certificates[0] = Certified(0, 1, state["issued"], event.streamversion)

    def _carry(self, event: Event, carried: int | None) -> None:
        self.carried_in_wh = carried
        self.carried_from = next((c.version for c in event.cites if c.subject.startswith("generation_account:")), 0)


def _hour(version: int, wh: list[int]) -> Hour:
    return Hour(version, sum(one for one in wh if one > 0), -sum(one for one in wh if one < 0))


def _read_hours(text: str, begin: datetime) -> dict[datetime, Hour]:
    """Read the text in which a state holds its hours: four characters of version, six of Wh fed in, six of Wh drawn."""
    hours = {}
    for place in range(0, len(text), _SLOT):
        slot = text[place : place + _SLOT]
        if not slot.startswith("."):
            hours[begin + place // _SLOT * _HOUR] = Hour(_number(slot[:4]), _number(slot[4:10]), _number(slot[10:]))
    return hours


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 64 + _DIGITS.index(digit)
    return number


_TOLD: Final[Mapping[str, Callable[[AccountBook, Event], Any]]] = {
    "opened": AccountBook.opened,
    "remainder_carried": AccountBook.remainder_carried,
    "output_metered": AccountBook.output_metered,
    "reading_corrected": AccountBook.reading_corrected,
    "sealed_output_metered": AccountBook.sealed_output_metered,
    "output_certified": AccountBook.output_certified,
    "certificate_issued": AccountBook.certificate_issued,
    "certificate_used": AccountBook.certificate_used,
    "certificate_withdrawn": AccountBook.certificate_withdrawn,
    "closed": AccountBook.closed,
    "corrected": AccountBook.corrected,
    "recorded": AccountBook.carried_state,
    "annulled": AccountBook.carried_state,
    "reinstated": AccountBook.carried_state,
}
