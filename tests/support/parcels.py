"""A land parcel driven as the service drives it: decided, formatted, parsed, evolved; without a database."""

import hashlib
import random
from collections.abc import Callable
from typing import Any

from litopys.event.cloudevents import Event, EventType, format_event, format_type, parse_event
from litopys.service.sealing import Sealing
from litopys.sourcing import commands as common
from litopys.sourcing.common import Basis, Imported
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided, Fact
from services.registers.domain import DOMAINS
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.decide import DECIDER
from services.registers.domain.land_parcel.state import Details
from services.registers.persons import PlainPerson, seal_person

NUMBER = "5322081200:00:001:0001"
SUBJECT = f"land_parcel:{NUMBER}"
DOMAIN = DOMAINS[1]
CONTRACT = Basis("contract", "договір 1482", "2026-02-27")
COURT = Basis("court", "рішення у справі 534/117/26", "2026-02-11")
MIGRATION = Basis("migration", "Державний земельний кадастр", None)
DETAILS = Details(
    None, "Землі сільськогосподарського призначення", "01.01", "01.01 Для ведення", "Для ведення", "private"
)
IMPORTED = Imported("a" * 32, 1, 0)
ONE, TWO, THREE = "person:one@office", "person:two@office", "person:three@office"


def sealing(seed: int = 0) -> Sealing:
    """Draws the same salts and ids for the same seed."""
    return Sealing(random.Random(seed).randbytes)


class Parcel:
    """One stream: `do` decides and evolves, `agree` has a second person approve what was proposed last."""

    def __init__(self, subject: str = SUBJECT, seed: int = 0) -> None:
        self.subject = subject
        self.sealing = sealing(seed)
        self.state: Any = None
        self.events: list[Event] = []
        self.clock = 0

    @property
    def version(self) -> int:
        return len(self.events)

    @property
    def facts(self) -> list[Fact]:
        return [DOMAIN.fact(event) for event in self.events]

    def person(self, name: str = "Зразко Олена", **fields: Any) -> Any:
        given = {"kind": "natural", "name": name, "code": "9900012342", "document": "паспорт 1", "address": None}
        return seal_person(self.sealing, PlainPerson(**{**given, **fields}))

    def owner(self, share: str = "1/1", persons: int = 1, **fields: Any) -> c.Owning:
        fields = {"code": None, **fields}
        return c.Owning(share=share, persons=tuple(self.person(**fields) for _ in range(persons)))

    def record(self, *shares: str, since: str = "2015", **changes: Any) -> "Parcel":
        owners = tuple(self.owner(share) for share in shares)
        given = {
            "as_of": "2021-11-03",
            "area_m2": 34800,
            "details": DETAILS,
            "boundary": None,
            "basis": MIGRATION,
            "owners": owners,
            "owned_since": since,
        }
        self.do(c.RecordParcel(**{**given, **changes}))
        return self

    def do(self, command: object, actor: str = ONE, time: str = "2026-11-23T10:00:00.000Z") -> list[str]:
        """Decide on a command and take its events in; gives their names."""
        wanted = [version for version in DECIDER.facts_needed(command) if version <= self.version]
        facts = {version: DOMAIN.fact(self.events[version - 1]) for version in wanted}
        context = Context(subject=self.subject, version=self.version, actor=actor, time=time, facts=facts)
        return [self.take(one, actor, time) for one in DECIDER.decide(command, self.state, context)]

    def agree(self, actor: str = TWO) -> list[str]:
        """Approve what was proposed last."""
        return self.do(common.Approve(proposal=self.version), actor)

    def both(self, command: object) -> None:
        """Propose by one, approve by the other."""
        assert self.do(command) == ["proposed"]
        assert self.agree()[0] == "approved"

    def take(self, decided: Decided, actor: str = ONE, time: str = "2026-11-23T10:00:00.000Z") -> str:
        """Append an event as it is, by way of its bytes."""
        event = parse_event(format_event(self.event(decided, actor, time)))
        self.state = DOMAIN.evolve(self.state, event)
        self.events.append(event)
        return decided.name

    def event(self, decided: Decided, actor: str = ONE, time: str = "2026-11-23T10:00:00.000Z") -> Event:
        aggregate = self.subject.partition(":")[0]
        unique = hashlib.sha256(f"{self.subject}@{self.version + 1}".encode()).hexdigest()
        return Event(
            id=f"{unique[:8]}-{unique[8:12]}-7{unique[13:16]}-8{unique[17:20]}-{unique[20:32]}",
            source="https://litopys.example/test/registers",
            type=format_type(EventType("registers", aggregate, decided.name, decided.type_version)),
            subject=self.subject,
            streamversion=self.version + 1,
            time=time,
            actor=actor,
            cites=decided.cites,
            dataschema=f"https://litopys.example/test/registers/schemas/{aggregate}.{decided.name}.v1",
            data=DOMAIN.encode_data(self.subject, decided),
        )

    def holders(self) -> list[str]:
        """The ids of those who hold now."""
        return [holding.id for holding in self.state.holdings if holding.valid_to is None]

    def shares(self) -> list[str]:
        return [holding.share for holding in self.state.holdings if holding.valid_to is None]

    def transfer(self, *shares: str, on: str = "2026-03-01", ground: str = "sale", **changes: Any) -> c.TransferTitle:
        owners = tuple(self.owner(share) for share in shares or ("1/1",))
        return c.TransferTitle(owners=owners, ground=ground, valid_from=on, basis=CONTRACT, **changes)

    def mortgage(self, on: str = "2026-01-10", **changes: Any) -> c.MortgageParcel:
        bank = self.person("Банк «Взірець»", kind="legal", code="99000015")
        return c.MortgageParcel(mortgagee=bank, valid_from=on, basis=CONTRACT, **changes)

    def seize(self, on: str = "2026-01-20", until: str | None = None) -> c.ImposeSeizure:
        return c.ImposeSeizure(authority="Вигаданський районний суд", valid_from=on, valid_to=until, basis=COURT)


Make = Callable[[Parcel], object]
