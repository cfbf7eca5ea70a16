"""A land parcel to be driven, see `tests.support.driving`."""

from typing import Any

from litopys.sourcing.common import Basis
from services.registers.domain import DOMAINS
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.decide import DECIDER
from services.registers.domain.land_parcel.state import Details
from services.registers.persons import PlainPerson, seal_person
from tests.support.driving import CONTRACT, COURT, IMPORTED, ONE, THREE, TWO, Driven, refused, sealing

__all__ = [
    "CONTRACT",
    "COURT",
    "DETAILS",
    "DOMAIN",
    "IMPORTED",
    "MIGRATION",
    "NUMBER",
    "ONE",
    "SUBJECT",
    "THREE",
    "TWO",
    "Parcel",
    "refused",
    "sealing",
]

NUMBER = "5322081200:00:001:0001"
SUBJECT = f"land_parcel:{NUMBER}"
DOMAIN = DOMAINS[1]
MIGRATION = Basis("migration", "Державний земельний кадастр", None)
DETAILS = Details(
    None, "Землі сільськогосподарського призначення", "01.01", "01.01 Для ведення", "Для ведення", "private"
)


class Parcel(Driven):
    """A parcel's stream, with makers of what its commands need."""

    def __init__(self, subject: str = SUBJECT, seed: int = 0) -> None:
        super().__init__(DOMAIN, DECIDER, subject, seed=seed)

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
