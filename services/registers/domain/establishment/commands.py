"""Commands of an establishment. `cited` is the address in the legal entity's stream on which the owner rests."""

from dataclasses import dataclass

from litopys.event.streams import Citation
from litopys.sourcing.common import Basis, Imported, Original
from services.registers.domain.establishment.state import Details, Owner, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEstablishment:
    """Take an establishment over from the register that held it."""

    as_of: str
    details: Details
    place: Place
    owner: Owner
    cited: Citation | None
    basis: Basis
    opened: str | None = None
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEstablishment:
    """Enter a new establishment."""

    details: Details
    place: Place
    owner: Owner
    cited: Citation | None
    valid_from: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDetails:
    """Enter all that is said of the establishment from a moment on."""

    details: Details
    place: Place
    owner: Owner
    cited: Citation | None
    valid_from: str
    basis: Basis
    original: tuple[Original, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseEstablishment:
    """Enter the end of the establishment."""

    reason: str
    valid_from: str
    basis: Basis
    imported: Imported | None = None
