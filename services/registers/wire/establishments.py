"""Bodies of the commands on establishments."""

from typing import Any, ClassVar, Final

from litopys.event.streams import Citation
from litopys.service.sealing import Sealing
from litopys.service.wire.bodies import Body, common_bodies, example
from litopys.service.wire.parts import BasisPart, LineText, MomentText
from litopys.sourcing.common import Imported
from services.registers.domain.establishment import commands as c
from services.registers.domain.establishment.evolve import ESTABLISHMENT
from services.registers.domain.establishment.state import KEY
from services.registers.wire.entity_parts import EstablishmentDetailsPart, OwnerPart, PlacePart

KEY_EXAMPLE: Final = "schools:0f8fad5bd9cb469fa16570867728950e"
_APPLICATION = {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"}
_SINCE = "2026-03-01"
_SCHOOL = {
    "details": {"name": "Ліцей № 1", "kind": "заклад середньої освіти", "type": "ліцей", "level": "I-III"},
    "place": {"address": "вул. Уявна, 1", "postcode": "99001", "koatuu": "9910100000"},
    "owner": {"entity": "0f8fad5bd9cb469fa16570867728950e", "version": 1, "edrpou": "99000011"},
    "basis": _APPLICATION,
}


class _SaidBody(Body):
    """What is said of an establishment; its entity is cited."""

    makes: ClassVar[type[Any]]
    details: EstablishmentDetailsPart
    place: PlacePart
    owner: OwnerPart
    basis: BasisPart

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command; no person is named."""
        del sealing
        cited = Citation(f"legal_entity:{self.owner.entity}", self.owner.version)
        given = {
            name: value.plain() if hasattr(value, "plain") else value
            for name in type(self).model_fields
            for value in (getattr(self, name),)
        }
        return self.makes(cited=cited, imported=imported, **given)


class EstablishmentRecordBody(_SaidBody):
    """Take an establishment over from the register that held it."""

    model_config = example(as_of=_SINCE, **_SCHOOL)
    makes = c.RecordEstablishment
    as_of: MomentText
    opened: MomentText | None = None


class OpeningBody(_SaidBody):
    """Enter a new establishment."""

    model_config = example(valid_from=_SINCE, **_SCHOOL)
    makes = c.OpenEstablishment
    valid_from: MomentText


class DetailsBody(_SaidBody):
    """Enter all that is said of the establishment now."""

    model_config = example(valid_from=_SINCE, **_SCHOOL)
    makes = c.ChangeDetails
    valid_from: MomentText


class EstablishmentClosingBody(Body):
    """Enter the end of the establishment."""

    model_config = example(reason="рішення ради", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.CloseEstablishment
    reason: LineText
    valid_from: MomentText
    basis: BasisPart


ESTABLISHMENT_BODIES: Final[dict[str, type[Body]]] = {
    "record": EstablishmentRecordBody,
    "register": OpeningBody,
    "change-details": DetailsBody,
    "close": EstablishmentClosingBody,
    **common_bodies(
        ESTABLISHMENT,
        key_pattern=KEY,
        key_example="schools:1f8fad5bd9cb469fa16570867728950e",
        correction={"field": "place/postcode", "old": "9901", "new": "09901"},
    ),
}
