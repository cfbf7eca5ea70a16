"""State of an establishment: what it is, where it is, and which legal entity stands behind it."""

from dataclasses import dataclass
from typing import Annotated, Final

from litopys.sourcing.common import Standing
from litopys.sourcing.constraints import MaxBytes, Pattern
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import RANDOM_ID, Digest
from services.registers.domain.legal_entity.state import AddressText, CodeText, Edrpou, Katottg, Koatuu, LegalName

KEY: Final = f"[a-z][a-z0-9-]{{0,30}}:{RANDOM_ID}"
"""Of a stream: the register that keeps it, and a random id."""

EntitySubject = Annotated[str, Pattern(f"legal_entity:{RANDOM_ID}")]
Word = Annotated[str, MaxBytes(250, least=1)]


@dataclass(frozen=True, slots=True)
class Details:
    """What it is, in the words of its register; None: not said."""

    name: LegalName
    kind: Word | None
    type: Word | None
    level: Word | None
    financing: Word | None
    language: Word | None
    site: Word | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is: address and settlement as texts, the territory by whichever code the register uses."""

    address: AddressText | None
    postcode: Annotated[str, MaxBytes(20, least=1)] | None
    settlement: Word | None
    settlement_kind: Word | None
    region: Word | None
    koatuu: Koatuu | None
    katottg: Katottg | None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who stands behind it: a stream that the event cites, with its code; or a code alone, kept as it stood."""

    entity: EntitySubject | None
    edrpou: Edrpou | None
    other_code: CodeText | None


@dataclass(frozen=True, slots=True)
class EstablishmentState:
    """An establishment; `valid_from` is that of what is said of it, `particulars` digests fields that events keep."""

    standing: Standing
    opened: Moment | None
    details: Details
    place: Place
    owner: Owner
    valid_from: Moment | None
    particulars: Digest | None
