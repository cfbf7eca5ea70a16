"""`python -m services.energy.issuing`: certify and settle months of some plants, and lead their guarantees on."""

import argparse
import sys
import time
from pathlib import Path

from litopys.errors import LitopysError
from services.energy.importers import SOLAR_PLANT, WIND_PLANT
from services.energy.issuing.lives import Life
from services.energy.issuing.months import Closed, Issuing, months_between
from services.energy.issuing.service import EnergyService, Officer, Refused

# An EIC of nobody, like those of the importers.
TRADER = "99XTRADER-ONE--4"


def main(arguments: list[str] | None = None) -> int:
    """Run until every month is settled; answers 1 where the sector refused something or could not be reached."""
    parser = argparse.ArgumentParser(prog="python -m services.energy.issuing", description=__doc__)
    parser.add_argument("--url", required=True, help="the sector's service, such as http://localhost:8110")
    parser.add_argument("--token-key", required=True, type=Path, help="the key that signs local tokens")
    parser.add_argument("--actor", default="issuing-body-1", help="who acts")
    parser.add_argument("--plant", action="append", help="EIC; those of the importers unless given")
    parser.add_argument("--first", default="2022-01", help="the first month")
    parser.add_argument("--last", default="2024-12", help="the last month")
    given = parser.parse_args(arguments)
    service = EnergyService.at(given.url, Officer(given.actor, given.token_key))
    began = time.monotonic()
    try:
        settled = sum(
            issue_months(service, plant, months_between(given.first, given.last))
            for plant in given.plant or (SOLAR_PLANT, WIND_PLANT)
        )
    except (Refused, LitopysError, LookupError) as error:
        sys.stderr.write(f"issuing: {error}\n")
        return 1
    took_s = time.monotonic() - began
    sys.stdout.write(f"{settled} months settled with {service.commands} commands in {took_s:.1f} s\n")
    return 0


def issue_months(service: EnergyService, plant: str, months: list[str]) -> int:
    """Settle a plant's months in order, and lead the guarantees of each; answers how many months had an account."""
    issuing, life = Issuing(service), Life(service, TRADER)
    before: Closed | None = None
    settled = 0
    for month in months:
        done = issuing.settle(plant, month, before)
        if done is None:
            before = None  # nothing is carried over a month without an account
            continue
        before, batches = done
        for batch in batches:
            life.lead(batch)
        settled += 1
    return settled


if __name__ == "__main__":
    sys.exit(main())
