"""Months of plants and households that do not exist, with what becomes of their certificates, as histories.

Five lines belong together: an account up to its certificate, the batch that uses it up, the account to its end, and
the two parts into which the batch is split. The account comes twice because it and its batch cite each other, and a
line can cite only what is there before it. What is left of `rows` at the end are accounts without a certificate.
"""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from litopys.service.imports.histories import format_history
from litopys.sourcing.moments import days_in_month
from services.energy.sample.codes import made_up_eic

_LINES: Final = 5
_OTHER_EVENTS: Final = 11  # of five lines, beside the days that are metered
_FIRST_PLANT: Final = 50_000_000  # the plants before it are those of the sample of hours
_WH_PER_MWH: Final = 1_000_000
ONE_IN: Final = 10  # with dirt, one part in so many is spoilt

Command = tuple[str, Mapping[str, Any]]


def sample(*, rows: int, seed: int, events_per_row: float = 4.0, dirt: bool = False) -> Iterator[bytes]:
    """Yield `rows` histories; days are metered until a line comes to `events_per_row` events on average.

    With `dirt` some lines of parts are cut off, or say what no rule knows.
    """
    days = max(1, min(28, round(_LINES * events_per_row) - _OTHER_EVENTS))
    whole, rest = divmod(rows, _LINES)
    for number in range(whole):
        begun, batch, account, *parts = _Month(seed, number, days).lines()
        # What others cite is never spoilt: they would be refused with it.
        yield from (begun, batch, account)
        yield from (_spoilt(part, Random(f"{seed}/dirt/{part!r}")) if dirt else part for part in parts)
    for number in range(rest):
        yield _Month(seed, whole + number, days).account()


