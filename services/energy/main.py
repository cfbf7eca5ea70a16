"""Wiring of energy's process: the generic service, told about this sector."""

from litopys.service import process
from services.energy.sector import SECTOR


def main() -> None:
    """Run the sector's process until a signal ends it."""
    process.main(SECTOR)
