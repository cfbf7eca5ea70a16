"""Streams of energy, driven as the service drives them; times of a month of two years ago unless said otherwise."""

import io
from collections import Counter
from typing import Any

from litopys.errors import Malformed, RuleViolated
from litopys.exports.rows import Row
from litopys.service.imports.importer import Importer, ImportMark
from litopys.sourcing.common import Basis
from litopys.sourcing.context import Context
from services.energy.domain import DOMAINS
from services.energy.domain.generation_account import commands as a
from services.energy.domain.generation_account.decide import DECIDER as ACCOUNT_DECIDER
from services.energy.domain.guarantee_of_origin import commands as g
from services.energy.domain.guarantee_of_origin.decide import DECIDER as BATCH_DECIDER
from services.energy.domain.market_interval.decide import DECIDER as INTERVAL_DECIDER
from services.energy.domain.measures import Reading
from services.energy.parties import seal_beneficiary, seal_household, seal_readings
from tests.support.driving import NOW, Driven

DOMAIN = DOMAINS[1]
PLANT = "99WUA-GB-SOLAR-V"
HOUSEHOLD = "5" * 32
BUYER, TRADER, SUPPLIER = "99XGUAR-BUYER--D", "99XTRADER-ONE--4", "99XSUPPLIER-TWOB"
ZONE = "10Y1001C--00003F"
BEGIN, END = "2024-02-29T22:00:00Z", "2024-03-31T21:00:00Z"
SETTLED = "2024-04-10"
METERS = Basis("registrar", "дані комерційного обліку", "2024-04-05")
LAW = Basis("law", "строк дії гарантії", None)
MWH = 1_000_000


def at(hour: int) -> str:
    """Name an hour of March 2024 by its place in the month of Kyiv, from 0."""
    day, rest = divmod(hour + 22, 24)
    return f"2024-02-29T{rest:02}:00:00Z" if day == 0 else f"2024-03-{day:02}T{rest:02}:00:00Z"


def readings(*wh: int) -> tuple[Reading, ...]:
    """Give readings without the text of a source."""
    return tuple(Reading(one, None) for one in wh)


class Account(Driven):
    """An account of March 2024."""

    def __init__(self, subject: str = f"generation_account:{PLANT}:2024-03", *, seed: int = 0):
        super().__init__(DOMAIN, ACCOUNT_DECIDER, subject, seed=seed)

    def open(self, **changes: Any) -> "Account":
        given: dict[str, Any] = {
            "valid_from": BEGIN,
            "valid_to": END,
            "interval": "PT60M",
            "technology": "solar",
            "holder": BUYER,
            "net_rule": "net_of_consumption",
            "carry_rule": "remainder",
            "carried_in_wh": 0,
            "basis": METERS,
        }
        self.do(a.OpenAccount(**{**given, **changes}))
        return self

    def meter(self, hour: int, *wh: int) -> "Account":
        self.do(a.MeterOutput(valid_from=at(hour), readings=readings(*wh), basis=METERS))
        return self

    def correct(self, hour: int, old: int, new: int, *, corrects: int) -> "Account":
        self.do(
            a.CorrectReading(valid_from=at(hour), corrects=corrects, old=readings(old), new=readings(new), basis=METERS)
        )
        return self

    def issue(self, mwh: int | None = None) -> "Account":
        self.do(a.IssueCertificate(valid_from=SETTLED, basis=METERS, mwh=mwh))
        return self

    def use(self, number: int) -> "Account":
        self.do(a.UseCertificate(number=number, valid_from=SETTLED, basis=METERS))
        return self

    def close(self) -> "Account":
        self.do(a.CloseAccount(valid_from=SETTLED, basis=METERS))
        return self

    def household(self, **changes: Any) -> "Account":
        given = {"eic": "62Z0000000000017", "name": "Зразко Олена", "code": "9900012342", "address": None}
        owner = seal_household(self.sealing, {**given})  # type: ignore[typeddict-item]
        return self.open(owner=owner, holder=HOUSEHOLD, **changes)

    def sealed(self, *wh: int) -> Any:
        return seal_readings(self.sealing, wh)


