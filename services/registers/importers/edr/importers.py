"""The importers of the EDR: single records as JSON, and the full export as XML by the XSD of legal entities."""

from typing import Final

from litopys.exports.json_list import count_items, read_items
from litopys.service.imports.importer import Importer
from services.registers.importers.edr.deciding import decide_subject, targets
from services.registers.importers.edr.subjects import count_subjects, is_edr_json, is_edr_xml, read_subjects

# A few records are no export of the whole: what they lack has not vanished from the register.
ENTITIES_JSON: Final = Importer(
    name="entities-json",
    register="EDR: single records of legal entities",
    title="Records of legal entities in the EDR, JSON",
    mapping_version=1,
    recognises=is_edr_json,
    holds_personal_fields=True,
    count_rows=count_items,
    rows=read_items,
    targets=targets,
    decide=decide_subject,
    reads_held=frozenset({"legal_entity"}),
)

ENTITIES_XML: Final = Importer(
    name="entities-xml",
    register="EDR: legal entities",
    title="Full export of legal entities in the EDR, XML by UO_FULL_out.xsd",
    mapping_version=1,
    recognises=is_edr_xml,
    holds_personal_fields=True,
    count_rows=count_subjects,
    rows=read_subjects,
    targets=targets,
    decide=decide_subject,
    reads_held=frozenset({"legal_entity"}),
)
