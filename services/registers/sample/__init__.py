"""Synthetic exports: parcels of a region that does not exist, with titles, holders and life cycles."""

from typing import Final

from litopys.service.sector import Sample
from services.registers.sample.features import sample

SAMPLES: Final = (
    Sample(name="titles", title="Parcels with titles, holders and life cycles", importer="titles", make=sample),
)