class Batch(Driven):
    """A guarantee of origin of units of that account."""

    def __init__(self, first: int = 1, last: int = 100, *, account: str = f"{PLANT}:2024-03", seed: int = 0):
        self.account = account
        super().__init__(DOMAIN, BATCH_DECIDER, f"guarantee_of_origin:{account}:{first}-{last}", seed=seed)

    def issue(self, **changes: Any) -> "Batch":
        self.do(g.IssueGuarantee(**{"certificate": 1, "certified_at": 4, **self._origin, **changes}))
        return self

    def separate(self, parent: str, split_at: int = 2, **changes: Any) -> "Batch":
        deadlines = {"transfer_until": "2025-03-31T21:00:00Z", "expires": "2025-09-30T21:00:00Z"}
        given = {"parent": parent, "split_at": split_at, **self._origin, **deadlines, "valid_from": "2024-05-02"}
        self.do(g.SeparateGuarantee(**{**given, **changes}))
        return self

    def transfer(self, to: str, *, by: str = BUYER, on: str = "2024-05-02") -> "Batch":
        self.do(g.TransferGuarantee(holder=by, to=to, valid_from=on, basis=METERS))
        return self

    def redeem(self, *, by: str = BUYER, on: str = "2024-06-01", **fields: Any) -> "Batch":
        given = {"kind": "legal", "name": "ТОВ «Зразковий завод»", "code": "99000015", "country": "UA", **fields}
        beneficiary = seal_beneficiary(self.sealing, given)  # type: ignore[arg-type]
        self.do(g.RedeemGuarantee(holder=by, beneficiary=beneficiary, valid_from=on, basis=METERS))
        return self

    @property
    def _origin(self) -> dict[str, Any]:
        return {
            "produced_from": BEGIN,
            "produced_to": END,
            "technology": "solar",
            "holder": BUYER,
            "valid_from": SETTLED,
            "basis": METERS,
        }


class Interval(Driven):
    """An hour of the day-ahead market."""

    def __init__(self, key: str = f"{ZONE}:2024-03-01T09:00:00Z:PT60M", *, seed: int = 0):
        super().__init__(DOMAIN, INTERVAL_DECIDER, f"market_interval:{key}", seed=seed)


class Imports:
    """Exports taken in as an import does it, without a database: every event by way of its bytes."""

    def __init__(self) -> None:
        self.streams: dict[str, Driven] = {}
        self.known: dict[str, bytes] = {}
        self.counts: Counter[str] = Counter()
        self.remarks: list[tuple[int, str, str]] = []

    def take(self, importer: Importer, data: bytes) -> "Imports":
        """Take in a file; counts, remarks and known rows are kept over several."""
        for row in importer.rows(io.BytesIO(data), number=1, offset=0):
            self.counts["read"] += 1
            try:
                done = self._row(importer, row)
            except (Malformed, RuleViolated) as error:
                self.remarks.append((row.number, "refused", str(error)))
                done = "refused"
            self.counts[done] += 1
        return self

    def _row(self, importer: Importer, row: Row) -> str:
        if row.refusal is not None:
            raise Malformed(row.refusal)
        (target,) = importer.targets(row)
        before = self.known.get(target.source_key)
        if before == row.content:
            return "merged"
        subject = f"{target.aggregate}:{target.key}"
        stream = self.streams.get(subject) or Driven(DOMAIN, None, subject)
        verdict = importer.decide(
            row,
            target,
            stream.state,
            context=Context(subject=subject, version=stream.version, actor="importer", time=NOW),
            mark=ImportMark("c" * 32, row.number, row.offset, was=lambda content: content == before),
            sealing=stream.sealing,
            already=before is not None,
            before={},
        )
        for one in verdict.decided:
            stream.take(one, "importer")
        self.streams[subject], self.known[target.source_key] = stream, row.content
        self.remarks += [(row.number, "flagged", flag) for flag in verdict.flags]
        self.counts["flagged"] += bool(verdict.flags)
        return "admitted" if verdict.decided else "merged"