class _Month:
    """One plant, or one household, in one month."""

    def __init__(self, seed: int, number: int, days: int) -> None:
        self._random = random = Random(f"{seed}/{number}")
        self._is_household = random.random() < 0.1
        self._plant = (
            random.randbytes(16).hex()
            if self._is_household
            else made_up_eic("W", seed=seed, number=_FIRST_PLANT + number)
        )
        self._year, self._number = random.randrange(2015, 2024), random.randrange(1, 13)
        self._days = days
        self._holder = self._plant if self._is_household else made_up_eic("X", seed=seed, number=number % 7)
        self._trader = made_up_eic("X", seed=seed, number=7 + number % 5)
        self._technology = random.choice(("solar", "wind"))
        self._wh = [[self._reading(hour) for hour in range(24)] for _ in range(days)]
        self._mwh = max(sum(map(sum, self._wh)) // _WH_PER_MWH, 0)

    def lines(self) -> list[bytes]:
        """Tell the account, its batch, the account to its end, and the two parts of the batch."""
        if self._mwh < 2:
            self._wh[0][12] += 10 * _WH_PER_MWH
            self._mwh = sum(map(sum, self._wh)) // _WH_PER_MWH
        middle = self._random.randrange(1, self._mwh)
        parts = [(1, middle), (middle + 1, self._mwh)]
        certified = [*self._metered(), ("issue-certificate", {"mwh": self._mwh, **self._on(10)})]
        return [
            self._line("generation_account", self._key, certified),
            self._line("guarantee_of_origin", f"{self._key}:1-{self._mwh}", self._batch(parts)),
            self._line("generation_account", self._key, [*certified, *self._used()]),
            *(self._part(first, last, number) for number, (first, last) in enumerate(parts)),
        ]

    def account(self) -> bytes:
        """Tell an account without a certificate: opened, metered day by day, closed."""
        return self._line("generation_account", self._key, [*self._metered(), ("close", self._on(12))])

    def _metered(self) -> list[Command]:
        commands: list[Command] = [("open", self._opening())]
        commands += [self._day(number, wh) for number, wh in enumerate(self._wh, 1)]
        if self._is_household:
            commands.append(("certify-output", {"certified_wh": max(sum(map(sum, self._wh)), 0), **self._basis}))
        return commands

    def _used(self) -> list[Command]:
        return [("use-certificate", {"number": 1, **self._on(10)}), ("close", self._on(12))]

    def _batch(self, parts: list[tuple[int, int]]) -> list[Command]:
        issued = {"certificate": 1, "certified_at": self._days + 2 + self._is_household}
        mwh = [last - first + 1 for first, last in parts]
        return [
            ("issue", {**issued, **self._origin, "holder": self._holder, **self._on(10)}),
            ("transfer", {"holder": self._holder, "to": self._trader, **self._on(15)}),
            ("split", {"holder": self._trader, "mwh": mwh, **self._on(20)}),
        ]

    def _part(self, first: int, last: int, number: int) -> bytes:
        parent = {"parent": f"guarantee_of_origin:{self._key}:1-{self._mwh}", "split_at": 3}
        deadlines = {"transfer_until": self._instant(12), "expires": self._instant(18)}
        begun = {**parent, **self._origin, "holder": self._trader, **deadlines, **self._on(20)}
        commands: list[Command] = [("separate", begun)]
        if number == 0:
            beneficiary = {"kind": "legal", "name": "ТОВ «Уявний завод»", "code": "99000015", "country": "UA"}
            commands.append(("redeem", {"holder": self._trader, "beneficiary": beneficiary, **self._on(25)}))
        else:
            commands.append(("expire", self._basis))
        return self._line("guarantee_of_origin", f"{self._key}:{first}-{last}", commands)

    def _opening(self) -> dict[str, Any]:
        owner = {"eic": made_up_eic("Z", seed=7, number=self._random.randrange(10**8)), "name": "Вигадько Олена"}
        return {
            "valid_from": self._instant(-1),
            "valid_to": self._instant(0),
            "interval": "PT60M",
            "technology": self._technology,
            "holder": self._holder,
            "net_rule": "net_of_consumption",
            "carry_rule": "remainder",
            "carried_in_wh": 0,
            **({"owner": owner} if self._is_household else {}),
            **self._basis,
        }

    def _day(self, number: int, wh: list[int]) -> Command:
        begin = {"valid_from": f"{self._year:04}-{self._number:02}-{number:02}T00:00:00Z"}
        if self._is_household:
            return "meter-sealed", {**begin, "hours": len(wh), "readings": {"wh": wh}, **self._basis}
        return "meter", {**begin, "readings": [{"wh": one} for one in wh], **self._basis}

    def _reading(self, hour: int) -> int:
        """Make up an hour's Wh: a household gives little, and every plant draws a little at night."""
        size = 4_000 if self._is_household else 40_000_000
        by_day = 6 <= hour < 20
        return self._random.randrange(size) if by_day else -self._random.randrange(size // 100)

    def _instant(self, months: int) -> str:
        """Give the first second of a month, counted from the one after this account's."""
        year, month = divmod(self._year * 12 + self._number + months, 12)
        return f"{year:04}-{month + 1:02}-01T00:00:00Z"

    def _on(self, day: int) -> dict[str, Any]:
        """Give a day of the month after, with the basis of what is entered."""
        month = self._instant(0)[:7]
        return {"valid_from": f"{month}-{min(day, days_in_month(int(month[:4]), int(month[5:]))):02}", **self._basis}

    def _line(self, aggregate: str, key: str, commands: list[Command]) -> bytes:
        return format_history(source_key=f"{aggregate}/{key}", aggregate=aggregate, key=key, commands=commands)

    @property
    def _key(self) -> str:
        return f"{self._plant}:{self._year:04}-{self._number:02}"

    @property
    def _origin(self) -> dict[str, str]:
        return {
            "produced_from": self._instant(-1),
            "produced_to": self._instant(0),
            "technology": self._technology,
        }

    @property
    def _basis(self) -> dict[str, Any]:
        return {"basis": {"kind": "registrar", "document": "вигадані дані обліку"}}


def _spoilt(line: bytes, random: Random) -> bytes:
    if random.randrange(ONE_IN):
        return line
    if random.random() < 0.5:
        return line[: len(line) // 2] + b"\n"
    return line.replace(b'"technology":"solar"', b'"technology":"steam"').replace(
        b'"kind":"registrar"', b'"kind":"null"'
    )
