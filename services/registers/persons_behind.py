"""Persons behind a legal entity as they arrive: open fields and closed ones, sealed, as many digests for everyone.

The law publishes who founds, owns, heads and signs for an entity, with country, share and role: these are open, and
still erasable. Codes, documents, addresses and contacts are closed.
"""

from collections.abc import Mapping
from typing import Final

from litopys.service.codes import check_edrpou, check_rnokpp
from litopys.service.sealing import PersonalField, Sealing
from litopys.sourcing.personal import SealedPerson

OPEN: Final = ("kind", "name", "country", "role", "edrpou", "share", "contribution", "source")
CLOSED: Final = ("code", "code_check", "document", "address", "contact", "private_source")
BESIDE_OPEN: Final = ("members", "branches", "more")
BESIDE_CLOSED: Final = ("contacts", "address", "private_more")

PERSONAL: Final = {
    "kind": PersonalField("Whether the person is natural or legal", is_open=True),
    "name": PersonalField("Full name, or the name of a legal person", is_open=True),
    "country": PersonalField("Country of citizenship or registration", is_open=True),
    "role": PersonalField("What the person is to the entity", is_open=True),
    "edrpou": PersonalField("EDRPOU of a legal person", is_open=True),
    "share": PersonalField("Share in the capital", is_open=True),
    "contribution": PersonalField("Contribution to the capital", is_open=True),
    "source": PersonalField("What the source says of the person, as far as it is published", is_open=True),
    "code": PersonalField("RNOKPP of a natural person", identifies=True),
    "code_check": PersonalField("Whether the code passes its check"),
    "document": PersonalField("Identity document, where the person has no code"),
    "address": PersonalField("Home address"),
    "contact": PersonalField("Private contact"),
    "private_source": PersonalField("What the source says of the person that is not published"),
    "members": PersonalField("Members of bodies, as the source lists them", is_open=True),
    "branches": PersonalField("Branches with their heads, as the source lists them", is_open=True),
    "more": PersonalField("What else the source publishes of persons", is_open=True),
    "contacts": PersonalField("Contacts, as the source lists them"),
    "private_more": PersonalField("What else the source says of persons that is not published"),
}


def seal_behind(sealing: Sealing, given: Mapping[str, object | None], *, known_as: str | None = None) -> SealedPerson:
    """Seal a person under a fresh id, or again under the id that it has; the check of a code is worked out here.

    Raises KeyError for an unknown field.
    """
    fields = dict(given)
    code = fields.get("code")
    if isinstance(code, str):
        fields["code_check"] = check_edrpou(code) if fields.get("kind") == "legal" else check_rnokpp(code)
    return _seal(sealing, known_as or sealing.new_id(), fields, open_=OPEN, closed=CLOSED)


def seal_beside(sealing: Sealing, given: Mapping[str, object | None]) -> SealedPerson:
    """Seal what a source says of persons and contacts beside those who have events of their own."""
    return _seal(sealing, sealing.new_id(), given, open_=BESIDE_OPEN, closed=BESIDE_CLOSED)


def _seal(
    sealing: Sealing,
    identifier: str,
    given: Mapping[str, object | None],
    *,
    open_: tuple[str, ...],
    closed: tuple[str, ...],
) -> SealedPerson:
    unknown = set(given) - {*open_, *closed}
    if unknown:
        raise KeyError(f"no field of such persons: {', '.join(sorted(unknown))}")
    return sealing.seal(
        identifier,
        closed={name: given.get(name) for name in closed},
        open_={name: given.get(name) for name in open_},
    )
