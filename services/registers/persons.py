"""Persons as they arrive: their codes are checked and flagged here, then every field is sealed.

A code that fails its check is kept as text and flagged, never refused: registers are full of them.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypedDict

from litopys.service.codes import CodeCheck, check_edrpou, check_rnokpp
from litopys.service.sealing import PersonalField, Sealing
from litopys.sourcing.personal import SealedPerson

FIELDS: Final = ("kind", "name", "code", "code_check", "document", "address")

PersonKind = Literal["natural", "legal"]

PERSONAL: Final = {
    "kind": PersonalField("Whether the person is natural or legal"),
    "name": PersonalField("Full name, or the name of a legal person"),
    "code": PersonalField("RNOKPP of a natural person, EDRPOU of a legal one", identifies=True),
    "code_check": PersonalField("Whether the code passes its check: valid, failing, placeholder"),
    "document": PersonalField("Identity document, where the person has no code"),
    "address": PersonalField("Home address, or where a legal person sits"),
}


class PlainPerson(TypedDict):
    """A person with every field that is sealed; None: not known."""

    kind: PersonKind
    name: str
    code: str | None
    document: str | None
    address: str | None


def seal_person(sealing: Sealing, person: PlainPerson) -> SealedPerson:
    """Seal a person under a fresh id: six closed fields, whichever are known."""
    code = person["code"]
    check = None if code is None else check_code(person["kind"], code)
    return sealing.seal_person(
        closed={
            "kind": person["kind"],
            "name": person["name"],
            "code": code,
            "code_check": check,
            "document": person["document"],
            "address": person["address"],
        }
    )


def seal_again(sealing: Sealing, fields: Mapping[str, object]) -> SealedPerson:
    """Seal a person whose fields are held already under another id: what was erased there has a decoy here too."""
    return sealing.seal_person(closed={name: fields.get(name) for name in FIELDS})


def check_code(kind: PersonKind, code: str) -> CodeCheck:
    """Judge an RNOKPP (natural persons) or EDRPOU (legal ones) by its check digit and the placeholders in use."""
    return check_rnokpp(code) if kind == "natural" else check_edrpou(code)
