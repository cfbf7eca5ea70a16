"""The databases of a network in containers, and the three roles of each: who owns it, who writes, who only reads."""

from typing import Literal, NamedTuple

from deploy.members import VALIDATORS
from services.catalogue import sector_names

SUPERUSER = "litopys"
MONITOR = "litopys_monitor"


class Store(NamedTuple):
    """One database; `kind` is the set of migrations that it is laid out by."""

    kind: Literal["ledger", "sector"]
    database: str

    @property
    def owner(self) -> str:
        """The role that migrates, and that no process has."""
        return f"{self.database}_owner"

    @property
    def service(self) -> str:
        """The role of the process that writes."""
        return f"{self.database}_service"

    @property
    def reader(self) -> str:
        """The role of whoever only reads."""
        return f"{self.database}_reader"

    @property
    def roles(self) -> tuple[str, str, str]:
        """All three."""
        return (self.owner, self.service, self.reader)


def validator_store(name: str) -> Store:
    """Answer a validator's database."""
    return Store("ledger", f"validator_{name}")


def sector_store(name: str) -> Store:
    """Answer a sector's database."""
    return Store("sector", f"sector_{name}")


def all_stores() -> tuple[Store, ...]:
    """Answer every database of the network."""
    return (*map(validator_store, VALIDATORS), *map(sector_store, sector_names()))
