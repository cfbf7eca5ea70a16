"""Synthetic exports: parcels of a region that does not exist, entities and schools that do not either."""

from typing import Final

from litopys.service.imports.importer import Sample
from services.registers.sample.changes import sample_changes
from services.registers.sample.edr import sample_entities
from services.registers.sample.features import sample, sample_parcels, sample_valuations
from services.registers.sample.schools import sample_schools

SAMPLES: Final = (
    Sample(name="titles", title="Parcels with titles, holders and life cycles", importer="titles", make=sample),
    Sample(name="parcels", title="Parcels without titles, GeoJSON", importer="parcels", make=sample_parcels),
    Sample(name="valuations", title="Normative valuations, GeoJSON", importer="valuations", make=sample_valuations),
    Sample(
        name="entities",
        title="Legal entities with founders, beneficiaries, signers and their ends, as the EDR exports them in XML",
        importer="entities-xml",
        make=sample_entities,
    ),
    Sample(
        name="changes",
        title="Divisions and mergers that another register decided, as histories",
        importer="histories",
        make=sample_changes,
    ),
    Sample(name="schools", title="Schools with their legal entities, CSV", importer="schools", make=sample_schools),
)
