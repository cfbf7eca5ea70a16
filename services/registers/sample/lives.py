"""Life cycles of a parcel that its rules allow: acts in order of time, each possible when its turn comes."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from services.registers.sample.people import legal_person, natural_person

_LAST_DAY: Final = date(2025, 12, 31)
_FIRST_DAY: Final = date(1996, 1, 1)

Act = dict[str, Any]


class Life:
    """One parcel's life as far as it has been told; `acts` are what the export's `history` holds."""

    def __init__(self, random: Random) -> None:
        """Begin with a title of one to three holders."""
        self._random = random
        self._day = _FIRST_DAY + timedelta(days=random.randrange(5000))
        self._labels = 0
        self._numbers = {"use_right": 0, "mortgage": 0, "seizure": 0}
        self._mortgage: int | None = None
        self._seizure: int | None = None
        self._lease: int | None = None
        self.acts: list[Act] = []
        self._owners = self._new_owners()
        self.title = {"since": self._day.isoformat(), "registrar": "Реєстратор-1", "owners": self._owners}

    def live(self, acts: int) -> None:
        """Add up to `acts` acts; fewer where time runs out."""
        while len(self.acts) < acts and self._day < _LAST_DAY - timedelta(days=400):
            self._random.choice(_POSSIBLE)(self)

    def transfer(self) -> None:
        """Sell or give the whole title, with the mortgagee's consent where there is a mortgage."""
        if self._seizure is not None:
            return self.lift()
        self._consent()
        owners = self._new_owners()
        self._add("transfer_title", ground=self._random.choice(("sale", "gift", "exchange")), owners=owners)
        self._owners = owners
        return None

    def split(self) -> None:
        """Give half of a holder's share away."""
        if self._seizure is not None or len(self._owners) > 6:
            return self.value()
        self._consent()
        giver = self._owners[0]
        half = f"{_above(giver['share'])}/{2 * _below(giver['share'])}"
        half = _lowest(half)
        owner = self._owner(half)
        self._add("transfer_share", holder=giver["label"], ground="gift", owners=[owner])
        self._owners = [{**giver, "share": half}, *self._owners[1:], owner]
        return None

    def inherit(self) -> None:
        """Let a holder's share pass to one heir."""
        dead = self._owners[0]
        heir = self._owner(dead["share"])
        self._add("inherit", holder=dead["label"], owners=[heir])
        self._owners = [heir, *self._owners[1:]]

    def lease(self) -> None:
        """Lease the parcel, or end the lease."""
        if self._lease is not None:
            self._add("end_use_right", number=self._lease)
            self._lease = None
            return
        self._lease = self._next("use_right")
        tenant = legal_person(self._random)
        self._add("register_use_right", kind="lease", holder=tenant, until=None)

    def serve(self) -> None:
        """Register a servitude for a year."""
        if self._numbers["use_right"] >= 8:
            return self.value()
        self._next("use_right")
        until = (self._day + timedelta(days=700)).isoformat()
        self._add("register_use_right", kind="servitude", holder=natural_person(self._random), until=until)
        return None

    def mortgage(self) -> None:
        """Mortgage the parcel, or release it."""
        if self._mortgage is not None:
            self._add("release_mortgage", number=self._mortgage)
            self._mortgage = None
            return None
        if self._seizure is not None:
            return self.lift()
        self._mortgage = self._next("mortgage")
        amount = f"{self._random.randrange(10_000, 2_000_000)}.{self._random.randrange(100):02}"
        self._add("mortgage", mortgagee=legal_person(self._random), amount=amount, until=None)
        return None

    def seize(self) -> None:
        """Seize the parcel, or lift the seizure."""
        if self._seizure is not None:
            return self.lift()
        self._seizure = self._next("seizure")
        self._add("impose_seizure", authority="Вигаданський районний суд", until=None)
        return None

    def lift(self) -> None:
        """Lift the seizure."""
        self._add("lift_seizure", number=self._seizure)
        self._seizure = None

    def value(self) -> None:
        """Value the parcel."""
        self._add("value", amount=f"{self._random.randrange(20_000, 900_000)}.{self._random.randrange(100):02}")

    def _consent(self) -> None:
        if self._mortgage is not None:
            self._add("consent_to_transfer", mortgage=self._mortgage, until=None)

    def _add(self, name: str, **members: object) -> None:
        self._day += timedelta(days=self._random.randrange(1, 400))
        number = self._random.randrange(1, 10_000)
        self.acts.append({"act": name, "on": self._day.isoformat(), "document": f"документ {number}", **members})

    def _next(self, kind: str) -> int:
        self._numbers[kind] += 1
        return self._numbers[kind]

    def _new_owners(self) -> list[dict[str, Any]]:
        draw = self._random.random()
        if draw < 0.7:
            return [self._owner("1/1")]
        if draw < 0.8:
            return [self._owner("1/1", joint=True)]
        shares = ("1/2", "1/2") if draw < 0.93 else ("1/3", "1/6", "1/2")
        return [self._owner(share) for share in shares]

    def _owner(self, share: str, *, joint: bool = False) -> dict[str, Any]:
        self._labels += 1
        one = legal_person(self._random) if not joint and self._random.random() < 0.1 else natural_person(self._random)
        persons = [one, natural_person(self._random)] if joint else [one]
        return {"label": f"h{self._labels}", "share": share, "persons": persons}


# How often each happens, by how often it stands here.
_POSSIBLE: Final[tuple[Callable[[Life], None], ...]] = (
    *(Life.transfer,) * 4,
    *(Life.lease,) * 3,
    *(Life.mortgage,) * 3,
    *(Life.value,) * 3,
    *(Life.inherit,) * 2,
    *(Life.split,) * 2,
    Life.serve,
    Life.seize,
)


def _above(share: str) -> int:
    return int(share.partition("/")[0])


def _below(share: str) -> int:
    return int(share.partition("/")[2])


def _lowest(share: str) -> str:
    above, below = _above(share), _below(share)
    return f"{above // 2}/{below // 2}" if above % 2 == 0 else share
