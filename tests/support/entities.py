"""A legal entity and an establishment to be driven, see `tests.support.driving`."""

from typing import Any

from litopys.event.streams import Citation
from litopys.sourcing.common import Basis
from litopys.sourcing.money import Money
from services.registers.domain import DOMAINS
from services.registers.domain.establishment import commands as ec
from services.registers.domain.establishment.decide import DECIDER as ESTABLISHMENTS
from services.registers.domain.establishment.state import Details, Owner, Place
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity.decide import DECIDER as ENTITIES
from services.registers.domain.legal_entity.state import Activities, Address, Capital, Naming, Statute
from services.registers.persons_behind import seal_behind, seal_beside
from tests.support.driving import CONTRACT, Driven

DOMAIN = DOMAINS[1]
ENTITY_ID = "e" * 32
EDRPOU = "99000011"
MIGRATION = Basis("migration", "Єдиний державний реєстр", None)
DECISION = Basis("application", "рішення засновників 7", "2026-02-27")
UAH = Money(1_000_00, "UAH")
DETAILS = Details("Школа № 1", "заклад середньої освіти", "школа", "I-III", "комунальна", None, None)
PLACE = Place("вул. Шкільна, 1", "55202", "Первомайськ", "МІСТО", "Миколаївська область", "4810400000", None)


class Entity(Driven):
    """A legal entity's stream, with makers of what its commands need."""

    def __init__(self, key: str = ENTITY_ID, seed: int = 0) -> None:
        super().__init__(DOMAIN, ENTITIES, f"legal_entity:{key}", seed=seed)

    def person(self, name: str | None = "Зразко Олена", known_as: str | None = None, **fields: Any) -> Any:
        return seal_behind(self.sealing, {"kind": "natural", "name": name, **fields}, known_as=known_as)

    def beside(self, **fields: Any) -> Any:
        return seal_beside(self.sealing, fields)

    def register(self, **changes: Any) -> "Entity":
        given = {
            "edrpou": EDRPOU,
            "code_is_sound": True,
            "name": "ТОВАРИСТВО «ЗРАЗОК»",
            "beside": self.beside(contacts="+380000000000"),
            "valid_from": "2015-03-02",
            "basis": DECISION,
        }
        self.do(c.Register(**{**given, **changes}))
        return self

    def record(self, **changes: Any) -> "Entity":
        given = {
            "as_of": "2021-11-03",
            "naming": Naming("ТОВАРИСТВО «ЗРАЗОК»", "ТОВ «ЗРАЗОК»", None),
            "address": Address("місто Вигадане", None, None, None),
            "activities": Activities("62.01", ("58.29",), None),
            "statute": Statute("статут", None, None),
            "beside": self.beside(),
            "basis": MIGRATION,
            "code": EDRPOU,
            "code_is_sound": True,
            "record": "1001",
            "form": "ТОВ",
            "registered": "2015-03-02",
            "capital": Capital(UAH, "unknown", None),
        }
        self.do(c.RecordEntity(**{**given, **changes}))
        return self

    def join(self, on: str = "2016", **fields: Any) -> list[str]:
        return self.do(c.JoinFounder(founder=self.person(**fields), valid_from=on, basis=CONTRACT))

    def end(self, on: str = "2026-03-01", ground: str = "liquidation", **changes: Any) -> list[str]:
        return self.do(c.Terminate(ground=ground, valid_from=on, basis=DECISION, **changes))


class School(Driven):
    """An establishment's stream."""

    def __init__(self, key: str = f"schools:{'5' * 32}", seed: int = 0) -> None:
        super().__init__(DOMAIN, ESTABLISHMENTS, f"establishment:{key}", seed=seed)

    def given(self, **changes: Any) -> dict[str, Any]:
        owner = Owner(f"legal_entity:{ENTITY_ID}", EDRPOU, None)
        cited = Citation(f"legal_entity:{ENTITY_ID}", 1)
        return {"details": DETAILS, "place": PLACE, "owner": owner, "cited": cited, "basis": DECISION, **changes}

    def record(self, **changes: Any) -> "School":
        self.do(ec.RecordEstablishment(as_of="2021-11-03", **self.given(**{"basis": MIGRATION, **changes})))
        return self

    def open(self, **changes: Any) -> "School":
        self.do(ec.OpenEstablishment(**{**self.given(), "valid_from": "2015", **changes}))
        return self
