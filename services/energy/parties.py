"""Households and beneficiaries as they arrive: their codes are checked and flagged here, then every field is sealed.

A household's EIC and all that is known of it is closed. A beneficiary is named in a statement that is published: its
fields are open, digests on the ledger like any other.
"""

from typing import Literal, TypedDict

from litopys.service.codes import CodeCheck, check_edrpou, check_eic, check_rnokpp
from litopys.service.sealing import Sealing
from litopys.sourcing.personal import SealedPerson

PartyKind = Literal["natural", "legal"]


class PlainHousehold(TypedDict):
    """A household that produces; None: not known."""

    eic: str
    name: str
    code: str | None
    address: str | None


class PlainBeneficiary(TypedDict):
    """For whose consumption a guarantee is redeemed; None: not known. `country` by ISO 3166, two letters."""

    kind: PartyKind
    name: str
    code: str | None
    country: str | None


def seal_household(sealing: Sealing, household: PlainHousehold) -> SealedPerson:
    """Seal a household under a fresh id: five closed fields, whichever are known."""
    code = household["code"]
    return sealing.seal_person(
        closed={
            "eic": household["eic"],
            "eic_check": check_eic(household["eic"]),
            "name": household["name"],
            "code": code,
            "address": household["address"],
        }
    )


def seal_beneficiary(sealing: Sealing, beneficiary: PlainBeneficiary) -> SealedPerson:
    """Seal a beneficiary under a fresh id: five open fields, whichever are known."""
    code = beneficiary["code"]
    return sealing.seal_person(
        closed={},
        open_={
            "kind": beneficiary["kind"],
            "name": beneficiary["name"],
            "code": code,
            "code_check": None if code is None else _check(beneficiary["kind"], code),
            "country": beneficiary["country"],
        },
    )


def seal_readings(sealing: Sealing, wh: tuple[int, ...]) -> SealedPerson:
    """Seal a household's readings, Wh of successive intervals, as one closed field."""
    return sealing.seal_person(closed={"readings": list(wh)})


def _check(kind: PartyKind, code: str) -> CodeCheck:
    return check_rnokpp(code) if kind == "natural" else check_edrpou(code)
