"""Wiring of the registers' process: the generic service, told about this sector."""

from litopys.service import process
from services.registers.sector import SECTOR


def main() -> None:
    """Run the sector's process until a signal ends it."""
    process.main(SECTOR)
