"""Households and beneficiaries as they arrive: their codes are checked and flagged here, then every field is sealed.

A household's EIC and all that is known of it is closed. A beneficiary is named in a statement that is published: its
fields are open, digests on the ledger like any other; but the tax number of a natural person is closed there too.
"""

from typing import Final, Literal, TypedDict

from litopys.service.codes import CodeCheck, check_edrpou, check_eic, check_rnokpp
from litopys.service.sealing import PersonalField, Sealing
from litopys.sourcing.personal import SealedPerson

PartyKind = Literal["natural", "legal"]

HOUSEHOLD: Final = {
    "eic": PersonalField("EIC of the household's plant"),
    "eic_check": PersonalField("Whether the EIC passes its check"),
    "name": PersonalField("Name of the household"),
    "code": PersonalField("RNOKPP of the household", identifies=True),
    "address": PersonalField("Home address"),
    "readings": PersonalField("Wh of successive intervals"),
}
BENEFICIARY: Final = {
    "kind": PersonalField("Whether the beneficiary is natural or legal", is_open=True),
    "name": PersonalField("Name of the beneficiary", is_open=True),
    "edrpou": PersonalField("EDRPOU of a legal beneficiary", is_open=True),
    "code": PersonalField("RNOKPP of a natural beneficiary", identifies=True),
    "code_check": PersonalField("Whether the code passes its check", is_open=True),
    "country": PersonalField("Country of the beneficiary", is_open=True),
}


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
    """Seal a beneficiary under a fresh id: five fields, whichever are known; all are open but a natural one's code."""
    code, kind = beneficiary["code"], beneficiary["kind"]
    published = {
        "kind": kind,
        "name": beneficiary["name"],
        "code_check": None if code is None else _check(kind, code),
        "country": beneficiary["country"],
    }
    if kind == "natural":
        return sealing.seal_person(closed={"code": code}, open_=published)
    return sealing.seal_person(closed={}, open_={**published, "edrpou": code})


def seal_readings(sealing: Sealing, wh: tuple[int, ...]) -> SealedPerson:
    """Seal a household's readings, Wh of successive intervals, as one closed field."""
    return sealing.seal_person(closed={"readings": list(wh)})


def _check(kind: PartyKind, code: str) -> CodeCheck:
    return check_rnokpp(code) if kind == "natural" else check_edrpou(code)
