"""Synthetic exports: hours of plants, hours of markets, and months with what became of their certificates."""

from typing import Final

from litopys.service.imports.histories import HISTORIES
from litopys.service.imports.importer import Sample
from services.energy.sample import lives, market, output

SAMPLES: Final = (
    Sample(
        name="lives",
        title="Accounts of plants and households with certificates and guarantees of origin, as histories",
        importer=HISTORIES,
        make=lives.sample,
    ),
    Sample(name="output", title="Hourly output of plants", importer="plant-output", make=output.sample),
    Sample(name="market", title="Prices of the day-ahead market", importer="day-ahead", make=market.sample),
)
