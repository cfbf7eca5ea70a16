"""The book of one batch of guarantees: where it came from, whose it is, what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from litopys.event.cloudevents import Event

_ORIGIN: Final = ("produced_from", "produced_to", "technology", "transfer_until", "expires")


class Begun(NamedTuple):
    """How a batch began: by a certificate's number, or by the split of another batch; and the version cited."""

    certificate: int | None
    parent: str | None
    cited: int


@dataclass(slots=True)
class BatchBook:
    """What one batch's events come to; its account and units are those of its key."""

    subject: str
    account: str = ""
    first: int = 0
    last: int = 0
    begun: Begun | None = None
    origin: tuple[Any, ...] = ()
    first_holder: str = ""
    holder: str = ""
    ended_by: str | None = None
    split_at: int = 0
    parts: tuple[tuple[int, int], ...] = ()
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read account and units from the key."""
        rest, _, units = self.subject.rpartition(":")
        first, _, last = units.partition("-")
        self.account = f"generation_account:{rest.partition(':')[2]}"
        self.first, self.last = int(first), int(last)

    @property
    def mwh(self) -> int:
        """How many units it holds."""
        return self.last - self.first + 1

    @property
    def begun_at(self) -> int:
        """The version that its first event cites of its certificate or of its batch's split."""
        return 0 if self.begun is None else self.begun.cited

    def take(self, event: Event) -> None:
        """Take in the batch's next event."""
        told = _TOLD.get(event.parts.name)
        if told is not None:
            told(self, event)

    def issued(self, event: Event) -> None:
        """Begin with a certificate."""
        self.begun = Begun(event.data["certificate"], None, _cited(event, self.account))
        self._begin(event)

    def separated(self, event: Event) -> None:
        """Begin as a part of another batch."""
        parent = event.data["parent"]
        self.begun = Begun(None, parent, _cited(event, parent))
        self._begin(event)

    def recorded(self, event: Event) -> None:
        """Begin with, or go on from, a state that an event carries."""
        state = event.data["state"]
        self.holder, self.ended_by = state["holder"], state["ended_by"]
        self.origin = tuple(state[name] for name in _ORIGIN)
        if self.ended_by != "split":
            self.parts = ()

    def transferred(self, event: Event) -> None:
        """Pass it on."""
        if event.data["holder"] != self.holder:
            self.wrong.append(f"version {event.streamversion} passes it on from another than its holder")
        self.holder = event.data["to"]

    def split(self, event: Event) -> None:
        """End it in favour of its parts, which must be all of it."""
        self.parts = tuple((part["first"], part["last"]) for part in event.data["parts"])
        self.split_at = event.streamversion
        units = [unit for part in self.parts for unit in (part[0], part[1] + 1)]
        follow = units[1:-1:2] == units[2::2]
        if not follow or (units[0], units[-1]) != (self.first, self.last + 1):
            self.wrong.append("its parts are not the whole of it")
        self._end(event)

    def ended(self, event: Event) -> None:
        """Redeem, expire or withdraw it."""
        self._end(event)

    def _begin(self, event: Event) -> None:
        data = event.data
        self.first_holder = self.holder = data["holder"]
        self.origin = tuple(data[name] for name in _ORIGIN)
        if (data["first"], data["last"]) != (self.first, self.last):
            self.wrong.append("its units are not those of its key")

    def _end(self, event: Event) -> None:
        if self.ended_by is not None:
            self.wrong.append(f"it is {self.ended_by}, and {event.parts.name} after that")
        holder = event.data.get("holder", self.holder)
        if holder != self.holder:
            self.wrong.append(f"version {event.streamversion} is by another than its holder")
        self.ended_by = event.parts.name


def _cited(event: Event, subject: str) -> int:
    return next((cited.version for cited in event.cites if cited.subject == subject), 0)


_TOLD: Final[Mapping[str, Callable[[BatchBook, Event], Any]]] = {
    "issued": BatchBook.issued,
    "separated": BatchBook.separated,
    "transferred": BatchBook.transferred,
    "split": BatchBook.split,
    "redeemed": BatchBook.ended,
    "expired": BatchBook.ended,
    "withdrawn": BatchBook.ended,
    "recorded": BatchBook.recorded,
    "annulled": BatchBook.recorded,
    "reinstated": BatchBook.recorded,
}
