"""Persons as they arrive: their codes are checked and flagged here, then every field is sealed.

A code that fails its check is kept as text and flagged, never refused: registers are full of them.
"""

from typing import Final, Literal, TypedDict

from stdnum.ua import edrpou, rntrc

from litopys.service.sealing import Sealing
from litopys.sourcing.personal import SealedPerson

PersonKind = Literal["natural", "legal"]
CodeCheck = Literal["valid", "failing", "placeholder"]

# They pass the check digit, and stand in real registers for "none".
PLACEHOLDERS: Final = frozenset({"00000000", "12345679", "11111111", "99999999", "0000000000", "1111111111"})


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


def check_code(kind: PersonKind, code: str) -> CodeCheck:
    """Judge an RNOKPP (natural persons) or EDRPOU (legal ones) by its check digit and the placeholders in use."""
    if code in PLACEHOLDERS:
        return "placeholder"
    # Only digits as they stand: the library would drop spaces and prefixes first.
    plain = code.isascii() and code.isdigit()
    sound = plain and (rntrc.is_valid(code) if kind == "natural" else edrpou.is_valid(code))
    return "valid" if sound else "failing"
